// SPDX-License-Identifier: MIT
#include "host/fetch/client.hpp"

#include "host/fetch/get_errand.hpp"
#include "host/fetch/post_errand.hpp"
#include "host/util/clock.hpp"
#include "host/util/mutex.hpp"
#include "host/util/text.hpp"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <limits>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace microengine::fetch {

namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kLongestPollNs = 60'000'000'000;

struct FreeMulti {
    void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
};
using Multi = std::unique_ptr<CURLM, FreeMulti>;

Multi new_multi(const ClientSettings& settings) {
    static const CURLcode once = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    Multi multi(once == CURLE_OK ? ::curl_multi_init() : nullptr);
    // Without descriptors nothing could wake its thread.
    if (!multi || ::curl_multi_wakeup(multi.get()) != CURLM_OK)
        throw std::runtime_error("libcurl cannot be set up");
    (void)::curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS,
                              static_cast<long>(std::max<std::size_t>(settings.at_once, 1)));
    return multi;
}

/// An errand and its exchange, or the step that is not due yet.
struct Work {
    std::unique_ptr<Errand> errand;   // null: answered
    std::optional<Step> step;
    std::unique_ptr<Exchange> exchange;

    [[nodiscard]] std::uint64_t until_ns() const {
        std::uint64_t until = errand->deadline().exists() ? errand->deadline().ns() : kNever;
        if (!exchange) return std::min(until, step->not_before_ns);
        if (exchange->pace().until_ns() != 0) until = std::min(until, exchange->pace().until_ns());
        return until;
    }
    [[nodiscard]] const std::string& place() const {
        return exchange ? exchange->place() : step->address.place();
    }
    void give_up(Failure failure, std::string why) {
        exchange.reset();
        errand->give_up({.failure = failure, .why = std::move(why)});
        errand.reset();
    }
    void go_on(std::optional<Fault> fault) {
        exchange.reset();
        step = errand->go_on(std::move(fault));
        if (!step) errand.reset();
    }
};

void drop_answered(auto& works) {
    std::erase_if(works, [](const Work& work) { return work.errand == nullptr; });
}

}   // namespace

std::string_view to_text(Failure failure) {
    switch (failure) {
        case Failure::none:
            return "none";
        case Failure::scheme:
            return "scheme";
        case Failure::address:
            return "address";
        case Failure::resolve:
            return "resolve";
        case Failure::connect:
            return "connect";
        case Failure::tls:
            return "tls";
        case Failure::timeout:
            return "timeout";
        case Failure::too_large:
            return "too_large";
        case Failure::status:
            return "status";
        case Failure::redirects:
            return "redirects";
        case Failure::encoded:
            return "encoded";
        case Failure::broken:
            return "broken";
        case Failure::room:
            return "room";
        case Failure::cancelled:
            return "cancelled";
    }
    std::unreachable();
}

struct Client::Impl {
    Impl(ClientSettings given, std::shared_ptr<intake::SpoolRoom> spool_room)
        : settings(std::move(given)), room(std::move(spool_room)), multi(new_multi(settings)) {
        thread = std::jthread([this] { run(); });
    }

    void add(std::unique_ptr<Errand> errand) {
        {
            const util::Lock lock(mutex);
            arrived.push_back(std::move(errand));
        }
        (void)::curl_multi_wakeup(multi.get());
    }

    void end() {
        {
            const util::Lock lock(mutex);
            ending = true;
        }
        (void)::curl_multi_wakeup(multi.get());
        thread.join();
    }

    // From here on: the client's thread.
    void run();
    [[nodiscard]] bool take_arrived();
    void perform();
    void look_after();
    void expire_waiting();
    void begin();
    void start(Work& work);
    void wait();
    void cancel_all();

    const ClientSettings settings;
    const std::shared_ptr<intake::SpoolRoom> room;
    const Multi multi;

    util::Mutex mutex;
    std::vector<std::unique_ptr<Errand>> arrived ME_GUARDED_BY(mutex);
    bool ending ME_GUARDED_BY(mutex) = false;

    std::deque<Work> waiting;
    std::uint64_t waiting_until_ns = kNever;   // no deadline of theirs is earlier
    std::vector<Work> at_work;

    std::jthread thread;
};

