// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/load.hpp"
#include "host/frontends/ambassador/numbers.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kFaultsTold = 10;

Fault fault_of(const LoadEntry& entry) {
    if (!entry.evidence.accepted) return "not accepted";
    return judge(entry.evidence);
}

milliseconds since(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration_cast<milliseconds>(end - begin);
}

std::string ms(milliseconds time) { return std::to_string(time.count()) + " ms"; }

std::string one_digit(double number) {
    std::array<char, 40> text{};
    const int size = std::snprintf(text.data(), text.size(), "%.1f", number);
    return {text.data(), static_cast<std::size_t>(size)};
}

}   // namespace

bool LoadNumbers::all_well() const {
    return accepted == posted && answered == posted && correct == posted && in_time == posted;
}

double LoadNumbers::per_second() const {
    return took.count() == 0 ? 0 : static_cast<double>(answered) * 1000 / static_cast<double>(took.count());
}

LoadNumbers numbers_of(const std::vector<LoadEntry>& entries) {
    LoadNumbers numbers;
    std::vector<milliseconds> accepting, replying;
    Clock::time_point first = Clock::time_point::max(), last = Clock::time_point::min();
    for (const LoadEntry& entry : entries) {
        const Evidence& evidence = entry.evidence;
        ++numbers.posted;
        first = std::min(first, entry.posted);
        if (evidence.accepted) {
            ++numbers.accepted;
            accepting.push_back(entry.accepted_after);
        }
        if (evidence.accepted && !evidence.replies.empty()) {
            ++numbers.answered;
            const auto when = evidence.replies.front().when;
            last = std::max(last, when);
            replying.push_back(since(entry.posted, when));
            if (!fault_of_time(evidence)) ++numbers.in_time;
        }
        const Fault fault = fault_of(entry);
        if (!fault || (evidence.accepted && fault == fault_of_time(evidence))) ++numbers.correct;
        if (fault && numbers.faults.size() < kFaultsTold)
            numbers.faults.push_back(util::printable(entry.what + ": " + *fault));
    }
    numbers.accept_p50 = percentile(accepting, 50);
    numbers.accept_p99 = percentile(accepting, 99);
    numbers.reply_p50 = percentile(replying, 50);
    numbers.reply_p99 = percentile(replying, 99);
    numbers.reply_max = percentile(replying, 100);
    if (numbers.answered > 0) numbers.took = since(first, last);
    return numbers;
}

std::string text_of(const LoadNumbers& n, std::uint64_t seed) {
    std::string out = std::to_string(n.posted) + " bounties, " + one_digit(n.per_second()) +
                      " replies a second; seed " + std::to_string(seed) + "\n";
    for (const auto& [name, count] : {std::pair{"accepted", n.accepted},
                                      {"answered", n.answered},
                                      {"correct ", n.correct},
                                      {"in time ", n.in_time}})
        out += std::string(count == n.posted ? "PASS  " : "FAIL  ") + name + "  " + std::to_string(count) +
               " of " + std::to_string(n.posted) + "\n";
    out += "202    p50 " + ms(n.accept_p50) + ", p99 " + ms(n.accept_p99) + "\n";
    out += "reply  p50 " + ms(n.reply_p50) + ", p99 " + ms(n.reply_p99) + ", max " + ms(n.reply_max) + "\n";
    for (const std::string& fault : n.faults) out += "fault: " + fault + "\n";
    return out;
}

std::string json_of(const LoadNumbers& n, std::uint64_t seed) {
    const nlohmann::ordered_json whole{
        {"schema", "microengine.ambassador-load/1"},
        {"posted", n.posted},
        {"accepted", n.accepted},
        {"answered", n.answered},
        {"correct", n.correct},
        {"in_time", n.in_time},
        {"accepted_ms", {{"p50", n.accept_p50.count()}, {"p99", n.accept_p99.count()}}},
        {"reply_ms",
         {{"p50", n.reply_p50.count()}, {"p99", n.reply_p99.count()}, {"max", n.reply_max.count()}}},
        {"replies_per_second", n.per_second()},
        {"seed", std::to_string(seed)},
        {"faults", n.faults}};
    return whole.dump(2) + "\n";
}

}   // namespace microengine::ambassador
