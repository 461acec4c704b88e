// SPDX-License-Identifier: MIT
#include "host/bounty/bounty.hpp"

#include "host/bounty/expiry.hpp"
#include "host/bounty/json.hpp"
#include "host/bounty/url.hpp"

#include <ranges>
#include <span>
#include <utility>

namespace microengine::bounty {

namespace {

using util::Errc;
using util::fail;
using Kind = JsonValue::Kind;

/// Null is as good as missing, everywhere.
class Fields {
public:
    Fields(JsonMembers members, std::vector<std::string>& warnings)
        : members_(std::move(members)), warnings_(&warnings) {}

    [[nodiscard]] const JsonMembers& members() const { return members_; }
    [[nodiscard]] const JsonValue* find(std::string_view name) const {
        const auto found = members_.find(name);
        return found == members_.end() || found->second.kind == Kind::null ? nullptr : &found->second;
    }
    /// Empty: missing, or no string.
    [[nodiscard]] std::string text(std::string_view name) const {
        const JsonValue* value = find(name);
        if (value == nullptr) return {};
        if (value->kind != Kind::text) warn(name, "is no string");
        return text_of(*value);
    }
    [[nodiscard]] JsonMembers object(std::string_view name) const {
        const JsonValue* value = find(name);
        if (value == nullptr) return {};
        if (value->kind != Kind::object) warn(name, "is no object");
        return members_of(*value);
    }
    void warn(std::string_view name, std::string_view what) const {
        warnings_->push_back(std::string(name) + " " + std::string(what));
    }

private:
    JsonMembers members_;
    std::vector<std::string>* warnings_;
};

util::Result<std::string> id_of(const Fields& fields) {
    const JsonValue* id = fields.find("id");
    if (id == nullptr) return fail(Errc::usage, "", "id is missing");
    if (id->kind != Kind::number && id->kind != Kind::text)
        return fail(Errc::usage, "", "id is neither a number nor a string");
    return std::string(id->raw);
}

util::Result<std::string> required_text(const Fields& fields, std::string_view name) {
    const JsonValue* value = fields.find(name);
    if (value == nullptr) return fail(Errc::usage, "", std::string(name) + " is missing");
    if (value->kind != Kind::text) return fail(Errc::usage, "", std::string(name) + " is no string");
    std::string text = text_of(*value);
    if (text.empty()) return fail(Errc::usage, "", std::string(name) + " is empty");
    return text;
}

void read_kind(const Fields& fields, Bounty& bounty) {
    const JsonValue* type = fields.find("artifact_type");
    if (type == nullptr) return;
    bounty.artifact_type = type->kind == Kind::text ? text_of(*type) : std::string(type->raw);
    const std::string word = lower_case(bounty.artifact_type);
    bounty.kind = word == "file"  ? ArtifactKind::file
                  : word == "url" ? ArtifactKind::url
                                  : ArtifactKind::other;
}

/// A vote is asked for under a URL that ends with "votes".
Phase phase_of_url(std::string_view url) {
    const std::string_view path = parts_of(url).path;
    const std::string_view used = path.substr(0, path.find_last_not_of('/') + 1);   // npos + 1 is 0
    return used.substr(used.rfind('/') + 1) == "votes" ? Phase::vote : Phase::assertion;
}

Phase phase_of(const Fields& fields, std::string_view response_url) {
    const std::string phase = lower_case(fields.text("phase"));
    if (phase.starts_with("arbitration") || phase.starts_with("vote")) return Phase::vote;
    if (phase.starts_with("assertion")) return Phase::assertion;
    if (!phase.empty()) fields.warn("phase", "is none that is known here");
    return phase_of_url(response_url);
}

Rules rules_of(const Fields& fields, std::vector<std::string>& warnings) {
    const Fields rules(fields.object("rules"), warnings);
    const auto value = [&](std::string_view name, Round fraction, Wei usual) {
        const JsonValue* token = rules.find(name);
        if (token == nullptr) return usual;
        const auto read = parse_rule_value(token->raw, fraction);
        if (!read) rules.warn(name, "is no amount");
        return read.value_or(usual);
    };
    const Rules usual;
    return {.min = value("min_allowed_bid", Round::up, usual.min),
            .max = value("max_allowed_bid", Round::down, usual.max)};
}

void read_metadata(const Fields& fields, Bounty& bounty) {
    constexpr std::size_t most = 256;   // as filters could ask for
    for (const auto& [name, value] : fields.object("metadata")) {
        if (bounty.metadata.size() == most) break;
        if (value.kind == Kind::text)
            bounty.metadata.emplace(name, text_of(value));
        else if (value.kind == Kind::number || value.kind == Kind::boolean)
            bounty.metadata.emplace(name, value.raw);
    }
}

/// At the top level, else in the metadata, which has been read.
void read_facts(const Fields& fields, Bounty& bounty) {
    const auto in_metadata = [&](const char* name) {
        const auto found = bounty.metadata.find(name);
        return found == bounty.metadata.end() ? std::string() : found->second;
    };
    bounty.mimetype = fields.text("mimetype");
    if (bounty.mimetype.empty()) bounty.mimetype = in_metadata("mimetype");
    for (const std::string& text : {fields.text("sha256"), in_metadata("sha256")}) {
        if (text.empty() || bounty.sha256) continue;
        bounty.sha256 = util::parse_sha256(text);
        if (!bounty.sha256) fields.warn("sha256", "is not 64 hexadecimal digits");
    }
}

}   // namespace

std::string_view to_text(Phase phase) { return phase == Phase::vote ? "vote" : "assertion"; }

util::Result<Bounty> parse_bounty(std::string_view body, std::int64_t now_ms) {
    const JsonEnd end = read_json(body);
    if (!end.value)
        return fail(Errc::usage, "byte " + std::to_string(end.at + 1),
                    "is not JSON, or nested deeper than " + std::to_string(kMostNesting));
    if (end.value->kind != Kind::object) return fail(Errc::usage, "", "is no JSON object");

    Bounty bounty;
    const Fields fields(members_of(*end.value), bounty.warnings);
    bounty.id = ME_TRY(id_of(fields));
    bounty.response_url = ME_TRY(required_text(fields, "response_url"));
    if (!is_web_url(bounty.response_url))
        return fail(Errc::usage, "", "response_url is no http or https URL");
    bounty.artifact_uri = ME_TRY(required_text(fields, "artifact_uri"));
    read_kind(fields, bounty);
    read_metadata(fields, bounty);
    read_facts(fields, bounty);
    bounty.phase = phase_of(fields, bounty.response_url);
    bounty.rules = rules_of(fields, bounty.warnings);
    const Expiry expiry = expiry_of(fields.members(), now_ms, bounty.warnings);
    bounty.expiration_ms = expiry.expiration_ms;
    bounty.tasked_ms = expiry.tasked_ms;
    return bounty;
}

util::Sha256 key_of(const Bounty& bounty) {
    std::string text = bounty.id;
    text += '\0';
    text += bounty.response_url;
    return util::sha256(
        std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));   // a byte view
}

}   // namespace microengine::bounty
