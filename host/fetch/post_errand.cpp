// SPDX-License-Identifier: MIT
#include "host/fetch/post_errand.hpp"

#include "host/fetch/retry_after.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace microengine::fetch {

namespace {

constexpr std::size_t kHeadBytes = 512;
// Read on, so that the connection can be used again; no further.
constexpr std::size_t kMostBodyBytes = std::size_t{64} << 10;

}   // namespace

PostErrand::PostErrand(Post request, Done done)
    : Errand(request.deadline), request_(std::move(request)), done_(std::move(done)) {}

std::optional<Step> PostErrand::arrive() {
    auto address = WebAddress::parse(request_.url);
    if (address) return Step{.address = *std::move(address), .json = &request_.body, .not_before_ns = 0};
    give_up(std::move(address).error());
    return std::nullopt;
}

std::optional<Step> PostErrand::go_on(std::optional<Fault> fault) {
    give_up(fault ? *std::move(fault) : Fault{.failure = Failure::broken, .why = "there was no answer"});
    return std::nullopt;
}

void PostErrand::give_up(Fault fault) {
    if (answer_.status == 0) {
        answer_.failure = fault.failure;
        answer_.why = std::move(fault.why);
    }
    done_(std::move(answer_));
}

bool PostErrand::on_head(const Head& head) {
    answer_.status = head.status();
    if (const auto text = head.field("retry-after"))
        answer_.retry_after = parse_retry_after(*text, std::chrono::system_clock::now());
    return true;
}

bool PostErrand::on_bytes(std::span<const std::uint8_t> piece) {
    const auto shown = piece.first(std::min(piece.size(), kHeadBytes - answer_.head.size()));
    answer_.head.append(shown.begin(), shown.end());
    read_ += piece.size();
    return read_ <= kMostBodyBytes;
}

}   // namespace microengine::fetch
