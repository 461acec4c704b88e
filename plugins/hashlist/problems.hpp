// SPDX-License-Identifier: MIT
#pragma once
// Bad lines: the first twenty, and how many more.

#include <microengine/plugin.hpp>

#include <cstddef>
#include <string>

namespace microengine::hashlist {

class Problems {
public:
    void add(const char* setting, const std::string& what) {
        if (count_++ == 0) setting_ = setting;
        if (count_ <= kMostShown) text_ += (text_.empty() ? "" : "\n") + what;
    }
    /// Throws microengine::Error if there are any.
    void check() const {
        if (count_ == 0) return;
        const std::size_t more = count_ - std::min(count_, kMostShown);
        throw setting_error(setting_,
                            text_ + (more == 0 ? "" : "\n... and " + std::to_string(more) + " more lines"));
    }

private:
    static constexpr std::size_t kMostShown = 20;
    const char* setting_ = "";
    std::string text_;
    std::size_t count_ = 0;
};

}   // namespace microengine::hashlist
