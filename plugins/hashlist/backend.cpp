// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include "plugins/support/utf8.hpp"

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace microengine::hashlist {
namespace {

constexpr std::size_t kSlice = std::size_t{1} << 20;   // a few milliseconds of hashing
constexpr std::uint32_t kBasisPoints = 100;            // in a percent
constexpr std::string_view kUnnamed = "Blocked";
// In bytes, as much as the host keeps; of a path, more than any has.
constexpr std::size_t kMostShown = 256, kMostFamily = 64, kMostNameSpace = 128, kMostPath = 16'384;

/// Which line of which list, for whoever wonders why.
std::string detail_of(const Lists::Side::Source& source, std::uint32_t place, Kind kind) {
    std::string list;
    for (const char c : utf8::valid(source.list, kMostPath)) {
        if (c == '"' || c == '\\') list += '\\';
        list += c >= '\0' && c < ' ' ? '?' : c;
    }
    return R"({"list":")" + list + R"(","line":)" + std::to_string(place - source.first + 1) +
           R"(,"digest":")" + std::string(name_of(kind)) + R"("})";
}

}   // namespace

Backend::Backend(const Settings& settings)
    : lists_(settings),
      verdict_(settings.string("verdict") == "malicious" ? ME_MALICIOUS : ME_SUSPICIOUS),
      confidence_(ME_CONFIDENCE_UNSET) {
    if (settings.has("confidence_percent"))
        confidence_ = static_cast<std::uint32_t>(settings.integer("confidence_percent")) * kBasisPoints;
    for (const Kind kind : kKinds)
        if (lists_.uses(kind)) kinds_.push_back(kind);
    // Now, while files may still be read: OpenSSL loads its algorithms when they are first asked for.
    for (const Kind kind : kinds_) (void)Hasher(kind);
}

Backend::Scanner::Scanner(const Backend& backend) : backend_(backend) {
    for (const Kind kind : backend.kinds_) hashers_.emplace_back(kind);
}

/// One pass, whatever the number of kinds; none, if the host's own digest is all that is looked up.
std::vector<Digest> Backend::Scanner::digests_of(const Scan& scan) {
    std::vector<Digest> digests;
    std::vector<Hasher*> working;
    for (Hasher& hasher : hashers_) {
        if (hasher.kind() == Kind::sha256 && scan.sha256() != nullptr) {
            std::copy_n(scan.sha256(), size_of(Kind::sha256), digests.emplace_back().bytes.begin());
            continue;
        }
        hasher.begin();
        working.push_back(&hasher);
    }
    std::span<const std::uint8_t> rest(scan.data(), scan.size());
    while (!working.empty() && !rest.empty()) {
        scan.check_stop();
        const auto slice = rest.first(std::min(rest.size(), kSlice));
        for (Hasher* hasher : working) hasher->add(slice);
        rest = rest.subspan(slice.size());
    }
    for (Hasher* hasher : working) digests.push_back(hasher->finish());
    return digests;
}

void Backend::Scanner::report(Scan& scan, const Digest& digest, Listed listed) const {
    const Names::Name name = backend_.lists_.name(listed);
    const Lists::Side::Source& source = backend_.lists_.block().source(listed.place);
    const std::string named = utf8::valid(name.text, kMostShown);
    const std::string family = name.family ? utf8::valid(name.text, kMostFamily) : std::string();
    const std::string list = utf8::valid(std::filesystem::path(source.list).stem().native(), kMostNameSpace);
    const std::string detail = detail_of(source, listed.place, digest.kind);
    scan.add({.name = named.empty() ? kUnnamed : named,
              .family = family,
              .name_space = list,
              .detail = detail,
              .verdict = backend_.verdict_,
              .confidence = backend_.confidence_});
}

void Backend::Scanner::scan(Scan& scan) {
    bool blocked = false;
    bool allowed = false;
    for (const Digest& digest : digests_of(scan)) {
        if (const auto listed = backend_.lists_.block().table.find(digest)) {
            blocked = true;
            report(scan, digest, *listed);
        }
        allowed = allowed || backend_.lists_.allow().table.find(digest);
    }
    scan.bytes_scanned(scan.size());
    if (blocked)
        scan.confidence(backend_.confidence_);
    else if (allowed)
        scan.trusted();
    // Else it says nothing: that a digest is on no list is no reason to call its artifact benign.
}

}   // namespace microengine::hashlist
