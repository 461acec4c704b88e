// SPDX-License-Identifier: MIT
#include "own_module.hpp"

#include "objects.hpp"

#include <array>
#include <string_view>

namespace microengine::python {
namespace {

const me_host_v1* the_host = nullptr;   // set before the interpreter starts, then constant

thread_local const Context* speaker = nullptr;

/// log(level, text), of any text.
PyObject* log_line(PyObject* /*module*/, PyObject* arguments) {
    int level = ME_LOG_INFO;
    PyObject* line = nullptr;
    if (PyArg_ParseTuple(arguments, "iU", &level, &line) == 0) return nullptr;
    PyObject* encoded = PyUnicode_AsEncodedString(line, "utf-8", "replace");
    if (encoded == nullptr) return nullptr;
    const std::string_view words(PyBytes_AS_STRING(encoded),
                                 static_cast<std::size_t>(PyBytes_GET_SIZE(encoded)));
    if (speaker != nullptr)
        speaker->log(level, words);
    else   // a thread of the script's
        the_host->log(nullptr, level, words.data(), words.size());
    Py_DECREF(encoded);
    Py_RETURN_NONE;
}

PyObject* make_module() {
    static std::array<PyMethodDef, 2> methods{
        {{"log", &log_line, METH_VARARGS, "a line of the host's log"}, {nullptr, nullptr, 0, nullptr}}};
    static PyModuleDef definition{PyModuleDef_HEAD_INIT,
                                  "_microengine",
                                  nullptr,
                                  -1,
                                  methods.data(),
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr};
    PyObject* module = PyModule_Create(&definition);
    if (module == nullptr) return nullptr;
    struct Number {
        const char* name;
        long value;
    };
    for (const Number& number :
         {Number{"OK", ME_OK}, Number{"FAILED", ME_E_FAILED}, Number{"NO_MEMORY", ME_E_NO_MEMORY},
          Number{"DEADLINE", ME_E_DEADLINE}, Number{"CANCELLED", ME_E_CANCELLED},
          Number{"LOG_DEBUG", ME_LOG_DEBUG}, Number{"LOG_INFO", ME_LOG_INFO},
          Number{"LOG_WARNING", ME_LOG_WARN}, Number{"LOG_ERROR", ME_LOG_ERROR}})
        if (PyModule_AddIntConstant(module, number.name, number.value) != 0) {
            Py_DECREF(module);
            return nullptr;
        }
    return module;
}

}   // namespace

void add_own_module(const me_host_v1* host) {
    the_host = host;
    PyImport_AppendInittab("_microengine", &make_module);
}

Speaking::Speaking(const Context& call) { speaker = &call; }
Speaking::~Speaking() { speaker = nullptr; }

}   // namespace microengine::python
