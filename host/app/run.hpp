// SPDX-License-Identifier: MIT
#pragma once
// The life of the process after the command line was read.

#include "host/app/options.hpp"
#include "host/app/signals.hpp"

namespace microengine::app {

/// The exit code. Errors have been told.
[[nodiscard]] int run(const Options& options, SignalWatch& signals);

}   // namespace microengine::app
