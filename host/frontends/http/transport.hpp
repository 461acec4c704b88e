// SPDX-License-Identifier: MIT
#pragma once
// What a connection's bytes go through: nothing, or TLS. It never waits: it says what to wait for.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace microengine::http {

/// One thread at a time. The descriptor is the owner's of the transport, does not block and outlives it.
class Transport {
public:
    enum class State : std::uint8_t {
        moved,
        wait_read,    ///< once the descriptor is readable, again
        wait_write,   ///< writable
        end,          ///< the peer sends no more
        broken,
    };
    struct Step {
        State state = State::broken;
        std::size_t bytes = 0;   ///< with moved: how many
    };

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// What must be said before bytes flow. moved: they can.
    [[nodiscard]] virtual Step handshake() = 0;
    [[nodiscard]] virtual Step read(std::span<char> into) = 0;
    /// May take less than all.
    [[nodiscard]] virtual Step write(std::string_view bytes) = 0;
    /// Says that no more is written, if it can be said at once.
    virtual void finish() = 0;
};

[[nodiscard]] std::unique_ptr<Transport> plain_transport(int fd);

}   // namespace microengine::http
