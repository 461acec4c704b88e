// SPDX-License-Identifier: MIT
// The arguments are those of RabbitMQ's quorum queues: https://www.rabbitmq.com/docs/quorum-queues.
#include "host/broker/queues.hpp"

#include "host/util/metrics.hpp"

namespace microengine::broker {

namespace {

constexpr std::int64_t kLastTries = 10;   // only for what a worker cannot even read
constexpr std::int64_t kDeadMs = 3'600'000;
constexpr std::int64_t kResultsExpireMs = 3'600'000;   // as long as a process that is restarted may be away

}   // namespace

std::string_view to_text(Class one) {
    switch (one) {
        case Class::interactive:
            return "interactive";
        case Class::normal:
            return "normal";
        case Class::bulk:
            return "bulk";
    }
    return "normal";
}

std::string job_queue(const core::QueueSettings& settings, Class one) {
    return settings.prefix + ".jobs." + std::string(to_text(one));
}

std::string dead_queue(const core::QueueSettings& settings) { return settings.prefix + ".dead"; }

std::string result_queue(const core::QueueSettings& settings, std::string_view id) {
    return settings.prefix + ".results." + std::string(id);
}

util::Result<void> declare_queues(Link& link, const core::QueueSettings& settings) {
    // Whoever asked has been told long before: then it is kept for nobody.
    ME_CHECK(link.declare({.name = dead_queue(settings),
                           .arguments = {{"x-queue-type", "quorum"},
                                         {"x-max-length", std::int64_t{settings.max_jobs}},
                                         {"x-message-ttl", kDeadMs},
                                         {"x-delivery-limit", kLastTries}}}));
    for (const Class one : kClasses) {
        ME_CHECK(link.declare({.name = job_queue(settings, one),
                               .arguments = {{"x-queue-type", "quorum"},
                                             {"x-max-length", std::int64_t{settings.max_jobs}},
                                             {"x-overflow", "reject-publish"},
                                             {"x-delivery-limit", std::int64_t{settings.delivery_limit}},
                                             {"x-dead-letter-exchange", ""},
                                             {"x-dead-letter-routing-key", dead_queue(settings)},
                                             {"x-dead-letter-strategy", "at-least-once"}}}));
    }
    return {};
}

util::Result<void> declare_result_queue(Link& link, const std::string& name) {
    return link.declare(
        {.name = name, .arguments = {{"x-queue-type", "quorum"}, {"x-expires", kResultsExpireMs}}});
}

util::Result<std::uint64_t> measure_queues(Link& link, const core::QueueSettings& settings) {
    std::uint64_t workers = 0;
    for (const Class one : kClasses) {
        const QueueState state = ME_TRY(link.state(job_queue(settings, one)));
        util::gauge("queue_depth", {{"class", to_text(one)}}, static_cast<double>(state.messages));
        if (one == Class::interactive) workers = state.consumers;
    }
    util::gauge("queue_workers", {}, static_cast<double>(workers));
    const QueueState dead = ME_TRY(link.state(dead_queue(settings)));
    util::gauge("queue_dead_depth", {}, static_cast<double>(dead.messages));
    return workers;
}

}   // namespace microengine::broker
