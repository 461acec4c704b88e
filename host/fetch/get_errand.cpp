// SPDX-License-Identifier: MIT
#include "host/fetch/get_errand.hpp"

#include "host/fetch/data_url.hpp"
#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace microengine::fetch {

namespace {

constexpr std::size_t kLongestType = 256;
constexpr std::uint64_t kFirstPauseNs = 100'000'000;
constexpr std::uint32_t kMostDoublings = 6;

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Doubled each time; up to a fifth more or less keeps those apart whom one trouble has met at once.
std::uint64_t pause_after(std::uint32_t attempt, std::uint64_t now_ns) {
    const std::uint64_t percent = 80 + now_ns % 41;
    return (kFirstPauseNs << std::min(attempt - 1, kMostDoublings)) / 100 * percent;
}

/// Larger than that, says Content-Length?
bool announces_more(const Head& head, std::uint64_t most_bytes) {
    const auto text = head.field("content-length");
    if (!text) return false;
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), bytes);
    return error == std::errc::result_out_of_range || (error == std::errc{} && bytes > most_bytes);
}

}   // namespace

GetErrand::GetErrand(Get request, std::shared_ptr<intake::SpoolRoom> room, Done done)
    : Errand(request.deadline),
      request_(std::move(request)),
      room_(std::move(room)),
      done_(std::move(done)) {}

std::optional<Step> GetErrand::arrive() {
    if (is_data_url(request_.url)) {
        answer_data_url();
        return std::nullopt;
    }
    auto address = WebAddress::parse(request_.url);
    if (!address) {
        give_up({.failure = Failure::scheme, .why = "it is no http, https or data: URL"});
        return std::nullopt;
    }
    origin_ = *std::move(address);
    return step_to(origin_, 0);
}

std::optional<Step> GetErrand::go_on(std::optional<Fault> fault) {
    if (target_) return step_to(std::exchange(target_, {}), 0);
    if (fault_) fault = std::exchange(fault_, std::nullopt);
    if (!fault && got_) {
        answer_bytes();
        return std::nullopt;
    }
    // Without a fault the connection ended within the head.
    Fault met = std::move(fault).value_or(Fault{.failure = Failure::broken,
                                                .why = "the answer of " + here_.place() + " was cut short",
                                                .passing = true});
    if (auto step = again(met)) return step;
    give_up(std::move(met));
    return std::nullopt;
}

void GetErrand::give_up(Fault fault) {
    got_.reset();   // its room is free before anybody hears of it
    done_({.failure = fault.failure, .why = std::move(fault.why), .got = nullptr});
}

Step GetErrand::step_to(const WebAddress& address, std::uint64_t not_before_ns) {
    here_ = address.copy();
    return {.address = address.copy(), .json = nullptr, .not_before_ns = not_before_ns};
}

std::optional<Step> GetErrand::again(const Fault& fault) {
    if (!fault.passing || attempt_ >= request_.attempts) return std::nullopt;
    const std::uint64_t now_ns = util::monotonic_ns();
    const std::uint64_t then_ns = now_ns + pause_after(attempt_, now_ns);
    if (deadline().exists() && then_ns >= deadline().ns()) return std::nullopt;
    ++attempt_;
    redirected_ = 0;
    got_.reset();
    return step_to(origin_, then_ns);
}

bool GetErrand::on_head(const Head& head) {
    const unsigned status = head.status();
    const std::string& place = here_.place();
    if (is_redirect(status)) return redirect(head);
    if (status != 200)
        return stop(Failure::status, place + " answered " + std::to_string(status), status >= 500);
    if (!head.only("content-encoding", "identity") || !head.only("transfer-encoding", "chunked"))
        return stop(Failure::encoded, place + " sent a compressed answer, which nobody asked for");
    if (announces_more(head, request_.most_bytes))
        return stop(Failure::too_large, place + " announces more than the " +
                                            util::human_bytes(request_.most_bytes) + " that are taken");
    begin_bytes(head.field("content-type").value_or(""));
    got_->delimited = head.field("content-length") || head.field("transfer-encoding");
    return true;
}

bool GetErrand::redirect(const Head& head) {
    const std::string& place = here_.place();
    const auto location = head.field("location");
    if (!location || location->empty()) return stop(Failure::redirects, place + " redirects nowhere");
    if (redirected_ == request_.redirects)
        return stop(Failure::redirects, place + " redirects once more than the " +
                                            std::to_string(request_.redirects) + " times that are followed");
    ++redirected_;
    auto target = here_.follow(*location);
    if (target)
        target_ = *std::move(target);
    else
        fault_ = std::move(target).error();
    return false;
}

bool GetErrand::stop(Failure failure, std::string why, bool passing) {
    fault_ = Fault{.failure = failure, .why = std::move(why), .passing = passing};
    return false;
}

void GetErrand::begin_bytes(std::string_view type) {
    got_ = std::make_unique<GotBytes>(GotBytes{
        .bytes = intake::Spool(room_), .sha256 = {}, .type = std::string(type.substr(0, kLongestType))});
    hash_ = {};
}

bool GetErrand::on_bytes(std::span<const std::uint8_t> piece) {
    if (piece.size() > request_.most_bytes - got_->bytes.size())
        return stop(Failure::too_large, here_.place() + " sent more than the " +
                                            util::human_bytes(request_.most_bytes) + " that are taken");
    return take_bytes(piece);
}

bool GetErrand::take_bytes(std::span<const std::uint8_t> piece) {
    if (auto appended = got_->bytes.append(piece); !appended)
        return stop(Failure::room, std::move(appended).error().text());
    hash_.update(piece);
    return true;
}

void GetErrand::answer_bytes() {
    got_->sha256 = hash_.finish();
    done_({.failure = Failure::none, .why = {}, .got = std::move(got_)});
}

void GetErrand::answer_data_url() {
    auto decoded = decode_data_url(request_.url, request_.most_bytes);
    if (!decoded) {
        const bool large = decoded.error().code == util::Errc::limit;
        give_up({.failure = large ? Failure::too_large : Failure::broken, .why = decoded.error().text()});
        return;
    }
    begin_bytes(decoded->type);
    if (take_bytes(decoded->bytes))
        answer_bytes();
    else
        give_up(std::exchange(fault_, std::nullopt).value_or(Fault{}));
}

}   // namespace microengine::fetch
