// SPDX-License-Identifier: MIT
#pragma once
// Scans that nobody waits for on a connection, and their reports until somebody asks or they are forgotten.
// One thread at a time: the server's.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::http {

struct JobLimits {
    std::size_t jobs = 10'000;
    std::chrono::milliseconds ttl{3'600'000};   ///< of one that is done
    std::size_t text_bytes = std::size_t{256} << 20;
};

class JobStore {
public:
    using Time = std::chrono::steady_clock::time_point;

    struct Job {
        std::string owner;   ///< only he is told of it
        std::size_t artifacts = 0;
        bool done = false;
        std::vector<std::string> reports;   ///< JSON; complete once it is done
    };

    explicit JobStore(JobLimits limits) : limits_(limits) {}

    /// Its name, which nobody can guess. The longest done one is forgotten where there are too many; nothing:
    /// all of them are in work.
    [[nodiscard]] std::optional<std::string> add(std::string owner, std::size_t artifacts, Time now);
    /// Forgets the longest done ones where there is too much text, perhaps this one.
    void finish(const std::string& id, std::vector<std::string> reports, Time now);
    /// It could not be begun.
    void drop(const std::string& id);
    /// Null: unknown, forgotten, or another's.
    [[nodiscard]] const Job* find(std::string_view id, std::string_view owner, Time now);
    [[nodiscard]] std::size_t size() const { return jobs_.size(); }
    [[nodiscard]] std::size_t text_bytes() const { return text_; }

private:
    struct Done {
        std::string id;
        Time when;
    };
    void forget_old(Time now);
    void forget_first();

    JobLimits limits_;
    std::map<std::string, Job, std::less<>> jobs_;
    std::deque<Done> done_;   // the longest done one first
    std::size_t text_ = 0;
};

}   // namespace microengine::http
