// SPDX-License-Identifier: MIT
#include "host/frontends/http/tokens.hpp"

#include "host/frontends/http/fields.hpp"
#include "host/frontends/http/secret_file.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <ranges>
#include <span>
#include <utility>

namespace microengine::http {

namespace {

using util::Errc;
using util::fail;

constexpr std::size_t kMostFileBytes = std::size_t{1} << 20;
constexpr std::size_t kLeastToken = 16;   // shorter ones can be guessed
constexpr std::size_t kMostToken = 512;
constexpr std::size_t kMostName = 64;
constexpr std::size_t kMostProblems = 20;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
/// RFC 6750, 2.1: b64token.
bool is_token_text(std::string_view text) {
    const auto end = text.find_last_not_of('=');
    return end != std::string_view::npos && std::ranges::all_of(text.substr(0, end + 1), [](char c) {
               return is_alphanumeric(c) || std::string_view("-._~+/").contains(c);
           });
}
bool is_name(std::string_view text) {
    return text.size() <= kMostName && std::ranges::all_of(text, [](char c) {
               return is_alphanumeric(c) || std::string_view("-._@").contains(c);
           });
}

util::Sha256 digest_of(std::string_view token) {
    return util::sha256(std::span(reinterpret_cast<const std::uint8_t*>(token.data()),   // a byte view
                                  token.size()));
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        line = trimmed(line);
        if (line.empty()) return words;
        const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

/// Empty: it was taken.
std::string take_scopes(std::string_view text, Caller& caller) {
    for (const auto part : std::views::split(text, ',')) {
        const std::string_view word(part.begin(), part.end());
        if (word == "scan")
            caller.scan = true;
        else if (word == "admin")
            caller.admin = true;
        else if (word == "metrics")
            caller.metrics = true;
        else
            return "the scopes are scan, admin and metrics, with commas between";
    }
    return {};
}

std::string problem_of(const std::vector<std::string_view>& words, Caller& caller) {
    if (words.size() != 3) return "expected TOKEN SCOPES NAME";
    if (words[0].size() < kLeastToken || words[0].size() > kMostToken || !is_token_text(words[0]))
        return "a token has " + std::to_string(kLeastToken) + " to " + std::to_string(kMostToken) +
               " letters, digits and -._~+/";
    if (!is_name(words[2]))
        return "a name has at most " + std::to_string(kMostName) + " letters, digits and -._@";
    caller.name = words[2];
    return take_scopes(words[1], caller);
}

}   // namespace

bool Caller::may(Scope scope) const {
    switch (scope) {
        case Scope::scan:
            return scan;
        case Scope::admin:
            return admin;
        case Scope::metrics:
            return metrics;
        case Scope::open:
            return true;
    }
    std::unreachable();
}

util::Result<Tokens> Tokens::load(const std::filesystem::path& file) {
    std::string text = ME_TRY(read_secret(file, kMostFileBytes));
    auto tokens = parse(text, file.native());
    ::OPENSSL_cleanse(text.data(), text.size());
    return tokens;
}

util::Result<Tokens> Tokens::parse(std::string_view text, std::string_view place) {
    Tokens tokens;
    std::vector<std::string> problems;
    std::size_t number = 0;
    for (const auto part : std::views::split(text, '\n')) {
        ++number;
        std::string_view line(part.begin(), part.end());
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto words = words_of(line.substr(0, line.find('#')));
        if (words.empty()) continue;
        Entry entry;
        std::string problem = problem_of(words, entry.caller);
        if (problem.empty()) {
            entry.digest = digest_of(words[0]);
            if (std::ranges::find(tokens.entries_, entry.digest, &Entry::digest) != tokens.entries_.end())
                problem = "this token has a line already";
        }
        if (problem.empty())
            tokens.entries_.push_back(std::move(entry));
        else
            problems.push_back("line " + std::to_string(number) + ": " + problem);
    }
    if (problems.empty() && tokens.entries_.empty()) problems.emplace_back("there is no token in it");
    if (problems.empty()) return tokens;
    std::string all;
    for (const std::string& problem : problems | std::views::take(kMostProblems))
        all += (all.empty() ? "" : "; ") + problem;
    if (problems.size() > kMostProblems)
        all += "; and " + std::to_string(problems.size() - kMostProblems) + " more";
    return fail(Errc::config, place, all);
}

std::optional<Caller> Tokens::find(std::string_view token) const {
    const util::Sha256 digest = digest_of(token);
    const Entry* found = nullptr;
    for (const Entry& entry : entries_)
        if (::CRYPTO_memcmp(digest.data(), entry.digest.data(), digest.size()) == 0) found = &entry;
    return found == nullptr ? std::nullopt : std::optional(found->caller);
}

std::optional<std::string_view> bearer_of(std::string_view authorization) {
    const std::string_view scheme = "bearer ";
    if (lower_case(authorization.substr(0, scheme.size())) != scheme) return std::nullopt;
    return trimmed(authorization.substr(scheme.size()));
}

}   // namespace microengine::http
