// SPDX-License-Identifier: MIT
#include "interpreter.hpp"

#include "modules.hpp"
#include "own_module.hpp"

#include <microengine/plugin.hpp>

#include <dlfcn.h>
#include <signal.h>

#include <string>

namespace microengine::python {
namespace {

void require(const PyStatus& status) {
    if (PyStatus_Exception(status) == 0) return;
    throw Error(ME_E_FAILED, std::string("Python does not start: ") +
                                 (status.err_msg != nullptr ? status.err_msg : "it does not say why"));
}

/// Compiled modules do not name libpython as theirs: they expect its symbols to be everybody's.
void show_symbols() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&Py_IncRef), &info) == 0 ||
        dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD) == nullptr)
        throw Error(ME_E_FAILED, "Python's library cannot be shown to its modules");
}

/// Nothing from the environment, the user's folders or the working directory; no signals, no locale, no
/// bytecode written. `site` is not run either: it executes .pth files.
void initialize() {
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
#if defined(ME_SANITIZED)
    before.allocator = PYMEM_ALLOCATOR_MALLOC;   // its own pools hide what they hold from the leak checker
#endif
    require(Py_PreInitialize(&before));
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.write_bytecode = 0;
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, PYTHON_PROGRAM);
    if (PyStatus_Exception(status) == 0) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    require(status);
}

/// Its first import takes SIGINT, whatever the configuration says: that is the host's.
void leave_signals_alone() {
    struct sigaction before{};
    const bool known = sigaction(SIGINT, nullptr, &before) == 0;
    const Object module(PyImport_ImportModule("_signal"));
    if (known) (void)sigaction(SIGINT, &before, nullptr);
}

/// Leaves the interpreter to whoever needs it, also when something throws.
class FreeAtLast {
public:
    FreeAtLast() = default;
    ~FreeAtLast() { (void)PyEval_SaveThread(); }
    FreeAtLast(const FreeAtLast&) = delete;
    FreeAtLast& operator=(const FreeAtLast&) = delete;
};

/// Runs the finder, by which the other modules are imported.
void add_modules() {
    const Object sources(PyDict_New());
    const char* finder = nullptr;
    for (const Module& module : modules()) {
        if (std::string_view(module.file) == "microengine_bridge/finder.py") finder = module.text;
        const Object source = text(module.text);
        if (PyDict_SetItemString(sources.get(), module.file, source.get()) != 0) throw_python_error();
    }
    const Object names(PyDict_New());
    if (PyDict_SetItemString(names.get(), "__builtins__", PyEval_GetBuiltins()) != 0 ||
        PyDict_SetItemString(names.get(), "sources", sources.get()) != 0)
        throw_python_error();
    const Object code(Py_CompileString(finder, "<microengine_bridge/finder.py>", Py_file_input));
    const Object nothing(PyEval_EvalCode(code.get(), names.get(), names.get()));
}

}   // namespace

void start_interpreter(const me_host_v1* host) {
    if (Py_IsInitialized() != 0) return;
    show_symbols();
    add_own_module(host);
    initialize();
    const FreeAtLast free;
    leave_signals_alone();
    add_modules();
}

}   // namespace microengine::python