void Client::Impl::run() {
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

bool Client::Impl::take_arrived() {
    std::vector<std::unique_ptr<Errand>> news;
    {
        const util::Lock lock(mutex);
        if (ending) return false;
        news.swap(arrived);
    }
    for (auto& errand : news) {
        auto step = errand->arrive();
        if (!step) continue;
        if (errand->deadline().exists())
            waiting_until_ns = std::min(waiting_until_ns, errand->deadline().ns());
        waiting.push_back({.errand = std::move(errand), .step = std::move(step), .exchange = nullptr});
    }
    return true;
}

void Client::Impl::perform() {
    int running = 0;
    (void)::curl_multi_perform(multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto ended = std::ranges::find_if(at_work, [message](const Work& work) {
            return work.exchange && work.exchange->handle() == message->easy_handle;
        });
        util::ensure(ended != at_work.end(), "an exchange that ends is at work");
        ended->go_on(ended->exchange->fault(message->data.result));
    }
    drop_answered(at_work);
}

void Client::Impl::look_after() {
    const std::uint64_t now_ns = util::monotonic_ns();
    for (Work& work : at_work) {
        if (work.errand->deadline().passed())
            work.give_up(Failure::timeout, work.place() + " did not answer in time");
        else if (work.exchange && work.exchange->pace().too_slow(now_ns))
            work.go_on(Fault{.failure = Failure::timeout,
                             .why = work.place() + " sent less than " +
                                    util::human_bytes(kLeastBytesPerSecond) + " a second"});
        else if (!work.exchange && work.step->not_before_ns <= now_ns)
            start(work);
    }
    drop_answered(at_work);
}

void Client::Impl::expire_waiting() {
    if (util::monotonic_ns() < waiting_until_ns) return;
    waiting_until_ns = kNever;
    for (Work& work : waiting) {
        if (work.errand->deadline().passed())
            work.give_up(Failure::timeout, "the deadline passed while other requests were at work");
        else if (work.errand->deadline().exists())
            waiting_until_ns = std::min(waiting_until_ns, work.errand->deadline().ns());
    }
    drop_answered(waiting);
}

void Client::Impl::begin() {
    while (!waiting.empty() && at_work.size() < std::max<std::size_t>(settings.at_once, 1)) {
        at_work.push_back(std::move(waiting.front()));
        waiting.pop_front();
        start(at_work.back());
    }
}

void Client::Impl::start(Work& work) {
    work.exchange = std::make_unique<Exchange>(multi.get(), settings, *std::exchange(work.step, std::nullopt),
                                               *work.errand);
}

void Client::Impl::wait() {
    std::uint64_t until_ns = waiting_until_ns;
    for (const Work& work : at_work) until_ns = std::min(until_ns, work.until_ns());
    const std::uint64_t now_ns = util::monotonic_ns();
    const std::uint64_t left_ns = std::min(until_ns > now_ns ? until_ns - now_ns : 0, kLongestPollNs);
    // A millisecond too late rather than a thousand rounds too early.
    (void)::curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>((left_ns + 999'999) / 1'000'000),
                            nullptr);
}

void Client::Impl::cancel_all() {
    const std::string why = "the client ended";
    for (Work& work : at_work) work.give_up(Failure::cancelled, why);
    for (Work& work : waiting) work.give_up(Failure::cancelled, why);
    // Whoever is told may ask for something else.
    for (;;) {
        std::vector<std::unique_ptr<Errand>> news;
        {
            const util::Lock lock(mutex);
            news.swap(arrived);
        }
        if (news.empty()) return;
        for (auto& errand : news) errand->give_up({.failure = Failure::cancelled, .why = why});
    }
}

Client::Client(ClientSettings settings, std::shared_ptr<intake::SpoolRoom> room)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(room))) {}

Client::~Client() { impl_->end(); }

void Client::get(Get request, std::move_only_function<void(GetAnswer)> done) {
    impl_->add(std::make_unique<GetErrand>(std::move(request), impl_->room, std::move(done)));
}

void Client::post(Post request, std::move_only_function<void(PostAnswer)> done) {
    impl_->add(std::make_unique<PostErrand>(std::move(request), std::move(done)));
}

}   // namespace microengine::fetch
