// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/post_plan.hpp"

#include <algorithm>

namespace microengine::polyswarm {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstWait(200);
constexpr milliseconds kMostWait(5'000);

bool is_final_failure(fetch::Failure failure) {
    using enum fetch::Failure;
    return failure == scheme || failure == address;
}

bool may_change(unsigned status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

}   // namespace

PostPlan plan_after(std::uint32_t attempts, const fetch::PostAnswer& answer, milliseconds left,
                    double jitter) {
    if (is_final_failure(answer.failure)) return {.after = After::refused};
    const bool answered = answer.failure == fetch::Failure::none;
    if (answered && ((answer.status >= 200 && answer.status < 300) || answer.status == 409))
        return {.after = After::delivered};
    if (answered && !may_change(answer.status)) return {.after = After::refused};
    if (left <= milliseconds(0)) return {.after = After::given_up};
    const auto doubled = kFirstWait * (1 << std::min<std::uint32_t>(attempts > 0 ? attempts - 1 : 0, 10));
    const auto spread = 1.0 + 0.2 * std::clamp(jitter, -1.0, 1.0);
    const milliseconds wait(
        static_cast<milliseconds::rep>(static_cast<double>(std::min(doubled, kMostWait).count()) * spread));
    return {.after = After::again, .wait = std::min(std::max(wait, answer.retry_after), left)};
}

}   // namespace microengine::polyswarm
