// SPDX-License-Identifier: MIT
#include "host/fetch/loop.hpp"

#include "host/util/clock.hpp"
#include "host/util/result.hpp"
#include "host/util/text.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace microengine::fetch {

namespace {

constexpr std::uint64_t kLongestPollNs = 60'000'000'000;

void drop_answered(auto& works) {
    std::erase_if(works, [](const auto& work) { return work.errand == nullptr; });
}

}   // namespace

std::uint64_t Loop::Work::until_ns() const {
    std::uint64_t until = errand->deadline().exists() ? errand->deadline().ns() : kNever;
    if (!exchange) return std::min(until, step.not_before_ns);
    if (exchange->pace().until_ns() != 0) until = std::min(until, exchange->pace().until_ns());
    return until;
}

const std::string& Loop::Work::place() const { return exchange ? exchange->place() : step.address.place(); }

void Loop::Work::give_up(Failure failure, std::string why) {
    exchange.reset();
    errand->give_up({.failure = failure, .why = std::move(why)});
    errand.reset();
}

void Loop::Work::go_on(std::optional<Fault> fault) {
    exchange.reset();
    if (auto next = errand->go_on(std::move(fault)))
        step = *std::move(next);
    else
        errand.reset();
}

Loop::Multi Loop::new_multi(const ClientSettings& settings) {
    static const CURLcode once = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    Multi multi(once == CURLE_OK ? ::curl_multi_init() : nullptr);
    // A library that resolves names by itself would hold all others up meanwhile.
    const int features = ::curl_version_info(CURLVERSION_NOW)->features;
    if ((features & CURL_VERSION_ASYNCHDNS) == 0 || (features & CURL_VERSION_SSL) == 0)
        throw std::runtime_error("this libcurl has no TLS or cannot resolve names aside");
    // Without descriptors nothing could wake its thread.
    if (!multi || ::curl_multi_wakeup(multi.get()) != CURLM_OK)
        throw std::runtime_error("libcurl cannot be set up");
    (void)::curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS,
                              static_cast<long>(std::max<std::size_t>(settings.at_once, 1)));
    return multi;
}

Loop::Loop(ClientSettings settings) : settings_(std::move(settings)), multi_(new_multi(settings_)) {
    thread_ = std::jthread([this] { run(); });
}

Loop::~Loop() { end(); }

void Loop::end() {
    if (!thread_.joinable()) return;
    {
        const util::Lock lock(mutex_);
        ending_ = true;
    }
    (void)::curl_multi_wakeup(multi_.get());
    thread_.join();
}

void Loop::add(std::unique_ptr<Errand> errand) {
    {
        const util::Lock lock(mutex_);
        arrived_.push_back(std::move(errand));
    }
    (void)::curl_multi_wakeup(multi_.get());
}

void Loop::run() {
    // A peer that has gone is an error of the write, also where OpenSSL writes.
    sigset_t pipe{};
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    (void)::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    while (take_arrived()) {
        perform();
        look_after();
        expire_waiting();
        begin();
        wait();
    }
    cancel_all();
}

bool Loop::take_arrived() {
    std::vector<std::unique_ptr<Errand>> news;
    {
        const util::Lock lock(mutex_);
        if (ending_) return false;
        news.swap(arrived_);
    }
    for (auto& errand : news) {
        auto step = errand->arrive();
        if (!step) continue;
        if (errand->deadline().exists())
            waiting_until_ns_ = std::min(waiting_until_ns_, errand->deadline().ns());
        waiting_.push_back({.errand = std::move(errand), .step = *std::move(step), .exchange = nullptr});
    }
    return true;
}

void Loop::perform() {
    int running = 0;
    (void)::curl_multi_perform(multi_.get(), &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto ended = std::ranges::find_if(at_work_, [message](const Work& work) {
            return work.exchange && work.exchange->handle() == message->easy_handle;
        });
        util::ensure(ended != at_work_.end(), "an exchange that ends is at work");
        ended->go_on(ended->exchange->fault(message->data.result));
    }
    drop_answered(at_work_);
}

void Loop::look_after() {
    const std::uint64_t now_ns = util::monotonic_ns();
    for (Work& work : at_work_) {
        if (work.errand->deadline().passed())
            work.give_up(Failure::timeout, work.place() + " did not answer in time");
        else if (work.exchange && work.exchange->pace().too_slow(now_ns))
            work.go_on(Fault{.failure = Failure::timeout,
                             .why = work.place() + " sent less than " +
                                    util::human_bytes(kLeastBytesPerSecond) + " a second"});
        else if (!work.exchange && work.step.not_before_ns <= now_ns)
            start(work);
    }
    drop_answered(at_work_);
}

void Loop::expire_waiting() {
    if (util::monotonic_ns() < waiting_until_ns_) return;
    waiting_until_ns_ = kNever;
    for (Work& work : waiting_) {
        if (work.errand->deadline().passed())
            work.give_up(Failure::timeout, "the deadline passed before its turn came");
        else if (work.errand->deadline().exists())
            waiting_until_ns_ = std::min(waiting_until_ns_, work.errand->deadline().ns());
    }
    drop_answered(waiting_);
}

void Loop::begin() {
    while (!waiting_.empty() && at_work_.size() < std::max<std::size_t>(settings_.at_once, 1)) {
        at_work_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        start(at_work_.back());
    }
}

void Loop::start(Work& work) {
    work.exchange =
        std::make_unique<Exchange>(multi_.get(), settings_, std::exchange(work.step, {}), *work.errand);
}

void Loop::wait() {
    std::uint64_t until_ns = waiting_until_ns_;
    for (const Work& work : at_work_) until_ns = std::min(until_ns, work.until_ns());
    const std::uint64_t now_ns = util::monotonic_ns();
    const std::uint64_t left_ns = std::min(until_ns > now_ns ? until_ns - now_ns : 0, kLongestPollNs);
    // A millisecond too late rather than a thousand rounds too early.
    (void)::curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>((left_ns + 999'999) / 1'000'000),
                            nullptr);
}

void Loop::cancel_all() {
    const std::string why = "the client ended";
    for (Work& work : at_work_) work.give_up(Failure::cancelled, why);
    for (Work& work : waiting_) work.give_up(Failure::cancelled, why);
    // Whoever is told may ask for something else.
    for (;;) {
        std::vector<std::unique_ptr<Errand>> news;
        {
            const util::Lock lock(mutex_);
            news.swap(arrived_);
        }
        if (news.empty()) return;
        for (auto& errand : news) errand->give_up({.failure = Failure::cancelled, .why = why});
    }
}

}   // namespace microengine::fetch
