// SPDX-License-Identifier: MIT
#include "host/frontends/http/feed.hpp"

#include "host/util/digest.hpp"
#include "host/util/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace microengine::http {

namespace {

using Json = nlohmann::ordered_json;

/// One line each: JSON has no line feeds.
std::string framed(std::string_view event, std::string_view id, std::string_view data) {
    std::string text;
    if (!id.empty()) text.append("id: ").append(id).append("\n");
    return text.append("event: ").append(event).append("\ndata: ").append(data).append("\n\n");
}

}   // namespace

std::string EventFeed::Subscriber::take() {
    const util::Lock lock(mutex_);
    woken_ = false;
    std::string text;
    text.reserve(bytes_);
    for (const std::string& one : waiting_) text += one;
    waiting_.clear();
    bytes_ = 0;
    if (lost_ > 0) text += framed("lost", {}, "{\"events\":" + std::to_string(std::exchange(lost_, 0)) + "}");
    return text;
}

void EventFeed::Subscriber::add(const std::string& text) {
    {
        const util::Lock lock(mutex_);
        if (lost_ > 0 || waiting_.size() >= limits_.events || bytes_ + text.size() > limits_.bytes) {
            ++lost_;   // from the first on, so that the gap is where he is told of it
        } else {
            waiting_.push_back(text);
            bytes_ += text.size();
        }
        if (std::exchange(woken_, true)) return;
    }
    wake_();
}

std::shared_ptr<EventFeed::Subscriber> EventFeed::subscribe(std::function<void()> wake) {
    const util::Lock lock(mutex_);
    std::erase_if(subscribers_, [](const std::weak_ptr<Subscriber>& one) { return one.expired(); });
    if (subscribers_.size() >= limits_.subscribers) return nullptr;
    auto made = std::make_shared<Subscriber>(limits_, std::move(wake));
    subscribers_.push_back(made);
    count_ = subscribers_.size();
    return made;
}

void EventFeed::publish(std::string_view event, const std::string& data) {
    std::vector<std::shared_ptr<Subscriber>> all;
    {
        const util::Lock lock(mutex_);
        std::erase_if(subscribers_, [](const std::weak_ptr<Subscriber>& one) { return one.expired(); });
        count_ = subscribers_.size();
        for (const auto& one : subscribers_)
            if (auto held = one.lock()) all.push_back(std::move(held));
    }
    const std::string text = framed(event, std::to_string(++number_), data);
    for (const auto& one : all) one->add(text);
}

void EventFeed::on_report(const core::Report& report, std::string_view frontend) {
    if (anybody()) publish("report", report_event(report, frontend));
}

void EventFeed::on_reload(const engine::ReloadOutcome& outcome) {
    if (anybody()) publish("reload", reload_event(outcome));
}

std::string report_event(const core::Report& report, std::string_view frontend) {
    Json out;
    out["frontend"] = frontend;
    out["name"] = util::to_utf8(report.artifact.name);
    if (report.artifact.sha256) out["sha256"] = util::hex(*report.artifact.sha256);
    out["size"] = report.artifact.size;
    out["verdict"] = to_text(report.combined.verdict);
    out["confidence"] = report.combined.confidence / 10'000.0;
    if (!report.combined.name.empty()) out["detection"] = util::to_utf8(report.combined.name);
    if (!report.combined.family.empty()) out["family"] = util::to_utf8(report.combined.family);
    if (!report.error.empty()) out["error"] = util::to_utf8(report.error);
    out["duration_us"] = report.duration_ns / 1000;
    out["generation"] = report.generation;
    return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string reload_event(const engine::ReloadOutcome& outcome) {
    Json out;
    out["replaced"] = outcome.replaced;
    out["generation"] = outcome.generation;
    out["problems"] = Json::array();
    for (const std::string& problem : outcome.problems) out["problems"].push_back(util::to_utf8(problem));
    return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string backend_event(const engine::BackendStatus& backend) {
    Json out;
    out["backend"] = util::to_utf8(backend.facts->policy.name);
    out["state"] = to_text(backend.health.state);
    if (!backend.health.why.empty()) out["why"] = util::to_utf8(backend.health.why);
    return out.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}   // namespace microengine::http
