// SPDX-License-Identifier: MIT
#include "host/bounty/reply.hpp"

#include "host/bounty/json.hpp"
#include "host/bounty/url.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <ranges>

namespace microengine::bounty {

namespace {

using core::Verdict;

constexpr std::size_t kMostFamilyBytes = 256;
constexpr std::size_t kMostComments = 16;
constexpr std::size_t kMostCommentBytes = 256;
constexpr std::size_t kMostVersionBytes = 512;
constexpr std::size_t kMostWordBytes = 64;
// Escapes double a text at most, and 1 KiB is for all the names: without backends it always fits.
static_assert(2 * (kMostFamilyBytes + kMostComments * (kMostCommentBytes + 2) + 2 * kMostVersionBytes +
                   3 * kMostWordBytes) +
                  1024 <=
              kMostMetadataBytes);

/// In quotes: UTF-8 without control characters, of so many bytes before it is escaped.
std::string quoted(std::string_view text, std::size_t max_bytes) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    const std::string utf8 = util::to_utf8(util::cut(text, max_bytes));   // it does not get shorter
    std::string clean;
    for (std::string_view rest = utf8; !rest.empty();) {
        const util::Character character = util::decode(rest);
        const char32_t point = character.point;
        const bool is_control = point < 0x20 || (point >= 0x7F && point < 0xA0);
        clean += is_control ? replacement : rest.substr(0, character.size);
        rest.remove_prefix(character.size);
    }
    return to_json_text(util::cut(clean, max_bytes));
}

/// Members in the order they are added.
class ObjectText {
public:
    void add(std::string_view name, std::string_view raw) {
        text_ += text_.empty() ? '{' : ',';
        text_ += to_json_text(name);
        text_ += ':';
        text_ += raw;
    }
    /// Nothing, if the value is empty.
    void add_text(std::string_view name, std::string_view value, std::size_t max_bytes) {
        if (!value.empty()) add(name, quoted(value, max_bytes));
    }
    /// "{}": nothing was added.
    [[nodiscard]] std::string text() const { return text_.empty() ? "{}" : text_ + "}"; }

private:
    std::string text_;
};

/// Always with a point, and without an exponent.
std::string confidence_text(Confidence confidence) {
    std::string decimals = std::to_string(confidence % kCertainly);
    decimals.insert(0, 6 - decimals.size(), '0');
    decimals.erase(std::max<std::size_t>(decimals.find_last_not_of('0') + 1, 1));   // npos + 1 is 0
    return (confidence < kCertainly ? "0." : "1.") + decimals;
}

/// The start of it that is digits with single dots between.
std::string_view numeric_version(std::string_view version) {
    version = version.substr(0, std::min(version.find_first_not_of("0123456789."), kMostWordBytes));
    version = version.substr(0, version.find(".."));
    if (version.starts_with('.')) return {};
    if (version.ends_with('.')) version.remove_suffix(1);
    return version;
}

std::string comments_text(const std::vector<std::string>& comments) {
    std::string text;
    for (const std::string& comment : comments | std::views::take(kMostComments))
        text += (text.empty() ? "[" : ",") + quoted(comment, kMostCommentBytes);
    return text.empty() ? "[]" : text + "]";
}

std::string scanner_text(const Reply& reply) {
    ObjectText environment;
    environment.add_text("operating_system", lower_case(reply.operating_system), kMostWordBytes);
    environment.add_text("architecture", lower_case(reply.architecture), kMostWordBytes);
    ObjectText scanner;
    scanner.add_text("version", numeric_version(reply.version), kMostWordBytes);
    scanner.add_text("vendor_version", reply.vendor_version, kMostVersionBytes);
    scanner.add_text("signatures_version", reply.signatures_version, kMostVersionBytes);
    scanner.add("environment", environment.text());
    return scanner.text();
}

std::string backends_text(const std::vector<BackendEntry>& backends) {
    std::string text;
    for (const BackendEntry& backend : backends) {
        ObjectText entry;
        entry.add("name", quoted(backend.name, kMostWordBytes));
        entry.add("verdict", quoted(backend.verdict, kMostWordBytes));
        entry.add("outcome", quoted(backend.outcome, kMostWordBytes));
        entry.add_text("vendor_version", backend.vendor_version, kMostVersionBytes);
        entry.add_text("signatures_version", backend.signatures_version, kMostVersionBytes);
        text += (text.empty() ? "[" : ",") + entry.text();
        if (text.size() > kMostMetadataBytes) break;   // it is left out anyway
    }
    return text + "]";
}

std::string metadata_text(const Reply& reply) {
    ObjectText metadata;
    metadata.add("malware_family", quoted(reply.malware_family, kMostFamilyBytes));
    if (reply.confidence)
        metadata.add("confidence", confidence_text(std::min(*reply.confidence, kCertainly)));
    metadata.add("product", "\"microengine\"");
    metadata.add("comments", comments_text(reply.comments));
    metadata.add("heuristic", reply.heuristic ? "true" : "false");
    metadata.add("scanner", scanner_text(reply));
    if (reply.backends.empty()) return metadata.text();
    ObjectText with_backends = metadata;
    with_backends.add("backends", backends_text(reply.backends));
    const std::string text = with_backends.text();
    return text.size() <= kMostMetadataBytes ? text : metadata.text();
}

bool is_bet(Verdict verdict) { return verdict == Verdict::benign || verdict == Verdict::malicious; }

}   // namespace

std::string write_reply(const Reply& reply) {
    const bool asserts = reply.phase == Phase::assertion;
    const bool is_void = asserts && is_bet(reply.verdict) && reply.bid == Wei{};
    const Verdict verdict = is_void ? Verdict::unknown : reply.verdict;
    ObjectText body;
    body.add("verdict", to_json_text(core::to_text(verdict)));
    if (asserts) body.add("bid", to_text(is_bet(verdict) ? reply.bid : Wei{}));
    body.add("metadata", metadata_text(reply));
    return body.text();
}

}   // namespace microengine::bounty
