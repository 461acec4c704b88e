// SPDX-License-Identifier: MIT
#pragma once
// What was asked of a client, from its arrival to its answer: which exchanges it takes, and what is made of
// them. On the client's thread, but for the making.

#include "host/fetch/exchange.hpp"

namespace microengine::fetch {

class Errand : public Taker {
public:
    explicit Errand(core::Deadline deadline) : deadline_(deadline) {}

    [[nodiscard]] core::Deadline deadline() const { return deadline_; }
    /// The first thing. Nothing: it was answered, without a network.
    [[nodiscard]] virtual std::optional<Step> arrive() = 0;
    /// An exchange has ended, with that fault or none. Nothing: it was answered.
    [[nodiscard]] virtual std::optional<Step> go_on(std::optional<Fault> fault) = 0;
    /// Answers in place of all that would have followed.
    virtual void give_up(Fault fault) = 0;

private:
    core::Deadline deadline_;
};

}   // namespace microengine::fetch
