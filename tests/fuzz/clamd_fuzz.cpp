// SPDX-License-Identifier: MIT
// What clients of clamd may send: commands and streams, cut into packets anywhere. The first byte says how
// large they are, and whether all alike: what is read must not depend on it.
#include "host/frontends/clamd/protocol.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace clamd = microengine::clamd;
constexpr std::uint64_t kLimit = 5000;

void check(bool holds) {
    if (!holds) std::abort();
}

/// Sizes of packets: all alike, or each another one up to that.
class Packets {
public:
    Packets(std::size_t most, bool alike) : most_(most), alike_(alike) {}
    std::size_t next() {
        if (alike_) return most_;
        state_ = state_ * 1'103'515'245U + 12'345U;
        return 1 + (state_ >> 16U) % most_;
    }

private:
    std::size_t most_;
    bool alike_;
    std::uint32_t state_ = 1;
};

/// The connection's loop without its socket: what it would obey and store, as text.
std::string read_all(std::string_view bytes, Packets packets) {
    std::string seen;
    std::string in;
    bool streaming = false;
    clamd::ChunkReader chunks(kLimit);
    std::uint64_t stored = 0;
    while (!bytes.empty()) {
        const std::string_view packet = bytes.substr(0, packets.next());
        bytes.remove_prefix(packet.size());
        in += packet;
        for (;;) {
            if (streaming) {
                const std::span piece(reinterpret_cast<const std::uint8_t*>(in.data()), in.size());
                const auto step = chunks.next(piece);
                check(step.used <= in.size());
                stored += step.data.size();
                check(stored <= kLimit);
                seen.append(reinterpret_cast<const char*>(step.data.data()), step.data.size());
                in.erase(0, step.used);
                if (step.status == clamd::ChunkReader::Status::too_large) return seen + "<too large>";
                if (step.status == clamd::ChunkReader::Status::more) break;
                if (step.status == clamd::ChunkReader::Status::done) {
                    seen += "<done>";
                    streaming = false;
                    chunks = clamd::ChunkReader(kLimit);
                    stored = 0;
                }
                continue;
            }
            // Old-style commands end with their packet: how it is cut matters there, and only there.
            const bool old_style = !in.empty() && in.front() != 'z' && in.front() != 'n';
            if (old_style) return seen + "<old>";
            const clamd::Parsed parsed = clamd::read_command(in, false);
            check(parsed.used <= in.size());
            if (parsed.status == clamd::Parsed::Status::incomplete) {
                check(in.size() <= clamd::kLongestCommand);
                break;
            }
            if (parsed.status == clamd::Parsed::Status::too_long) return seen + "<too long>";
            check(parsed.used > 0);
            in.erase(0, parsed.used);
            if (parsed.status != clamd::Parsed::Status::command) return seen + "<unknown>";
            check(parsed.command.argument.size() < clamd::kLongestCommand);
            seen += '<';
            seen += clamd::to_text(parsed.command.word);
            seen += ' ';
            seen += parsed.command.argument;
            seen += '>';
            streaming = parsed.command.word == clamd::Word::instream;
        }
    }
    return seen;
}

}   // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = read_all(bytes, Packets(std::max<std::size_t>(bytes.size(), 1), true));
    check(read_all(bytes, Packets(1, true)) == whole);
    check(read_all(bytes, Packets(1 + data[0] % 64, data[0] >= 128)) == whole);
    for (const bool settled : {false, true}) (void)clamd::read_command(bytes, settled);
    return 0;
}
