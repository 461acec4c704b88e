// SPDX-License-Identifier: MIT
#pragma once
// Who may do what: bearer tokens (RFC 6750) from a file. Only their digests are kept. Immutable; any thread.

#include "host/frontends/http/routes.hpp"
#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

/// Who sends a request, and what he may.
struct Caller {
    std::string name;   ///< of the token; without tokens, the peer's
    bool scan = false, admin = false, metrics = false;

    [[nodiscard]] bool may(Scope scope) const;
};

class Tokens {
public:
    /// Each line "TOKEN SCOPES NAME", scopes with commas between; "#" begins a comment. All problems at once;
    /// none of them repeats a token.
    [[nodiscard]] static util::Result<Tokens> load(const std::filesystem::path& file);
    [[nodiscard]] static util::Result<Tokens> parse(std::string_view text, std::string_view place);

    /// In a time that does not depend on the token. Nothing: it is none of them.
    [[nodiscard]] std::optional<Caller> find(std::string_view token) const;

private:
    struct Entry {
        util::Sha256 digest{};
        Caller caller;
    };
    std::vector<Entry> entries_;
};

/// Of an Authorization field: "Bearer TOKEN"; nothing: another scheme.
[[nodiscard]] std::optional<std::string_view> bearer_of(std::string_view authorization);

}   // namespace microengine::http
