// SPDX-License-Identifier: MIT
#pragma once
// `_microengine`, the module by which the bridge's Python reaches the host: a log, and the numbers of states.

#define PY_SSIZE_T_CLEAN
#include <microengine/plugin.h>

#include <Python.h>

namespace microengine::python {

/// Before the interpreter starts. The host's table lives for ever.
void add_own_module(const me_host_v1* host);

}   // namespace microengine::python
