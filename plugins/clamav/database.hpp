// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The database: finds the files the settings name, loads them into an engine, and says what they are. [load]

#include <microengine/plugin.hpp>

#include <clamav.h>

namespace microengine::clamav {

/// Loads `database` and `optional_database` with the given CL_DB_* flags. Throws setting_error naming the
/// file and libclamav's reason, or saying that there is not one signature: an empty engine would find
/// everything clean.
Signatures load_database(cl_engine& engine, const Settings& settings, std::uint32_t kinds);

}   // namespace microengine::clamav
