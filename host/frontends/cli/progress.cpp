// SPDX-License-Identifier: MIT
#include "host/frontends/cli/progress.hpp"

#include "host/util/clock.hpp"
#include "host/util/text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace microengine::cli {

namespace {
constexpr auto kInterval = std::chrono::milliseconds(250);
constexpr std::uint64_t kSettledNs = 1'000'000'000;   // before that a rate says nothing
}   // namespace

Estimate estimate(std::uint64_t artifacts, std::uint64_t all_artifacts, std::uint64_t bytes,
                  std::uint64_t all_bytes, std::uint64_t elapsed_ns) {
    const auto share = [](std::uint64_t part, std::uint64_t all) {
        return all == 0 ? 1.0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(all));
    };
    // A scan costs something per artifact and something per byte; the mean follows both.
    const double done = (share(artifacts, all_artifacts) + share(bytes, all_bytes)) / 2;
    Estimate result{.percent = static_cast<unsigned>(done * 100), .left_ns = 0};
    if (done > 0)
        result.left_ns = static_cast<std::uint64_t>(static_cast<double>(elapsed_ns) * (1 - done) / done);
    return result;
}

Progress::Progress(Console& console, const Expected& expected)
    : console_(console),
      expected_(expected),
      start_ns_(util::monotonic_ns()),
      thread_([this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (!ending_.wait_for(lock, stop, kInterval, [] { return false; }) && !stop.stop_requested())
              console_.status(line());
      }) {}

Progress::~Progress() {
    thread_.request_stop();
    thread_.join();
    console_.status("");
}

Waiting::Waiting(Console& console, std::string text, std::chrono::milliseconds delay)
    : console_(console), thread_([this, text = std::move(text), delay](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          ending_.wait_for(lock, stop, delay, [] { return false; });
          if (!stop.stop_requested()) console_.status(text);
      }) {}

Waiting::~Waiting() {
    thread_.request_stop();
    thread_.join();
    console_.status("");
}

void Progress::done(const core::Report& report) {
    ++artifacts_;
    bytes_ += report.artifact.size;
    if (report.combined.verdict >= core::Verdict::suspicious) ++finds_;
}

std::string Progress::line() const {
    const std::uint64_t artifacts = artifacts_, bytes = bytes_, finds = finds_;
    const std::uint64_t elapsed = util::monotonic_ns() - start_ns_;
    std::string text = util::with_commas(artifacts);
    if (expected_.complete) {
        const Estimate e = estimate(artifacts, expected_.artifacts, bytes, expected_.bytes, elapsed);
        text = std::to_string(e.percent) + "%  " + text + " of " + util::with_commas(expected_.artifacts);
        text += " artifacts, " + util::human_bytes(bytes);
        if (elapsed > kSettledNs)
            text += ", " + util::human_duration((e.left_ns / kSettledNs + 1) * kSettledNs) + " left";
    } else {
        text += " artifacts, " + util::human_bytes(bytes);
    }
    if (finds > 0) text += ", " + util::with_commas(finds) + " found";
    const auto width = static_cast<std::size_t>(console_.width());
    return std::string(util::cut(text, width > 1 ? width - 1 : 0));
}

}   // namespace microengine::cli
