// SPDX-License-Identifier: MIT
#pragma once
// What a test notes while it runs. It goes line by line to the process that started the test, so that what
// was noted before a crash is known, and what the plugin was at.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::conformance {

/// Something that is wrong, and the way out.
struct Finding {
    std::string reason, fix;
    bool error = true;   ///< false: a warning
    [[nodiscard]] auto operator<=>(const Finding&) const = default;
};

/// The test's side. One thread.
class Notebook {
public:
    /// Lines go to this descriptor, which stays the caller's.
    explicit Notebook(int fd) : fd_(fd) {}
    /// What the plugin is about to do, as in "while scanning EICAR". The time limit counts from here.
    void step(std::string_view what);
    void fail(const Finding& finding);
    void fail(std::string reason, std::string fix) { fail({std::move(reason), std::move(fix), true}); }
    void warn(std::string reason, std::string fix) { fail({std::move(reason), std::move(fix), false}); }
    /// What was seen, for the line of the test; several are joined.
    void seen(std::string_view text);
    void skip(std::string_view why);
    /// The test is through: what happens from here on is a crash of the process that ends.
    void end();
    [[nodiscard]] bool failed() const { return failed_; }

private:
    void write(std::string_view key, std::string_view text, std::string_view fix = {});
    int fd_;
    bool failed_ = false;
};

/// The other side: all that was noted.
struct Notes {
    std::string step, seen, skipped;
    std::vector<Finding> findings;   ///< each once, at most kMostFindings
    bool ended = false;
};
inline constexpr std::size_t kMostFindings = 50;

/// One line, without its line feed. What is none of ours is left out: the plugin may have written it.
void take_line(Notes& notes, std::string_view line);

}   // namespace microengine::conformance
