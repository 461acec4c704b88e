// SPDX-License-Identifier: MIT
#pragma once
// The Python interpreter of this process: started with the first backend, never ended, since compiled
// modules do not survive that.

#include "objects.hpp"

#include <microengine/plugin.h>

namespace microengine::python {

/// Started when first called; throws microengine::Error when that does not work. Load calls only. Afterwards
/// the package microengine_bridge can be imported, and no thread holds Lock.
void start_interpreter(const me_host_v1* host);

}   // namespace microengine::python
