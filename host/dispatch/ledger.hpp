// SPDX-License-Identifier: MIT
#pragma once
// The jobs that have been taken and are not answered yet. Whoever takes one out answers it, and nobody can
// take it out twice: that is how each has exactly one answer, whatever arrives how often.

#include "host/broker/job_text.hpp"
#include "host/engine/job.hpp"
#include "host/util/mutex.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace microengine::dispatch {

struct Entry {
    engine::Job job;   ///< loaded: its loader is spent
    core::ArtifactFacts artifact;
    broker::Class urgency = broker::Class::normal;
    std::string body;               ///< the message; empty once the broker has it
    std::string file;               ///< on the shelf; may be empty
    std::uint64_t taken_ns = 0;     ///< when it was offered; monotonic, as all
    std::uint64_t give_up_ns = 0;   ///< when it is answered at the latest
};

/// Any thread.
class Ledger {
public:
    /// If it throws, the entry is untouched.
    void add(const std::string& id, Entry&& entry);
    /// Nothing: it has its answer already, or was never ours.
    [[nodiscard]] std::optional<Entry> take(const std::string& id);
    /// The broker has the message: its body is not needed any more.
    void kept(const std::string& id);
    /// Those whose time is up.
    [[nodiscard]] std::vector<Entry> take_late(std::uint64_t now_ns);
    [[nodiscard]] std::vector<Entry> take_all();
    /// When the next one's time is up; nothing: there is none.
    [[nodiscard]] std::optional<std::uint64_t> next_ns() const;
    /// A copy for publishing, with the time that is left; nothing: answered, or the broker has it.
    struct Sending {
        broker::Class urgency;
        std::string body;
        std::uint64_t give_up_ns;
    };
    [[nodiscard]] std::optional<Sending> to_send(const std::string& id) const;
    /// Has its sender been told that it will be done? Nothing: it has its answer already.
    [[nodiscard]] std::optional<bool> promised(const std::string& id) const;
    /// All that the broker may not have: after a connection was lost.
    [[nodiscard]] std::vector<std::string> unsent() const;

    [[nodiscard]] std::size_t size() const;
    /// When the oldest was offered; nothing: there is none.
    [[nodiscard]] std::optional<std::uint64_t> oldest_ns() const;

private:
    [[nodiscard]] Entry remove(std::map<std::string, Entry>::iterator at) ME_REQUIRES(mutex_);

    mutable util::Mutex mutex_;
    std::map<std::string, Entry> entries_ ME_GUARDED_BY(mutex_);
    std::set<std::pair<std::uint64_t, std::string>> by_time_ ME_GUARDED_BY(mutex_);   // give_up_ns
    std::set<std::pair<std::uint64_t, std::string>> by_age_ ME_GUARDED_BY(mutex_);    // taken_ns
};

}   // namespace microengine::dispatch
