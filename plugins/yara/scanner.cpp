// SPDX-License-Identifier: MIT
#include "scanner.hpp"

#include "backend.hpp"
#include "detection.hpp"
#include "errors.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <string>
#include <utility>

namespace microengine::yara {
namespace {

constexpr std::uint64_t kRunning = 1, kCancelled = 2, kNextScan = 4;

// Two members of libyara's scanner are set from outside, as its own functions are too coarse: the timeout,
// which counts nanoseconds and is read all through a scan, and the entry point, which would stay that of the
// last artifact that had one.
static_assert(
    YR_MAJOR_VERSION == 4 && YR_MINOR_VERSION == 2,
    "known of libyara 4.2: look up in this version what timeout and entry_point of YR_SCANNER mean");

void set_timeout(YR_SCANNER* scanner, std::uint64_t nanoseconds) noexcept {
    __atomic_store_n(&scanner->timeout, nanoseconds, __ATOMIC_SEQ_CST);
}

}   // namespace

Scanner::Scanner(const Backend& backend) : backend_(backend) {
    for (const RuleSet& set : backend.sets()) sets_.push_back(open(set));
}

Scanner::Set Scanner::open(const RuleSet& rules) {
    Set set;
    if (rules.shortlist) set.evaluation = std::make_unique<Evaluation>(*rules.rules, *rules.shortlist);
    YR_RULES* const of = set.evaluation ? set.evaluation->rules() : rules.rules.get();
    if (yr_scanner_create(of, out(set.scanner)) != ERROR_SUCCESS) throw std::bad_alloc();
    yr_scanner_set_callback(set.scanner.get(), &Scanner::callback, this);
    // The artifact's bytes cannot change or shrink; libyara's own guard would be a process-wide handler.
    yr_scanner_set_flags(set.scanner.get(), SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH |
                                                (backend_.options().fast ? SCAN_FLAGS_FAST_MODE : 0));
    return set;
}

bool Scanner::cancelled() const noexcept { return (state_.load() & kCancelled) != 0; }

void Scanner::cancel() noexcept {
    std::uint64_t state = state_.load();
    if ((state & kRunning) == 0 || !state_.compare_exchange_strong(state, state | kCancelled)) return;
    // The scan may have ended since: then the next one sees a timeout that is not its own, and scans again.
    for (const Set& set : sets_) set_timeout(set.scanner.get(), 1);
}

void Scanner::scan(Scan& scan) {
    now_ = &scan;
    verdict_ = ME_UNKNOWN;
    confidence_ = 0;
    host_has_enough_ = too_many_ = decided_ = false;
    thrown_ = nullptr;
    state_.store((state_.load() / kNextScan + 1) * kNextScan + kRunning);
    struct Ended {
        std::atomic<std::uint64_t>& state;
        explicit Ended(std::atomic<std::uint64_t>& of) : state(of) {}
        Ended(const Ended&) = delete;
        Ended& operator=(const Ended&) = delete;
        ~Ended() { state.store(state.load() / kNextScan * kNextScan); }
    } const ended(state_);

    for (const Set& set : sets_) {
        scan_with(set);
        if (decided_) break;
    }
    scan.bytes_scanned(scan.size());
    if (verdict_ != ME_UNKNOWN)
        scan.confidence(confidence_);
    else if (backend_.options().benign_on_no_match)
        scan.benign();
}

/// What libyara could not do, and in which rule.
[[noreturn]] void Scanner::fail_with(int error, YR_SCANNER* scanner) {
    if (error == ERROR_INSUFFICIENT_MEMORY) throw std::bad_alloc();
    std::string text = "scanning: " + error_text(error);
    if (const YR_RULE* rule = yr_scanner_last_error_rule(scanner))
        text += std::string(" (rule ") + rule->ns->name + ":" + rule->identifier + ")";
    throw Error(ME_E_FAILED, text);
}

/// One set of rules over the whole artifact.
void Scanner::scan_with(const Set& set) {
    YR_SCANNER* const scanner = set.scanner.get();
    for (;;) {
        now_->check_stop();
        const auto left = now_->time_left().count();
        if (left == 0) throw Error(ME_E_DEADLINE, "out of time before the scan began");
        scanner->entry_point = static_cast<std::uint64_t>(YR_UNDEFINED);
        set_timeout(scanner, static_cast<std::uint64_t>(left));
        if (cancelled()) throw Error(ME_E_CANCELLED, "cancelled");
        const int error = run(set);
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        if (error == ERROR_SUCCESS) return;
        if (error == ERROR_SCAN_TIMEOUT) {
            if (cancelled()) throw Error(ME_E_CANCELLED, "cancelled");
            if (now_->time_left().count() == 0) throw Error(ME_E_DEADLINE, "out of time");
            continue;   // a cancel() meant for the scan before
        }
        fail_with(error, scanner);
    }
}

int Scanner::run(const Set& set) {
    if (set.evaluation) return set.evaluation->scan(set.scanner.get(), {now_->data(), now_->size()});
    return yr_scanner_scan_mem(set.scanner.get(), now_->data(), now_->size());
}

int Scanner::callback(YR_SCAN_CONTEXT* context, int message, void* data, void* self) noexcept {
    auto& scanner = *static_cast<Scanner*>(self);
    try {
        return scanner.on_message(*context, message, data);
    } catch (...) {
        scanner.thrown_ = std::current_exception();
        return CALLBACK_ERROR;
    }
}

int Scanner::on_message(YR_SCAN_CONTEXT& context, int message, void* data) {
    if (message == CALLBACK_MSG_RULE_MATCHING) return on_match(context, *static_cast<const YR_RULE*>(data));
    if (message == CALLBACK_MSG_TOO_MANY_MATCHES) on_too_many(context, *static_cast<const YR_STRING*>(data));
    return CALLBACK_CONTINUE;
}

int Scanner::on_match(const YR_SCAN_CONTEXT& context, const YR_RULE& rule) {
    const std::int32_t verdict = backend_.judge().verdict_of(rule);
    const std::uint32_t confidence = confidence_of(rule);   // unset is the largest number
    if (verdict > verdict_)
        confidence_ = confidence;
    else if (verdict == verdict_)
        confidence_ = std::max(confidence_, confidence);
    // When the host wants no more, what raises the verdict must still get through.
    if (!host_has_enough_ || verdict > verdict_)
        host_has_enough_ = !report(*now_, context, rule, verdict) || host_has_enough_;
    verdict_ = std::max(verdict_, verdict);
    decided_ = verdict_ == ME_MALICIOUS && (host_has_enough_ || !now_->all_matches());
    return decided_ ? CALLBACK_ABORT : CALLBACK_CONTINUE;
}

/// libyara goes on without this string, so the artifact was not examined for all of it.
void Scanner::on_too_many(const YR_SCAN_CONTEXT& context, const YR_STRING& string) {
    const YR_RULE& rule = context.rules->rules_table[string.rule_idx];
    now_->partial(ME_PARTIAL_TOO_MANY);
    if (std::exchange(too_many_, true)) return;   // one line per scan; an artifact can provoke thousands
    now_->log(ME_LOG_INFO, std::string("rule ") + rule.ns->name + ":" + rule.identifier + ": string " +
                               string.identifier + " matches more than " +
                               std::to_string(YR_MAX_STRING_MATCHES) + " times; the scan goes on without it");
}

}   // namespace microengine::yara
