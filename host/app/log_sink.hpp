// SPDX-License-Identifier: MIT
#pragma once
// Where the log goes: standard error, as text for a person or one JSON object a line.

#include "host/config/model.hpp"
#include "host/util/log.hpp"

namespace microengine::app {

/// Before other threads start. Of a daemon automatic is JSON where standard error is no terminal; else text.
void start_log(util::Level least, config::LogFormat format, bool daemon);

}   // namespace microengine::app
