// SPDX-License-Identifier: MIT
#include "host/cache/stored_result.hpp"

#include "host/core/bounds.hpp"
#include "host/util/digest.hpp"
#include "host/wire/codec.hpp"

#include <cstdint>
#include <cstring>

namespace microengine::cache {
namespace {

constexpr std::size_t kCheckSum = 16;   // bytes

// How many detections there are; then the result and they, each a length and a message.
void append(std::uint32_t number, std::string& out) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof raw);
    out.append(raw, sizeof raw);
}
template <class Message>
void append(const Message& message, std::string& scratch, std::string& out) {
    wire::encode(message, scratch);
    append(static_cast<std::uint32_t>(scratch.size()), out);
    out += scratch;
}

std::optional<std::uint32_t> number(std::string_view& bytes) {
    std::uint32_t number = 0;
    if (bytes.size() < sizeof number) return std::nullopt;
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return number;
}

template <class Message>
std::optional<Message> next(std::string_view& bytes) {
    const auto size = number(bytes);
    if (!size || *size > bytes.size()) return std::nullopt;
    const std::string_view message = bytes.substr(0, *size);
    bytes.remove_prefix(*size);
    return wire::decode<Message>(message);
}

/// Against damage, not against forgery: whoever can write the file could make it.
std::string check_sum(const core::CacheKey& key, std::string_view row) {
    util::Sha256Stream digest;
    digest.update(key.artifact);
    digest.update(key.backend);
    digest.update({reinterpret_cast<const std::uint8_t*>(row.data()), row.size()});   // NOLINT: a byte view
    const util::Sha256 sum = digest.finish();
    return {reinterpret_cast<const char*>(sum.data()), kCheckSum};   // NOLINT: a byte view
}

}   // namespace

std::string store(const core::CacheKey& key, const core::ScanResult& result) {
    std::string out, scratch;
    wire::Done done{.number = 0, .result = result};
    done.result.backend = nullptr;
    done.result.duration_ns = 0;
    append(static_cast<std::uint32_t>(result.detections.size()), out);
    append(done, scratch, out);
    for (const core::Detection& found : result.detections)
        append(wire::Found{.detection = found}, scratch, out);
    out += check_sum(key, out);
    return out;
}

std::optional<core::ScanResult> restore(const core::CacheKey& key, std::string_view bytes) {
    if (bytes.size() < kCheckSum) return std::nullopt;
    const std::string_view sum = bytes.substr(bytes.size() - kCheckSum);
    bytes.remove_suffix(kCheckSum);
    if (sum != check_sum(key, bytes)) return std::nullopt;
    const auto detections = number(bytes);
    auto done = detections ? next<wire::Done>(bytes) : std::nullopt;
    if (!done || *detections > core::kMaxDetections) return std::nullopt;
    core::ScanResult result = std::move(done->result);
    for (std::uint32_t i = 0; i < *detections; ++i) {
        auto found = next<wire::Found>(bytes);
        if (!found) return std::nullopt;
        result.detections.push_back(std::move(found->detection));
    }
    if (!bytes.empty() || !core::is_cacheable(result) || !wire::is_believable(result) ||
        result.verdict < core::strongest(result.detections))
        return std::nullopt;
    result.cached = true;
    return result;
}

}   // namespace microengine::cache
