// SPDX-License-Identifier: MIT
#pragma once
// One end of a socket between host, zygote and worker: whole messages, with descriptors where the message
// says so. SOCK_SEQPACKET keeps messages apart and tells when the other end is gone.

#include "host/util/result.hpp"
#include "host/util/unique_fd.hpp"
#include "host/wire/codec.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microengine::wire {

enum class Got : std::uint8_t {
    message,
    nothing,   ///< not yet
    closed,    ///< the other end is gone
    broken,    ///< longer than a message may be, or with too many descriptors
};

/// Sending and receiving by one thread at a time each.
class Channel {
public:
    Channel() = default;
    explicit Channel(util::UniqueFd fd) : fd_(std::move(fd)) {}
    /// Both ends.
    [[nodiscard]] static util::Result<std::pair<Channel, util::UniqueFd>> make();

    [[nodiscard]] int fd() const { return fd_.get(); }
    void close() { fd_.reset(); }

    enum class Patience : std::uint8_t { wait, refuse };
    /// False: the other end is gone, or (Patience::refuse) does not keep up, or it is too long.
    template <class Message>
    bool send(const Message& message, std::span<const int> fds = {}, Patience patience = Patience::wait) {
        encode(message, out_);
        return send_bytes(out_, fds, patience);
    }
    bool send_bytes(std::string_view bytes, std::span<const int> fds, Patience patience);

    /// The next message, without waiting; its bytes and descriptors stay until the next call.
    [[nodiscard]] Got receive();
    /// The same, waiting until `deadline_ns` of CLOCK_MONOTONIC, 0: for ever; or until `stop` can be read.
    [[nodiscard]] Got wait(std::uint64_t deadline_ns, int stop = -1);
    [[nodiscard]] std::string_view bytes() const { return {in_.get(), size_}; }
    [[nodiscard]] std::vector<util::UniqueFd>& fds() { return fds_; }

private:
    [[nodiscard]] Got receive_with(int flags);

    util::UniqueFd fd_;
    std::string out_;
    std::unique_ptr<char[]> in_;
    std::size_t size_ = 0;
    std::vector<util::UniqueFd> fds_;
};

/// Until one of `fds` can be read or its other end is gone; false: the deadline passed. 0: none.
[[nodiscard]] bool wait_any(std::span<const int> fds, std::uint64_t deadline_ns);

}   // namespace microengine::wire
