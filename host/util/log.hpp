// SPDX-License-Identifier: MIT
#pragma once
// The log facade. One event, one line: `log(Level::warning, "plugin_refused", {{"plugin", path}, {"code",
// code}})`. Values are escaped here; artifacts' bytes and secrets never come here. Any thread.
// app/log_sink.cpp sets the sink.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace microengine::util {

enum class Level : std::uint8_t { debug, info, warning, error };

struct LogField {
    std::string_view key;
    std::string value;
};
using LogFields = std::initializer_list<LogField>;

/// Receives one finished event; called from any thread, must not throw. Set once, before other threads start.
using LogSink = std::function<void(Level, std::string_view event, const LogField* fields, std::size_t count)>;
void set_log_sink(LogSink sink);

void log(Level level, std::string_view event, LogFields fields = {});

}   // namespace microengine::util
