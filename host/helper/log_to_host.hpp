// SPDX-License-Identifier: MIT
#pragma once
// What the plugin logs goes to the host, which prints it.

#include "host/wire/channel.hpp"

namespace microengine::helper {

/// From now on log lines are sent over this channel; null: they are dropped. At most 200 between two calls of
/// count_lines_anew(): a host that hears more ends the worker.
void log_to(wire::Channel* channel);
/// A new scan: it may say as much as the one before.
void count_lines_anew();

}   // namespace microengine::helper
