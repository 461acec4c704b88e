// SPDX-License-Identifier: MIT
#pragma once
// A clamd that says what it is told to, however wrong, over TCP and a socket file.

#include <functional>
#include <string>
#include <thread>

namespace microengine::clamd {

/// One thread. A connection at a time.
class FakeClamd {
public:
    /// Of a connection's first command.
    struct Says {
        std::string ping = std::string("PONG\0", 5);
        std::string version = std::string("ClamAV 1.4.6/27500/Mon Jan  6 09:40:55 2025\0", 44);
        std::string stream = {};   ///< the bytes, with their zero byte, or not
        bool reads = true;         ///< the whole stream, before it answers
        bool resets = false;       ///< then, with a reset instead of an orderly end
        bool silent = false;       ///< takes the connection and says nothing to a stream
    };
    /// Listens on a free port of 127.0.0.1, or at `socket`.
    explicit FakeClamd(Says says, const std::string& socket = "");
    ~FakeClamd();
    FakeClamd(const FakeClamd&) = delete;
    FakeClamd& operator=(const FakeClamd&) = delete;
    FakeClamd(FakeClamd&&) = delete;
    FakeClamd& operator=(FakeClamd&&) = delete;

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// The bytes of the last stream. After a scan.
    [[nodiscard]] const std::string& received() const { return received_; }

private:
    void serve(int client);
    [[nodiscard]] bool read_stream(int client);

    Says says_;
    int listener_ = -1;
    int end_ = -1;   // an eventfd: written to when it shall end
    int port_ = 0;
    std::string received_;
    std::jthread thread_;
};

}   // namespace microengine::clamd
