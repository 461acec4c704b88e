// SPDX-License-Identifier: MIT
#include "host/conformance/session.hpp"

#include "host/plugin/artifact_file.hpp"
#include "host/plugin/library.hpp"
#include "host/plugin/scan_outcome.hpp"
#include "host/util/clock.hpp"
#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <typeinfo>

namespace microengine::conformance {

using util::Result;

namespace {

constexpr std::size_t kFirstRequest = offsetof(me_request, mime) + sizeof(me_request::mime);
constexpr std::size_t kFirstResult = offsetof(me_result, bytes_scanned) + sizeof(me_result::bytes_scanned);
constexpr std::uint8_t kTail = 0xA5;

/// A struct of a later minor: the one of today, and members that a plugin of today does not know.
template <class T>
struct Grown {
    T known{};
    std::array<std::uint8_t, 64> tail{};
    explicit Grown(Manner::Sizes sizes, std::size_t first) {
        known.struct_size = static_cast<std::uint32_t>(sizes == Manner::Sizes::first   ? first
                                                       : sizes == Manner::Sizes::today ? sizeof(T)
                                                                                       : sizeof *this);
        tail.fill(kTail);
    }
};

/// Runs one function of the plugin. The ABI's types say that none throws, which a plugin may have cast away:
/// here an exception that crosses is seen.
template <class... Arguments>
me_status run(me_status (*function)(Arguments...), std::set<Finding>& broken, std::string_view name,
              Arguments... arguments) {
    std::string what;
    try {
        return function(arguments...);
    } catch (const std::exception& e) {
        what = e.what();
    } catch (...) {
        what = "of an unknown type";
    }
    broken.insert(
        {.reason = "an exception came out of " + std::string(name) + ": " + what,
         .fix = "law L5: catch everything in each function of the table; microengine/plugin.hpp does"});
    return ME_E_FAILED;
}

}   // namespace

Session::Session(Subject& subject, Notebook& notes) : subject_(subject), notes_(notes), temp_root_({}) {
    if ((subject_.card().needs & ME_NEED_TEMP_DIR) == 0) return;
    if (auto made = temp_root_.make("check"))
        temp_dir_ = *std::move(made);
    else
        notes_.fail("there is no temporary directory for it: " + made.error().text(), "make room for one");
}

bool Session::load() {
    notes_.step("while it was being loaded");
    plugin::Vetted& plugin = *subject_.vetted;
    const auto loaded = plugin::load_library({.path = plugin.path.native(),
                                              .copy = plugin.copy,
                                              .description = plugin.description,
                                              .note_address = plugin.note_address});
    if (!loaded) {
        notes_.fail(loaded.error().message, "see 'When it is refused' in the plugin author's guide");
        return false;
    }
    table_ = *loaded;
    return true;
}

Opening Session::open(const core::Settings& settings, const me_host_v1& host) {
    WatchedCall call(WatchedCall::Kind::open, subject_.card());
    const std::string name = "check";
    call.backend = &name;
    call.settings = &settings;
    call.temp_dir = temp_dir_ ? &*temp_dir_ : nullptr;
    Opening opening;
    me_backend* handle = nullptr;
    const std::uint64_t start = util::monotonic_ns();
    opening.status = run<const me_host_v1*, me_call*, me_backend**>(table_->backend_open, call.broken,
                                                                    "backend_open", &host, &call, &handle);
    opening.duration_ns = util::monotonic_ns() - start;
    if (opening.status == ME_OK && handle == nullptr)
        call.broken.insert({.reason = "backend_open answered ME_OK and gave no backend",
                            .fix = "set *out before you return ME_OK"});
    opening.opened = opening.status == ME_OK && handle != nullptr;
    if (!opening.opened && call.fail_text.empty())
        call.broken.insert({.reason = "backend_open failed with status " + std::to_string(opening.status) +
                                      " and gave no reason",
                            .fix = "call host->fail with a sentence for the operator before you return"});
    backend_ = opening.opened ? handle : nullptr;
    opening.fail_text = std::move(call.fail_text);
    opening.broken = std::move(call.broken);
    opening.read = std::move(call.read);
    return opening;
}

bool Session::ready(const me_host_v1& host) {
    if (!load()) return false;
    notes_.step("while it was being opened");
    const Opening opening = open(subject_.settings, host);
    note(notes_, {opening.broken.begin(), opening.broken.end()}, "");
    if (!opening.opened)
        notes_.fail("it does not open: " + opening.fail_text,
                    "give it settings that it opens with: --set KEY=VALUE");
    return opening.opened;
}

me_scanner* Session::open_scanner() {
    notes_.step("while it opened a scanner");
    WatchedCall call(WatchedCall::Kind::scanner, subject_.card());
    const std::string name = "check";
    call.backend = &name;
    call.temp_dir = temp_dir_ ? &*temp_dir_ : nullptr;
    me_scanner* scanner = nullptr;
    const me_status status = run<me_backend*, me_call*, me_scanner**>(
        table_->scanner_open, call.broken, "scanner_open", backend_, &call, &scanner);
    note(notes_, {call.broken.begin(), call.broken.end()}, "");
    if (status == ME_OK && scanner != nullptr) return scanner;
    notes_.fail("scanner_open failed with status " + std::to_string(status) + ": " + call.fail_text,
                "what a scanner needs must be there once the backend is open");
    return nullptr;
}

Prepared::Prepared(const Subject& subject, std::string_view content, core::ArtifactType type)
    : guarded(content) {
    artifact.bytes = guarded.bytes();
    artifact.facts = {.name = {},
                      .type = type,
                      .sha256 = util::sha256(artifact.bytes),
                      .size = artifact.bytes.size(),
                      .mime = "application/octet-stream"};
    if ((subject.card().needs & ME_NEED_FD) != 0) file = plugin::artifact_file(artifact.bytes);
}

Answer Session::scan(me_scanner* scanner, const Prepared& prepared, const Manner& manner) const {
    const core::Artifact& artifact = prepared.artifact;
    Grown<me_request> request(manner.sizes, kFirstRequest);
    me_request& asked = request.known;
    asked.flags = manner.flags;
    asked.artifact_type = artifact.facts.type == core::ArtifactType::url ? ME_ARTIFACT_URL : ME_ARTIFACT_FILE;
    asked.fd = prepared.file.get();
    asked.data = artifact.bytes.data();
    asked.size = artifact.bytes.size();
    asked.deadline_ns = manner.deadline.ns();
    asked.sha256 = artifact.facts.sha256 ? artifact.facts.sha256->data() : nullptr;
    const std::string label = util::to_utf8(manner.name);   // as every host does
    asked.name = {label.c_str(), label.size()};
    asked.mime = {artifact.facts.mime.c_str(), artifact.facts.mime.size()};
    Grown<me_result> result(manner.sizes, kFirstResult);
    result.known.confidence = ME_CONFIDENCE_UNSET;

    Answer answer;
    WatchedCall call(WatchedCall::Kind::scan, subject_.card());
    const std::string name = "check";
    call.backend = &name;
    call.temp_dir = temp_dir_ ? &*temp_dir_ : nullptr;
    call.cancel = manner.cancel;
    call.deadline = manner.deadline;
    call.detections = &answer.judged.detections;
    call.full = manner.full;
    const std::uint64_t start = util::monotonic_ns();
    answer.status = run<me_scanner*, me_call*, const me_request*, me_result*>(
        table_->scan, call.broken, "scan", scanner, &call, &asked, &result.known);
    answer.duration_ns = util::monotonic_ns() - start;
    answer.result = result.known;
    answer.fail_text = call.fail_text;
    if (std::ranges::any_of(result.tail, [](std::uint8_t byte) { return byte != kTail; }))
        call.broken.insert({.reason = "it wrote beyond the result that it knows",
                            .fix = "never clear or copy a result by its struct_size: set the members"});
    answer.broken = std::move(call.broken);
    plugin::judge_answer(
        {.artifact = &artifact, .deadline = manner.deadline, .backend_deadline = {}, .cancel = manner.cancel},
        call, answer.status, answer.result, answer.judged);
    return answer;
}

Answer Session::check(me_scanner* scanner, const Input& input, const Manner& manner) {
    notes_.step("while it scanned " + std::string(input.text));
    Answer answer = scan(scanner, Prepared(subject_, input.make(subject_.seed), input.type), manner);
    note(notes_, faults_of(answer), input.text);
    return answer;
}

void Session::close(me_scanner* scanner) {
    notes_.step("while it closed a scanner");
    table_->scanner_close(scanner);
}

void Session::close() {
    notes_.step("while it closed the backend");
    table_->backend_close(backend_);
    backend_ = nullptr;
}

bool Session::takes(const Input& input) const { return plugin::takes_type(subject_.card(), input.type); }

std::vector<const Input*> small_inputs(const Subject& subject) {
    std::vector<const Input*> all;
    for (const Input& one : inputs())
        if (one.name != "zeros" && plugin::takes_type(subject.card(), one.type)) all.push_back(&one);
    return all;
}

core::BackendPolicy check_policy() {
    core::BackendPolicy policy;
    policy.name = "check";
    return policy;
}

void note(Notebook& notes, const std::vector<Finding>& findings, std::string_view about) {
    for (Finding finding : findings) {
        if (!about.empty()) finding.reason = std::string(about) + ": " + finding.reason;
        notes.fail(finding);
    }
}

}   // namespace microengine::conformance
