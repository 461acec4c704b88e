// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/bounty_writer.hpp"

#include <array>

namespace microengine::ambassador {

namespace {

using Fields = BountyFields;
using Moment = Spelling::Moment;
using bounty::Rules;
using bounty::Wei;

/// Whole seconds: what a duration is counted in.
std::string seconds_of(const Moment& moment) {
    return std::to_string((moment.until_ms - moment.now_ms + 999) / 1000);
}

std::string rules(std::string_view min, std::string_view max) {
    return R"({"min_allowed_bid":)" + std::string(min) + R"(,"max_allowed_bid":)" + std::string(max) + "}";
}

/// Moves a field from the top level into the metadata, beside others.
void into_metadata(Fields& f) {
    f.metadata =
        R"({"size":68,"sha256":)" + (f.sha256.empty() ? "null" : f.sha256) + R"(,"mimetype":"text/plain"})";
    f.sha256.clear();
    f.mimetype.clear();
}

constexpr Wei kTwoTo95{static_cast<bounty::Uint128>(1) << 95};
constexpr Wei kFiveWei{5};

// The names of the expirations are those of time_spellings().
template <std::size_t Index>
void expires(Fields& f, const Moment& m) {
    f.expiration = json_string(time_spellings()[Index].write(m.until_ms));
}

constexpr std::array kSpellings{
    Spelling{"as PolySwarm writes it", [](Fields&, const Moment&) {}},
    Spelling{"spaced", [](Fields&, const Moment&) {}, Layout::spaced},
    Spelling{"lines with CR LF", [](Fields&, const Moment&) {}, Layout::lines},
    Spelling{"id beyond 64 bits", [](Fields& f, const Moment&) { f.id = "99999999999999" + f.id; }},
    Spelling{"id is a UUID",
             [](Fields& f, const Moment&) {
                 f.id = "\"0b9f2c1e-7d54-4c7a-9a55-" + ("000000000000" + f.id).substr(f.id.size()) + "\"";
             }},
    Spelling{"id is text with an escape",
             [](Fields& f, const Moment&) { f.id = "\"\\u00e9 " + f.id + "\""; }},
    Spelling{"expiration without an offset", expires<1>},
    Spelling{"expiration with Z", expires<2>},
    Spelling{"expiration with z", expires<3>},
    Spelling{"expiration with a blank", expires<4>},
    Spelling{"expiration with a small t", expires<5>},
    Spelling{"expiration with +0000", expires<6>},
    Spelling{"expiration with +02:00", expires<7>},
    Spelling{"expiration with -0530", expires<8>},
    Spelling{"expiration with a comma and +00", expires<9>},
    Spelling{"expiration with nine digits", expires<10>},
    Spelling{"expiration without seconds", expires<11>},
    Spelling{"no expiration, a duration",
             [](Fields& f, const Moment& m) {
                 f.expiration.clear();
                 f.duration = seconds_of(m);
             }},
    Spelling{"expiration null, duration as text",
             [](Fields& f, const Moment& m) {
                 f.expiration = "null";
                 f.duration = json_string(seconds_of(m));
             }},
    Spelling{"expiration unreadable, tasked_at and duration",
             [](Fields& f, const Moment& m) {
                 f.expiration = R"("tomorrow")";
                 f.tasked_at = json_string(timestamp(m.now_ms));
                 f.duration = seconds_of(m);
             }},
    Spelling{"no expiration and no duration", [](Fields& f, const Moment&) { f.expiration.clear(); }},
    Spelling{"artifact_type FILE", [](Fields& f, const Moment&) { f.artifact_type = R"("FILE")"; }},
    Spelling{"artifact_type File", [](Fields& f, const Moment&) { f.artifact_type = R"("File")"; }},
    Spelling{"no artifact_type", [](Fields& f, const Moment&) { f.artifact_type.clear(); }},
    Spelling{"no sha256, no mimetype",
             [](Fields& f, const Moment&) {
                 f.sha256.clear();
                 f.mimetype.clear();
             }},
    Spelling{"sha256 and mimetype in metadata", [](Fields& f, const Moment&) { into_metadata(f); }},
    Spelling{"sha256 is no digest", [](Fields& f, const Moment&) { f.sha256 = R"("not-a-digest")"; }},
    Spelling{"phase in capitals", [](Fields& f, const Moment&) { f.phase = R"("ASSERTION")"; }},
    Spelling{"phase assertion_window", [](Fields& f, const Moment&) { f.phase = R"("assertion_window")"; }},
    Spelling{"no phase", [](Fields& f, const Moment&) { f.phase.clear(); }},
    Spelling{"a phase nobody knows", [](Fields& f, const Moment&) { f.phase = R"("reveal")"; }},
    Spelling{"no rules", [](Fields& f, const Moment&) { f.rules.clear(); }},
    Spelling{"rules {}", [](Fields& f, const Moment&) { f.rules = "{}"; }},
    Spelling{"rules null", [](Fields& f, const Moment&) { f.rules = "null"; }},
    Spelling{"rules as floats", [](Fields& f, const Moment&) { f.rules = rules("6.25e+16", "1E18"); }},
    Spelling{"rules with a fraction of zero",
             [](Fields& f, const Moment&) { f.rules = rules("62500000000000000.0", "1e18"); }},
    Spelling{"rules as text",
             [](Fields& f, const Moment&) {
                 f.rules = rules(R"("62500000000000000")", R"("1000000000000000000")");
             }},
    Spelling{"rules beyond 64 bits",
             [](Fields& f, const Moment&) {
                 f.rules = rules("62500000000000000", "39614081257132168796771975168");
             },
             Layout::compact, Rules{.min = Rules{}.min, .max = kTwoTo95}},
    Spelling{"rules of a few wei", [](Fields& f, const Moment&) { f.rules = rules("5", "5"); },
             Layout::compact, Rules{.min = kFiveWei, .max = kFiveWei}},
    Spelling{"rules negative and too large: the defaults hold",
             [](Fields& f, const Moment&) { f.rules = rules("-1", "79228162514264337593543950336"); }},
    Spelling{"metadata is a list", [](Fields& f, const Moment&) { f.metadata = "[1]"; }},
    Spelling{"fields nobody knows",
             [](Fields& f, const Moment&) {
                 f.others = {{"new", R"({"deep":[{"er":[null,true,-0.5e-3,"\ud83d\ude00"]}]})"},
                             {"guid", "7"}};
                 f.metadata = R"({"new":[],"mimetype":"text/plain"})";
             }},
    Spelling{"a field twice: the last one holds",
             [](Fields& f, const Moment&) {
                 f.others = {{"artifact_type", std::exchange(f.artifact_type, R"("video")")}};
             }},
};

}   // namespace

std::span<const Spelling> spellings() { return kSpellings; }

}   // namespace microengine::ambassador
