// SPDX-License-Identifier: MIT
#pragma once
// ClamAV's daemon protocol as pure functions over bytes: commands and streams in. clamd(8) and the behaviour
// of clamd 1.4 are the source; docs/clamd.md says where this server differs.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace microengine::clamd {

enum class Word : std::uint8_t {
    scan,
    quit,
    shutdown,
    reload,
    ping,
    contscan,
    versioncommands,
    version,
    end,
    multiscan,
    fildes,
    stats,
    idsession,
    instream,
    allmatchscan,
};
inline constexpr std::size_t kWords = 15;

/// How a command began, and so how its reply ends.
enum class Form : std::uint8_t {
    z,     ///< zWORD\0
    n,     ///< nWORD\n
    old,   ///< WORD, to the end of the line or of the packet
};

struct Command {
    Word word = Word::ping;
    Form form = Form::old;
    std::string argument;   ///< a path: bytes
};

struct Parsed {
    enum class Status : std::uint8_t {
        incomplete,   ///< more bytes are needed; nothing is used
        command,
        empty_stream,   ///< four zero bytes: an INSTREAM of nothing by a client that forgot the command
        unknown,        ///< answered UNKNOWN COMMAND
        too_long,       ///< no answer: what sends this is no client
    };
    Status status = Status::incomplete;
    Command command;        ///< of an unknown one only the form
    std::size_t used = 0;   ///< bytes of the buffer that it took
};

/// Commands have no more bytes than this, prefix and terminator included.
inline constexpr std::size_t kLongestCommand = 4104;

/// The command at the start of the buffer. `settled`: no more bytes will come soon, so one of the old style
/// ends here, as it does at the end of a packet.
[[nodiscard]] Parsed read_command(std::string_view buffer, bool settled);

[[nodiscard]] std::string_view to_text(Word word);
[[nodiscard]] char terminator(Form form);

/// The body of INSTREAM: chunks of a 32-bit big-endian length and as many bytes; length 0 ends it.
class ChunkReader {
public:
    explicit ChunkReader(std::uint64_t limit) : limit_(limit) {}

    enum class Status : std::uint8_t {
        more,        ///< all bytes are used, and more are needed
        data,        ///< `data` is the next piece of the artifact
        done,        ///< the stream is complete
        too_large,   ///< by the length that the next chunk announces
    };
    struct Step {
        Status status = Status::more;
        std::size_t used = 0;
        std::span<const std::uint8_t> data = {};   ///< of the buffer
    };
    /// Looks at the buffer's next bytes; call again with what is left.
    [[nodiscard]] Step next(std::span<const std::uint8_t> buffer);

private:
    std::uint64_t limit_;
    std::uint64_t received_ = 0;
    std::uint32_t header_ = 0;   // the bytes of it that have come
    unsigned header_bytes_ = 0;
    std::uint32_t left_ = 0;   // of the chunk
};

}   // namespace microengine::clamd
