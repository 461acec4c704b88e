// SPDX-License-Identifier: MIT
#pragma once
// Working memory over a backend's rules. One thread at a time; only cancel() is for any thread.

#include "evaluation.hpp"
#include "handles.hpp"

#include <microengine/plugin.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <vector>

namespace microengine::yara {

class Backend;
struct RuleSet;

class Scanner {
public:
    explicit Scanner(const Backend& backend);
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;
    ~Scanner() = default;

    /// Throws microengine::Error for whatever did not come to an end: that is never benign.
    void scan(Scan& scan);
    /// Ends the running scan within a millisecond; without one it has no effect, not on the next one either.
    void cancel() noexcept;

private:
    /// One set of rules.
    struct Set {
        std::unique_ptr<Evaluation> evaluation;   // null: libyara evaluates all conditions
        YrScanner scanner;
    };
    [[nodiscard]] Set open(const RuleSet& rules);
    void scan_with(const Set& set);
    [[nodiscard]] int run(const Set& set);
    [[noreturn]] static void fail_with(int error, YR_SCANNER* scanner);
    [[nodiscard]] bool cancelled() const noexcept;
    int on_message(YR_SCAN_CONTEXT& context, int message, void* data);
    int on_match(const YR_SCAN_CONTEXT& context, const YR_RULE& rule);
    void on_too_many(const YR_SCAN_CONTEXT& context, const YR_STRING& string);
    static int callback(YR_SCAN_CONTEXT* context, int message, void* data, void* self) noexcept;

    // Constant after construction.
    const Backend& backend_;
    std::vector<Set> sets_;

    // Of the running scan.
    Scan* now_ = nullptr;
    std::int32_t verdict_ = ME_UNKNOWN;
    std::uint32_t confidence_ = 0;   // the surest of those that carry the verdict
    bool host_has_enough_ = false, too_many_ = false, decided_ = false;
    std::exception_ptr thrown_;

    /// The number of the scan in steps of four, plus whether it runs and whether it was cancelled: one word,
    /// so that a late cancel() cannot hit the next scan.
    std::atomic<std::uint64_t> state_{0};
};

}   // namespace microengine::yara
