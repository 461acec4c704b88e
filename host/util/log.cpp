// SPDX-License-Identifier: MIT
#include "host/util/log.hpp"

#include <utility>

namespace microengine::util {

namespace {
LogSink& sink() {
    static LogSink the_sink;   // empty: nothing is logged, as in most tests
    return the_sink;
}
}   // namespace

void set_log_sink(LogSink new_sink) { sink() = std::move(new_sink); }

void log(Level level, std::string_view event, LogFields fields) {
    if (sink()) sink()(level, event, fields.begin(), fields.size());
}

}   // namespace microengine::util
