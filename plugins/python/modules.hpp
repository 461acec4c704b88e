// SPDX-License-Identifier: MIT
#pragma once
// The Python files of modules/, carried in the plugin: immutable, any thread.

#include <vector>

namespace microengine::python {

struct Module {
    const char* file;   ///< below modules/
    const char* text;
};
[[nodiscard]] const std::vector<Module>& modules();

}   // namespace microengine::python
