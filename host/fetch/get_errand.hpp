// SPDX-License-Identifier: MIT
#pragma once
// A get: its redirects and attempts, and the bytes while they come.

#include "host/fetch/errand.hpp"
#include "host/util/digest.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace microengine::fetch {

class GetErrand final : public Errand {
public:
    using Done = std::move_only_function<void(GetAnswer)>;
    GetErrand(Get request, std::shared_ptr<intake::SpoolRoom> room, Done done);

    std::optional<Step> arrive() override;
    std::optional<Step> go_on(std::optional<Fault> fault) override;
    void give_up(Fault fault) override;
    bool on_head(const Head& head) override;
    bool on_bytes(std::span<const std::uint8_t> piece) override;

private:
    void answer_data_url();
    void answer_bytes();
    [[nodiscard]] Step step_to(const WebAddress& address, std::uint64_t not_before_ns);
    [[nodiscard]] std::optional<Step> again(const Fault& fault);
    void begin_bytes(std::string_view type);
    [[nodiscard]] bool take_bytes(std::span<const std::uint8_t> piece);
    bool redirect(const Head& head);
    bool stop(Failure failure, std::string why, bool passing = false);

    Get request_;
    std::shared_ptr<intake::SpoolRoom> room_;
    Done done_;
    std::optional<WebAddress> origin_;
    std::uint32_t attempt_ = 1;

    // Of this attempt:
    std::optional<WebAddress> here_;
    std::uint32_t redirected_ = 0;
    std::optional<WebAddress> target_;   // of the redirect just met
    std::optional<Fault> fault_;         // what was wrong with the answer
    std::unique_ptr<GotBytes> got_;
    util::Sha256Stream hash_;
};

}   // namespace microengine::fetch
