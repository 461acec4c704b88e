// SPDX-License-Identifier: MIT
#pragma once
// `_microengine`, the module by which the bridge's Python reaches the host: a log, and the numbers of states.

#include <microengine/plugin.hpp>

namespace microengine::python {

/// Before the interpreter starts. The host's table lives for ever.
void add_own_module(const me_host_v1* host);

/// While it lives, what Python logs on this thread is said in this call.
class Speaking {
public:
    explicit Speaking(const Context& call);
    ~Speaking();
    Speaking(const Speaking&) = delete;
    Speaking& operator=(const Speaking&) = delete;
};

}   // namespace microengine::python
