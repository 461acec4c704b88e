// SPDX-License-Identifier: MIT
// From a delivery to its result. All on the worker's thread, but where it says otherwise.
#include "host/engine/fingerprint.hpp"
#include "host/frontends/worker/impl.hpp"
#include "host/frontends/worker/orders.hpp"
#include "host/report/json.hpp"
#include "host/util/log.hpp"
#include "host/util/metrics.hpp"

#include <algorithm>
#include <utility>

namespace microengine::worker {

namespace {

/// Somebody cancelled it, and nobody has decided: we are ending. Another worker does it.
bool was_cancelled(const core::Report& report) {
    return std::ranges::any_of(report.results, [](const core::ScanResult& row) {
        return row.outcome == core::Outcome::skipped && row.reason == core::Reason::cancelled;
    });
}

/// Answers must not become jobs, or they go round for ever.
bool may_answer_to(const std::string& queue, const core::QueueSettings& settings) {
    return queue != broker::dead_queue(settings) && !queue.starts_with(settings.prefix + ".jobs.");
}

std::string sentence_of_death(const broker::Delivery& delivery, const core::QueueSettings& settings) {
    if (delivery.death == "delivery_limit")
        return "given up after " + std::to_string(settings.delivery_limit + 2) +
               " workers: each was lost with it, or had to give it back";
    if (delivery.death == "expired") return "its deadline passed before a worker was free";
    return "the broker gave it up: " +
           (delivery.death.empty() ? std::string("it does not say why") : delivery.death);
}

broker::Undone undone_of_death(const std::string& death) {
    if (death == "delivery_limit") return broker::Undone::poison;
    return death == "expired" ? broker::Undone::expired : broker::Undone::lost;
}

}   // namespace

const std::string& Worker::Impl::fingerprint_now() {
    const auto generation = parts.service.generation();
    const auto found = fingerprints.find(generation->number);
    if (found != fingerprints.end()) return found->second;
    // Scans of the one before may still end.
    while (fingerprints.size() > 1) fingerprints.erase(fingerprints.begin());
    return fingerprints.emplace(generation->number, engine::fingerprint(*generation)).first->second;
}

broker::ResultText Worker::Impl::result_for(const Hand& hand) const {
    broker::ResultText result;
    result.id = hand.id;
    result.worker = name;
    result.deliveries = hand.deliveries;
    return result;
}

void Worker::Impl::on_delivery(const broker::Delivery& delivery) {
    std::string reply_to = delivery.message.reply_to;
    if (!may_answer_to(reply_to, parts.settings)) reply_to.clear();
    const std::uint64_t hand = hands.add({.channel = delivery.channel,
                                          .tag = delivery.tag,
                                          .id = delivery.message.id,
                                          .reply_to = std::move(reply_to),
                                          .deliveries = delivery.deliveries,
                                          .result = {}});
    if (delivery.channel == kDeadChannel) return on_dead_letter(delivery, hand);
    util::count("queue_deliveries_total", {{"class", to_text(broker::kClasses.at(delivery.channel - 1U))}});
    if (delivery.redelivered) util::count("queue_redeliveries_total");
    if (delivery.too_large != 0)
        return undone(hand, broker::Undone::refused,
                      "the message has " + std::to_string(delivery.too_large) + " bytes, more than " +
                          std::to_string(link.max_message_bytes));
    const auto text = broker::job_from_json(delivery.message.body);
    if (!text) return undone(hand, broker::Undone::refused, "the job cannot be read: " + text.error().text());
    take(hand, *text);
}

void Worker::Impl::take(std::uint64_t hand, const broker::JobText& text) {
    Hand& held = *hands.find(hand);
    held.id = text.id;
    held.generation = text.generation;
    if (text.sent_unix_ms != 0)
        util::observe("queue_wait_seconds", {},
                      static_cast<double>(std::max<std::int64_t>(0, age_ms(text))) * 1e-3);
    if (time_left(text).count() <= 0)
        return undone(hand, broker::Undone::expired, "its deadline had passed when a worker took it");
    if (!text.generation.empty() && text.generation != fingerprint_now())
        return undone(hand, broker::Undone::generation,
                      "it wants generation " + text.generation + ", this worker has " + fingerprint_now());
    if (text.artifact.size > parts.settings.max_artifact_bytes)
        return undone(hand, broker::Undone::refused,
                      "its artifact has more than queue.max_artifact_bytes = " +
                          std::to_string(parts.settings.max_artifact_bytes));
    begin(hand, text);
}

void Worker::Impl::on_dead_letter(const broker::Delivery& delivery, std::uint64_t hand) {
    const broker::Undone why = undone_of_death(delivery.death);
    // A worker dies with all that it has in hand, and most of that is innocent: each gets a last try, one at
    // a time.
    const auto text = broker::job_from_json(delivery.message.body);
    if (why == broker::Undone::poison && !delivery.redelivered && text) {
        util::count("queue_last_tries_total");
        util::log(util::Level::warning, "last_try", {{"job", delivery.message.id}});
        take(hand, *text);
        return;
    }
    util::count("queue_dead_letters_total", {{"reason", to_text(why)}});
    util::log(util::Level::warning, "dead_letter",
              {{"job", delivery.message.id}, {"reason", std::string(to_text(why))}});
    undone(hand, why, sentence_of_death(delivery, parts.settings));
}

void Worker::Impl::begin(std::uint64_t hand, const broker::JobText& text) {
    if (std::holds_alternative<broker::RemoteFile>(text.where)) return fetch(hand, text);
    // Not its fault: others have the folder. This machine takes no more until it has it again.
    if (std::holds_alternative<broker::SharedFile>(text.where) && !shared_folder(parts.settings)) {
        unfit = true;
        return;
    }
    engine::Job job = engine_job(text);
    job.load = verified(loader_of(text, parts.settings), text.artifact);
    offer(hand, std::move(job));
}

void Worker::Impl::fetch(std::uint64_t hand, const broker::JobText& text) {
    engine::Job job = engine_job(text);
    fetch::Get get{
        .url = std::get<broker::RemoteFile>(text.where).url,
        .deadline = job.deadline.exists() ? job.deadline : core::Deadline::after(parts.settings.job_timeout),
        .most_bytes = parts.settings.max_artifact_bytes};
    fetches->get(std::move(get), [this, hand, facts = text.artifact, job = std::move(job)](
                                     fetch::GetAnswer answer) mutable {   // on the client's thread
        post([this, hand, facts = std::move(facts), job = std::move(job),
              answer = std::move(answer)]() mutable {
            if (!answer.got)
                return undone(hand, broker::Undone::refused, "its artifact cannot be fetched: " + answer.why);
            auto load = intake::Spool::loader(std::move(answer.got->bytes), facts.name,
                                              {.max_artifact_bytes = parts.settings.max_artifact_bytes});
            job.load = verified(std::move(load), std::move(facts));
            offer(hand, std::move(job));
        });
    });
}

void Worker::Impl::offer(std::uint64_t hand, engine::Job job) {
    (void)fingerprint_now();   // whatever generation judges it is known by its number then
    job.done = [this, hand](core::Report report) {   // on the engine's thread
        post([this, hand, report = std::move(report)]() mutable { on_report(hand, std::move(report)); });
    };
    waiting.push_back({.hand = hand, .job = std::move(job)});
    offer_waiting();
}

void Worker::Impl::offer_waiting() {
    while (!waiting.empty()) {
        Waiting& first = waiting.front();
        if (hands.find(first.hand) != nullptr) {
            const engine::Offer offered = parts.service.offer(std::move(first.job));
            if (offered == engine::Offer::full) return;   // untouched: after the next report there is room
            if (offered == engine::Offer::closed) given_back.push_back(first.hand);
        }
        waiting.pop_front();
    }
}

void Worker::Impl::on_report(std::uint64_t hand, core::Report report) {
    const Hand* held = hands.find(hand);
    if (held == nullptr) return;   // the connection was lost meanwhile: it has been given to somebody again
    if (stopping && was_cancelled(report)) {
        given_back.push_back(hand);
        return;
    }
    broker::ResultText result = result_for(*held);
    (void)fingerprint_now();   // a reload may have come between
    const auto judged = fingerprints.find(report.generation);
    if (judged != fingerprints.end()) result.generation = judged->second;
    if (!held->generation.empty() && held->generation != result.generation)
        return undone(hand, broker::Undone::generation,
                      "it wants generation " + held->generation + ", and a reload came between");
    result.report = std::move(report);
    answer(hand, result);
}

void Worker::Impl::undone(std::uint64_t hand, broker::Undone why, std::string message) {
    const Hand* held = hands.find(hand);
    if (held == nullptr) return;
    util::log(util::Level::warning, "job_undone",
              {{"job", held->id}, {"reason", std::string(to_text(why))}, {"why", message}});
    broker::ResultText result = result_for(*held);
    result.undone = why;
    result.message = std::move(message);
    answer(hand, result);
}

void Worker::Impl::answer(std::uint64_t hand, const broker::ResultText& result) {
    Hand* held = hands.find(hand);
    held->result = to_json(result);
    if (held->result.size() > report::kMaxJsonBytes) {
        broker::ResultText instead = result_for(*held);
        instead.undone = broker::Undone::lost;
        instead.message = "its report is larger than a message may be";
        held->result = to_json(instead);
    }
    done.push_back(hand);
}

}   // namespace microengine::worker
