// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include "plugins/support/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace microengine::clamd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostName = 256, kMostFamily = 64;   // as the host cuts them
constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::uint32_t kLargestStream = 0xFFFF'FFFF;
constexpr char kWord[] = "zINSTREAM";   // with its zero byte

/// A chunk's length, big-endian.
std::string head_of(std::size_t size) {
    std::string head;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) head += static_cast<char>(size >> shift & 0xFFU);
    return head;
}

std::vector<Address> addresses_by(const Settings& settings) {
    if (settings.has("socket") == settings.has("address"))
        throw setting_error("address", settings.has("address") ? "there is a socket, too; set one of them"
                                                               : "set this, as host:3310, or socket");
    if (settings.has("socket")) return {address_of_socket(settings.path("socket"))};
    return addresses_of(settings.string("address"));
}

}   // namespace

Backend::Backend(const Settings& settings)
    : addresses_(addresses_by(settings)),
      timeout_(settings.integer("timeout_ms")),
      stream_max_(static_cast<std::uint64_t>(settings.integer("stream_max_bytes"))) {
    const auto patient = [&] {
        return Patience{
            .until = Clock::now() + std::chrono::milliseconds(settings.integer("open_timeout_ms")),
            .check = [&] {
                if (settings.stop()) throw Error(ME_E_CANCELLED, "told to stop while it opened");
            }};
    };
    const std::string pong = ask(addresses_, "PING", patient());
    if (pong != "PONG")
        throw Error(ME_E_FAILED, "what listens at " + addresses_.front().shown +
                                     " is no clamd: it answers PING with \"" + shown(pong) + "\"");
    const std::string version = ask(addresses_, "VERSION", patient());
    if (auto parsed = parse_version(version))
        version_ = *std::move(parsed);
    else
        settings.log(ME_LOG_WARN, "clamd does not tell its version, but \"" + shown(version) + "\"");
}

/// A connection for each scan: it cannot be closed by an idle timeout or a reload between two scans, and no
/// answer can be taken for that of another artifact.
std::string Backend::answer(const Scan& scan) const {
    auto until = Clock::now() + timeout_;
    if (const auto left = scan.time_left(); left < timeout_) until = Clock::now() + left;
    Conversation conversation(addresses_, {.until = until, .check = [&] { scan.check_stop(); }});
    bool takes = conversation.send({kWord, sizeof kWord});
    for (std::string_view rest = scan.text(); takes && !rest.empty();) {
        const std::string_view chunk = rest.substr(0, kChunk);
        takes = conversation.send(head_of(chunk.size())) && conversation.send(chunk);
        rest.remove_prefix(chunk.size());
    }
    if (takes) takes = conversation.send(head_of(0));
    std::string text = conversation.answer();
    // It has not seen the end, whatever it says of the beginning.
    if (!takes && parse_reply(text).kind == Reply::Kind::clean)
        throw Error(ME_E_FAILED, "clamd called the artifact clean before it had all of it");
    return text;
}

void Backend::Scanner::scan(Scan& scan) {
    if (scan.size() > std::min<std::uint64_t>(backend_.stream_max_, kLargestStream)) {
        scan.partial(ME_PARTIAL_TOO_LARGE);
        return;
    }
    const std::string text = backend_.answer(scan);
    report(scan, parse_reply(text));
}

void Backend::Scanner::report(Scan& scan, const Reply& reply) const {
    switch (reply.kind) {
        case Reply::Kind::clean:
            scan.benign();
            scan.bytes_scanned(scan.size());
            return;
        case Reply::Kind::found: {
            const Meaning meaning = meaning_of(reply.text);
            const std::string name = utf8::valid(reply.text, kMostName);
            const std::string family = utf8::valid(family_of(reply.text), kMostFamily);
            scan.add({.name = name, .family = family, .verdict = meaning.verdict});
            if (meaning.partial) scan.partial(*meaning.partial);
            return;
        }
        case Reply::Kind::too_large:
            scan.partial(ME_PARTIAL_TOO_LARGE);
            return;
        case Reply::Kind::error:
            throw Error(ME_E_FAILED, "clamd could not scan it: " + shown(reply.text));
        case Reply::Kind::garbled:
            throw Error(ME_E_FAILED, "clamd's answer is none: \"" + shown(reply.text) + "\"");
    }
}

}   // namespace microengine::clamd
