// SPDX-License-Identifier: MIT
#include "host/wire/codec.hpp"

#include "host/core/bounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace microengine::wire {
namespace {

using core::Outcome;
using core::Partial;
using core::Reason;
using core::Verdict;

constexpr std::uint64_t kLarge = std::numeric_limits<std::uint64_t>::max();

/// A message with one field set.
template <class Message, class Field>
Message with(Field Message::* field, std::type_identity_t<Field> value) {
    Message message;
    message.*field = std::move(value);
    return message;
}
template <class Field>
Found found(Field core::Detection::* field, std::type_identity_t<Field> value) {
    return {with(field, std::move(value))};
}
/// What a worker may claim of itself.
struct Claim {
    Outcome outcome = Outcome::completed;
    Reason reason = Reason::none;
    Verdict verdict = Verdict::unknown;
    std::optional<core::BasisPoints> confidence = {};
    std::optional<Partial> partial = {};
    bool trusted = false;
    std::string message = {};
};
core::ScanResult result(const Claim& claim) {
    core::ScanResult made;
    made.outcome = claim.outcome;
    made.reason = claim.reason;
    made.message = claim.message;
    made.verdict = claim.verdict;
    made.confidence = claim.confidence;
    made.partial = claim.partial;
    made.trusted = claim.trusted;
    return made;
}
Done done(const Claim& claim) { return {.number = 7, .result = result(claim)}; }

// ---- every message with every field set

template <class Message>
std::vector<Message> samples();

template <>
std::vector<OpenBackend> samples() {
    return {{.backend = "yära",
             .plugin = "/plugins/\xff.so",   // a path is any bytes
             .settings = {{{.name = "rules",
                            .values = {"/rules/\xfe", std::int64_t{-7}, true},
                            .place = "\xfd.toml:3:1"},
                           {.name = "none", .values = {}, .place = "there"}}},
             .deadline_ns = kLarge,
             .temp_dir = "/tmp/\xfc",
             .jail = {.seccomp = std::string("\0\1\xff", 3),
                      .landlock = true,
                      .needs = 0x8000'0001U,
                      .read_paths = {"/usr", "/lib\xfb"},
                      .own_processes = true,
                      .memory_bytes = kLarge - 1,
                      .temp_bytes = kLarge - 2,
                      .file_bytes = kLarge - 3,
                      .user = 65'534,
                      .group = 65'533}}};
}
template <>
std::vector<StartWorker> samples() {
    return {{.in_this_process = true, .full_probe = false, .temp_dir = "/tmp/a"},
            {.in_this_process = false, .full_probe = true, .temp_dir = {}}};
}
template <>
std::vector<Opened> samples() {
    return {
        {.signatures =
             core::SignatureFacts{.version = "27,000", .date_unix = -1, .count = kLarge, .fleeting = true},
         .threads = 2},
        {.signatures = std::nullopt, .threads = 7}};
}
template <>
std::vector<Refused> samples() {
    return {{.place = "\xff.toml:1:1", .text = "open_failed: it would not"}};
}
template <>
std::vector<Forked> samples() {
    return {{.pid = 4'194'304}};
}
template <>
std::vector<Died> samples() {
    return {{.status = -1}};
}
template <>
std::vector<ScanArtifact> samples() {
    ScanArtifact full{.number = 41,
                      .type = core::ArtifactType::url,
                      .all_matches = false,
                      .truncated = true,
                      .with_memory = true,
                      .with_file = true,
                      .keep_memory = true,
                      .memory_bytes = kLarge,
                      .size = kLarge - 1,
                      .deadline_ns = kLarge - 2,
                      .backend_deadline_ns = kLarge - 3,
                      .sha256 = util::Sha256{},
                      .name = "a näme",
                      .mime = "text/plain"};
    for (std::size_t i = 0; i < full.sha256->size(); ++i)
        (*full.sha256)[i] = static_cast<std::uint8_t>(i + 1);
    return {full, with(&ScanArtifact::name, "no digest")};
}
template <>
std::vector<Ready> samples() {
    return {{}};
}
template <>
std::vector<Found> samples() {
    return {{{.name = "Näme",
              .family = "Family",
              .name_space = "space",
              .verdict = Verdict::suspicious,
              .confidence = core::kCertain,
              .tags = {"a", "", "b"},
              .offset = kLarge,
              .length = kLarge - 1,
              .detail = R"({"a": 1})"}},
            found(&core::Detection::verdict, Verdict::unknown)};
}
template <>
std::vector<Said> samples() {
    return {{.level = 3, .text = "a line\nand another"}};
}
template <>
std::vector<Done> samples() {
    // No result has everything: what excludes each other is spread over these.
    Done most = done({.verdict = Verdict::suspicious,
                      .confidence = 1U,
                      .partial = Partial::truncated,
                      .message = "some of it"});
    most.result.detections_cut = true;
    most.result.bytes_scanned = kLarge;
    return {most, done({.verdict = Verdict::benign, .trusted = true}),
            done({.outcome = Outcome::timed_out, .reason = Reason::deadline, .verdict = Verdict::malicious})};
}

// ---- equality, field by field: what the codec forgets would otherwise be equal on both sides. A structured
// binding names all members, so a new one does not compile until it is compared.

auto members(const core::Setting& m) {
    const auto& [name, values, place] = m;
    return std::tie(name, values, place);
}
auto members(const core::Settings& m) {
    const auto& [all] = m;
    return std::tie(all);
}
auto members(const Jail& m) {
    const auto& [seccomp, landlock, needs, read_paths, own, memory, temp, file, user, group] = m;
    return std::tie(seccomp, landlock, needs, read_paths, own, memory, temp, file, user, group);
}
auto members(const OpenBackend& m) {
    const auto& [backend, plugin, settings, deadline, temp_dir, jail] = m;
    return std::tie(backend, plugin, settings, deadline, temp_dir, jail);
}
auto members(const StartWorker& m) {
    const auto& [here, full_probe, temp_dir] = m;
    return std::tie(here, full_probe, temp_dir);
}
auto members(const core::SignatureFacts& m) {
    const auto& [version, date, count, fleeting] = m;
    return std::tie(version, date, count, fleeting);
}
auto members(const Opened& m) {
    const auto& [signatures, threads] = m;
    return std::tie(signatures, threads);
}
auto members(const Refused& m) {
    const auto& [place, text] = m;
    return std::tie(place, text);
}
auto members(const Forked& m) {
    const auto& [pid] = m;
    return std::tie(pid);
}
auto members(const Died& m) {
    const auto& [status] = m;
    return std::tie(status);
}
auto members(const ScanArtifact& m) {
    const auto& [number, type, all_matches, truncated, with_memory, with_file, keep, memory_bytes, size,
                 deadline, own, sha256, name, mime] = m;
    return std::tie(number, type, all_matches, truncated, with_memory, with_file, keep, memory_bytes, size,
                    deadline, own, sha256, name, mime);
}
auto members(const Ready&) { return std::tie(); }
auto members(const core::Detection& m) {
    const auto& [name, family, space, verdict, confidence, tags, offset, length, detail] = m;
    return std::tie(name, family, space, verdict, confidence, tags, offset, length, detail);
}
auto members(const Found& m) {
    const auto& [detection] = m;
    return std::tie(detection);
}
auto members(const Said& m) {
    const auto& [level, text] = m;
    return std::tie(level, text);
}
/// Without what is said before or known to the host: backend, detections, whether it is cached, and
/// duration.
auto members(const core::ScanResult& m) {
    const auto& [backend, outcome, reason, message, verdict, confidence, partial, trusted, detections, cut,
                 cached, scanned, duration] = m;
    return std::tie(outcome, reason, message, verdict, confidence, partial, trusted, cut, scanned);
}
auto members(const Done& m) {
    const auto& [number, result] = m;
    return std::tie(number, result);
}

template <class T>
bool same(const T& a, const T& b);
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
    bool all = a.size() == b.size();
    for (std::size_t i = 0; all && i < a.size(); ++i) all = same(a[i], b[i]);
    return all;
}
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
template <class T>
bool same(const T& a, const T& b) {
    if constexpr (requires { members(a); })
        return [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
            [[maybe_unused]] const auto left = members(a), right = members(b);
            return (same(std::get<kIndex>(left), std::get<kIndex>(right)) && ...);
        }(std::make_index_sequence<std::tuple_size_v<decltype(members(a))>>());
    else
        return a == b;
}

template <class Message>
std::string encoded(const Message& message) {
    std::string out = "what was there before";
    encode(message, out);
    return out;
}

template <class Message>
struct EveryMessage : testing::Test {};
using Messages = testing::Types<OpenBackend, StartWorker, Opened, Refused, Forked, Died, ScanArtifact, Ready,
                                Found, Said, Done>;
TYPED_TEST_SUITE(EveryMessage, Messages);

TYPED_TEST(EveryMessage, SurvivesTheRoundTrip) {
    for (const TypeParam& sample : samples<TypeParam>()) {
        const auto back = decode<TypeParam>(encoded(sample));
        ASSERT_TRUE(back);
        EXPECT_TRUE(same(*back, sample));
        EXPECT_EQ(encoded(*back), encoded(sample));
    }
}

TYPED_TEST(EveryMessage, IsRefusedWhereverItIsCutOff) {
    for (const TypeParam& sample : samples<TypeParam>()) {
        const std::string bytes = encoded(sample);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            EXPECT_FALSE(decode<TypeParam>(std::string_view(bytes).substr(0, size))) << size;
    }
}

TYPED_TEST(EveryMessage, IsRefusedWithAnyByteBehindIt) {
    for (const TypeParam& sample : samples<TypeParam>())
        for (int byte = 0; byte < 256; ++byte)
            EXPECT_FALSE(decode<TypeParam>(encoded(sample) + static_cast<char>(byte))) << byte;
}

TYPED_TEST(EveryMessage, IsRefusedUnderEveryOtherKind) {
    for (const TypeParam& sample : samples<TypeParam>()) {
        std::string bytes = encoded(sample);
        const char own = bytes[0];
        for (int kind = 0; kind < 256; ++kind) {
            bytes[0] = static_cast<char>(kind);
            EXPECT_EQ(decode<TypeParam>(bytes).has_value(), bytes[0] == own) << kind;
            EXPECT_EQ(kind_of(bytes), static_cast<Kind>(kind));
        }
    }
}

TEST(Codec, AnEmptyMessageHasNoKind) { EXPECT_FALSE(kind_of("")); }

template <class... Each>
std::string kinds() {
    return {encoded(samples<Each>()[0])[0]...};
}
TEST(Codec, EveryMessageHasAKindOfItsOwn) {
    const std::string all = kinds<OpenBackend, StartWorker, Opened, Refused, Forked, Died, ScanArtifact,
                                  Ready, Found, Said, Done>();
    EXPECT_EQ(all, "\1\2\3\4\5\6\7\10\11\12\13");
}

// ---- what is refused, each beside the nearest that is not

struct Row {
    const char* what;
    std::string good, bad;
    bool (*decodes)(std::string_view);
};
template <class Message>
bool decodes(std::string_view bytes) {
    return decode<Message>(bytes).has_value();
}
template <class Message>
Row row(const char* what, const Message& good, const Message& bad) {
    return {what, encoded(good), encoded(bad), &decodes<Message>};
}
/// Another number in the encoding: `at` counts from its end where it is negative.
template <class Message, class Number>
Row patched(const char* what, const Message& good, int at, Number number) {
    std::string bytes = encoded(good);
    const std::size_t place =
        at < 0 ? bytes.size() - static_cast<std::size_t>(-at) : static_cast<std::size_t>(at);
    std::memcpy(bytes.data() + place, &number, sizeof number);
    return {what, encoded(good), bytes, &decodes<Message>};
}

/// At and over a bound; not UTF-8.
std::string x(std::size_t size) { return std::string(size, 'x'); }
constexpr const char* kNoText = "\xc3";
constexpr const char* kText = "\xc3\xa4";

std::vector<Row> refused() {
    using core::Detection;
    const auto tagged = [](std::vector<std::string> tags) {
        return found(&Detection::tags, std::move(tags));
    };
    const auto version = [](std::string text) {
        return Opened{.signatures = core::SignatureFacts{.version = std::move(text)}, .threads = 1};
    };
    const auto said = [](std::string text) { return Said{.level = 0, .text = std::move(text)}; };
    const Done looked = done({});
    // A bare detection ends with the number of tags (4), offset (8), length (8), and the detail's size (4).
    constexpr int kTags = -24, kDetail = -4;
    // An empty order begins with its kind, the backend's name and the plugin's; its settings follow.
    constexpr int kSettings = 1 + 4 + 4;
    OpenBackend one_setting;
    one_setting.settings.all.push_back({.name = "", .values = {false}, .place = ""});
    // Of a fourth type and without a value, so that all that follows is in its place.
    std::string odd_setting = encoded(one_setting);
    odd_setting.replace(kSettings + 4 + 4 + 4, 2, "\3");
    return {
        row("a detection's verdict that there is not", found(&Detection::verdict, Verdict::malicious),
            found(&Detection::verdict, static_cast<Verdict>(4))),
        row("a result's verdict that there is not", looked, done({.verdict = static_cast<Verdict>(255)})),
        row("an outcome that there is not", looked, done({.outcome = static_cast<Outcome>(6)})),
        row("a reason that there is not", done({.outcome = Outcome::skipped, .reason = Reason::cancelled}),
            done({.outcome = Outcome::skipped, .reason = static_cast<Reason>(28)})),
        row("a gap that there is not", done({.partial = Partial::truncated}),
            done({.partial = static_cast<Partial>(9)})),
        row("a type of artifact that there is not", with(&ScanArtifact::type, core::ArtifactType::url),
            with(&ScanArtifact::type, static_cast<core::ArtifactType>(2))),

        row("a name that is not UTF-8", found(&Detection::name, kText), found(&Detection::name, kNoText)),
        row("a family that is not UTF-8", found(&Detection::family, kText),
            found(&Detection::family, kNoText)),
        row("a name space that is not UTF-8", found(&Detection::name_space, kText),
            found(&Detection::name_space, kNoText)),
        row("a detail that is not UTF-8", found(&Detection::detail, kText),
            found(&Detection::detail, kNoText)),
        row("a tag that is not UTF-8", tagged({kText}), tagged({kNoText})),
        row("a result's message that is not UTF-8", done({.message = kText}), done({.message = kNoText})),
        row("a log line that is not UTF-8", said(kText), said(kNoText)),
        row("a surrogate in UTF-8", said("\xed\x9f\xbf"), said("\xed\xa0\x80")),
        row("a refusal that is not UTF-8", with(&Refused::text, kText), with(&Refused::text, kNoText)),
        row("a version that is not UTF-8", version(kText), version(kNoText)),
        row("an artifact's name that is not UTF-8", with(&ScanArtifact::name, kText),
            with(&ScanArtifact::name, kNoText)),
        row("a type's name that is not UTF-8", with(&ScanArtifact::mime, kText),
            with(&ScanArtifact::mime, kNoText)),

        row("a name that is too long", found(&Detection::name, x(core::kMaxName)),
            found(&Detection::name, x(core::kMaxName + 1))),
        row("a family that is too long", found(&Detection::family, x(core::kMaxFamily)),
            found(&Detection::family, x(core::kMaxFamily + 1))),
        row("a name space that is too long", found(&Detection::name_space, x(core::kMaxNameSpace)),
            found(&Detection::name_space, x(core::kMaxNameSpace + 1))),
        row("a detail that is too long", found(&Detection::detail, x(core::kMaxDetail)),
            found(&Detection::detail, x(core::kMaxDetail + 1))),
        row("a tag that is too long", tagged({x(core::kMaxTag)}), tagged({x(core::kMaxTag + 1)})),
        row("too many tags", tagged(std::vector<std::string>(core::kMaxTags, "t")),
            tagged(std::vector<std::string>(core::kMaxTags + 1, "t"))),
        row("a result's message that is too long", done({.message = x(core::kMaxText)}),
            done({.message = x(core::kMaxText + 1)})),
        row("a log line that is too long", said(x(core::kMaxText)), said(x(core::kMaxText + 1))),
        row("a version that is too long", version(x(core::kMaxName)), version(x(core::kMaxName + 1))),
        row("a refusal that is too long", with(&Refused::text, x(kMaxRefusal)),
            with(&Refused::text, x(kMaxRefusal + 1))),
        row("an artifact's name that is too long", with(&ScanArtifact::name, x(kMaxLabel)),
            with(&ScanArtifact::name, x(kMaxLabel + 1))),
        row("a type's name that is too long", with(&ScanArtifact::mime, x(kMaxLabel)),
            with(&ScanArtifact::mime, x(kMaxLabel + 1))),

        patched("one tag more than there are", tagged({"t"}), kTags - 5, std::uint32_t{2}),
        patched("tags where there are none", tagged({}), kTags,
                std::uint32_t{5}),   // the zeros behind: five tags
        patched("four thousand million tags", tagged({}), kTags, ~std::uint32_t{0}),
        patched("a text longer than what follows", tagged({}), kDetail, std::uint32_t{1}),
        patched("a text of four thousand million bytes", tagged({}), kDetail, ~std::uint32_t{0}),
        patched("settings where there are none", OpenBackend{}, kSettings, std::uint32_t{1000}),
        patched("more settings than any backend has", OpenBackend{}, kSettings, std::uint32_t{1001}),
        {"a setting of a type that there is not", encoded(one_setting), odd_setting, &decodes<OpenBackend>},

        row("a detection surer than certain", found(&Detection::confidence, 10'000),
            found(&Detection::confidence, 10'001)),
        row("a result surer than certain", done({.confidence = 10'000}), done({.confidence = 10'001})),
        row("a result that is not believable", done({.verdict = Verdict::benign}),
            done({.outcome = Outcome::failed, .reason = Reason::io, .verdict = Verdict::benign})),

        patched("neither true nor false", StartWorker{}, 1, std::uint8_t{2}),
        patched("neither true nor false, the next one", StartWorker{}, 2, std::uint8_t{255}),
        patched("neither there nor not", Opened{}, 1, std::uint8_t{2}),
        patched("neither cut nor whole", looked, -9, std::uint8_t{2}),
        patched("neither trusted nor not", looked, -10, std::uint8_t{2}),
    };
}

TEST(Codec, RefusesWhatBreaksABoundAndTakesWhatJustDoesNot) {
    for (const Row& row : refused()) {
        EXPECT_TRUE(row.decodes(row.good)) << "beside: " << row.what;
        EXPECT_FALSE(row.decodes(row.bad)) << row.what;
    }
}

TEST(Codec, NoSingleChangedByteOfAWorkersMessageIsMoreThanRefusedOrRead) {
    // Whatever a changed byte is taken for, it is spelled in one way only.
    const auto try_all = []<class Message>(const Message& message) {
        const std::string bytes = encoded(message);
        for (std::size_t at = 0; at < bytes.size(); ++at)
            for (int byte = 0; byte < 256; ++byte) {
                std::string changed = bytes;
                changed[at] = static_cast<char>(byte);
                const auto read = decode<Message>(changed);
                EXPECT_TRUE(!read || encoded(*read) == changed) << "at " << at << ": " << byte;
            }
    };
    for (const Found& message : samples<Found>()) try_all(message);
    for (const Said& message : samples<Said>()) try_all(message);
    for (const Done& message : samples<Done>()) try_all(message);
}

TEST(Codec, TheLargestHonestDetectionFitsIntoAMessage) {
    const Found largest{{.name = x(core::kMaxName),
                         .family = x(core::kMaxFamily),
                         .name_space = x(core::kMaxNameSpace),
                         .verdict = Verdict::malicious,
                         .confidence = 0U,
                         .tags = std::vector<std::string>(core::kMaxTags, x(core::kMaxTag)),
                         .offset = kLarge,
                         .length = kLarge,
                         .detail = x(core::kMaxDetail)}};
    EXPECT_TRUE(decode<Found>(encoded(largest)));
    EXPECT_LE(encoded(largest).size(), kMaxMessage);
}

// ---- what a worker can have come to honestly

TEST(Believable, IsWhatAWorkerCanKnow) {
    struct Case {
        const char* sentence;
        bool believable;
        Claim claim;
    };
    const std::vector<Case> cases{
        {"a whole look that found nothing is benign", true, {.verdict = Verdict::benign}},
        {"a whole look may leave it open", true, {.verdict = Verdict::unknown}},
        {"a partial look is never benign",
         false,
         {.verdict = Verdict::benign, .partial = Partial::encrypted}},
        {"a partial look may find something",
         true,
         {.verdict = Verdict::malicious, .partial = Partial::encrypted}},
        {"a failure is never benign",
         false,
         {.outcome = Outcome::failed, .reason = Reason::plugin_error, .verdict = Verdict::benign}},
        {"what is unsupported is never benign",
         false,
         {.outcome = Outcome::unsupported, .reason = Reason::other, .verdict = Verdict::benign}},
        {"who ran out of time never says benign",
         false,
         {.outcome = Outcome::timed_out, .reason = Reason::timeout, .verdict = Verdict::benign}},
        {"what was skipped is never benign",
         false,
         {.outcome = Outcome::skipped, .reason = Reason::cancelled, .verdict = Verdict::benign}},
        {"what was found before a failure stands",
         true,
         {.outcome = Outcome::failed, .reason = Reason::plugin_error, .verdict = Verdict::malicious}},
        {"a failure is no partial look",
         false,
         {.outcome = Outcome::failed, .reason = Reason::plugin_error, .partial = Partial::corrupt}},
        {"running out of time is no partial look",
         false,
         {.outcome = Outcome::timed_out, .reason = Reason::timeout, .partial = Partial::time_limit}},
        {"what is trusted is benign", true, {.verdict = Verdict::benign, .trusted = true}},
        {"nothing unknown is trusted", false, {.verdict = Verdict::unknown, .trusted = true}},
        {"nothing malicious is trusted", false, {.verdict = Verdict::malicious, .trusted = true}},
        {"nobody is surer than certain", false, {.confidence = 10'001}},
        {"anybody may be certain", true, {.confidence = 10'000}},
    };
    for (const Case& each : cases)
        EXPECT_EQ(is_believable(result(each.claim)), each.believable) << each.sentence;
}

TEST(Believable, AReasonGoesWithItsOutcomeAndNobodySaysOfItselfThatItCrashed) {
    const std::vector<std::pair<Outcome, std::vector<Reason>>> allowed{
        {Outcome::completed, {Reason::none}},
        {Outcome::unsupported, {Reason::other}},
        {Outcome::timed_out, {Reason::timeout, Reason::deadline}},
        {Outcome::crashed, {}},
        {Outcome::failed,
         {Reason::plugin_error, Reason::bad_result, Reason::out_of_memory, Reason::signatures, Reason::io}},
        {Outcome::skipped, {Reason::decided, Reason::cancelled}},
    };
    for (const auto& [outcome, reasons] : allowed)
        for (int i = 0; i <= std::to_underlying(Reason::cancelled); ++i) {
            const auto reason = static_cast<Reason>(i);
            EXPECT_EQ(is_believable(result({.outcome = outcome, .reason = reason})),
                      std::ranges::find(reasons, reason) != reasons.end())
                << to_text(outcome) << ", " << to_text(reason);
        }
}

}   // namespace
}   // namespace microengine::wire
