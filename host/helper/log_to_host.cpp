// SPDX-License-Identifier: MIT
#include "host/helper/log_to_host.hpp"

#include "host/core/bounds.hpp"
#include "host/util/log.hpp"
#include "host/util/mutex.hpp"
#include "host/util/text.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace microengine::helper {

namespace {

constexpr std::size_t kMostLines = 200;

/// Plugins may log from threads of their own, while the worker's own thread sends detections: one lock for
/// the sender of either is not needed, as each message is one datagram, but the buffer is.
struct Sink {
    util::Mutex mutex;
    wire::Channel* channel ME_GUARDED_BY(mutex) = nullptr;
    std::string buffer ME_GUARDED_BY(mutex);
    std::size_t lines ME_GUARDED_BY(mutex) = 0;
};

Sink& sink() {
    static Sink one;
    return one;
}

void send_line(util::Level level, std::string_view text) {
    Sink& to = sink();
    const util::Lock lock(to.mutex);
    if (to.channel == nullptr || ++to.lines > kMostLines) return;
    wire::Said said{.level = static_cast<std::uint8_t>(level),
                    .text = std::string(util::cut(text, core::kMaxText))};
    if (to.lines == kMostLines) said.text = "more lines are left out";
    wire::encode(said, to.buffer);
    (void)to.channel->send_bytes(to.buffer, {}, wire::Channel::Patience::wait);
}

}   // namespace

void log_to(wire::Channel* channel) {
    Sink& to = sink();
    {
        const util::Lock lock(to.mutex);
        to.channel = channel;
        to.lines = 0;
    }
    util::set_log_sink(
        [](util::Level level, std::string_view /*event*/, const util::LogField* fields, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i)
                if (fields[i].key == "text") send_line(level, fields[i].value);
        });
}

void count_lines_anew() {
    Sink& to = sink();
    const util::Lock lock(to.mutex);
    to.lines = 0;
}

}   // namespace microengine::helper
