// SPDX-License-Identifier: MIT
#pragma once
// A post: one exchange. Once there is a status it is answered, whatever becomes of the body behind it.

#include "host/fetch/errand.hpp"

#include <functional>
#include <optional>
#include <span>

namespace microengine::fetch {

class PostErrand final : public Errand {
public:
    using Done = std::move_only_function<void(PostAnswer)>;
    PostErrand(Post request, Done done);

    std::optional<Step> arrive() override;
    std::optional<Step> go_on(std::optional<Fault> fault) override;
    void give_up(Fault fault) override;
    bool on_head(const Head& head) override;
    bool on_bytes(std::span<const std::uint8_t> piece) override;

private:
    Post request_;
    Done done_;
    PostAnswer answer_;
    std::size_t read_ = 0;   // bytes of the body
};

}   // namespace microengine::fetch
