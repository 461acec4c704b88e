// SPDX-License-Identifier: MIT
#pragma once
// Where the log goes: standard error, as text for a person or one JSON object a line.

#include "host/config/model.hpp"
#include "host/util/log.hpp"

namespace microengine::app {

/// Before other threads start. Automatic is text: the commands there are so far are a person's.
void start_log(util::Level least, config::LogFormat format);

}   // namespace microengine::app
