// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// The character sets that libclamav converts from. The C library loads a module for each when it is first
// asked, from disk; a locked-down process may not, and would see less in mail and documents than another.

namespace microengine::clamav {

/// Loads them once and keeps them for the life of the process. What this system lacks is left out. [load]
void load_charsets();

}   // namespace microengine::clamav
