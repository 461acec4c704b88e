// SPDX-License-Identifier: MIT
#include "objects.hpp"

#include <microengine/plugin.hpp>

namespace microengine::python {
namespace {

/// A text attribute; empty if it has none.
std::string text_of(PyObject* object, const char* attribute) {
    PyObject* value = PyObject_GetAttrString(object, attribute);
    const char* words = value != nullptr && PyUnicode_Check(value) ? PyUnicode_AsUTF8(value) : nullptr;
    std::string copy = words != nullptr ? words : "";
    Py_XDECREF(value);
    PyErr_Clear();
    return copy;
}

/// By the bridge's own say(), which knows where it happened; its type alone if that does not work.
std::string sentence(PyObject* error) {
    std::string words = Py_TYPE(error)->tp_name;
    PyObject* module = PyImport_ImportModule("microengine_bridge.trouble");
    PyObject* said = module != nullptr ? PyObject_CallMethod(module, "say", "O", error) : nullptr;
    const char* better = said != nullptr ? PyUnicode_AsUTF8(said) : nullptr;
    if (better != nullptr) words = better;
    Py_XDECREF(said);
    Py_XDECREF(module);
    PyErr_Clear();
    return words;
}

}   // namespace

Object::Object(PyObject* owned) : object_(owned) {
    if (owned == nullptr) throw_python_error();
}

Object::~Object() {
    if (object_ == nullptr) return;
    const Lock lock;
    Py_DECREF(object_);
}

void throw_python_error() {
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* trace = nullptr;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (trace != nullptr) PyException_SetTraceback(value, trace);
    const bool memory = type != nullptr && PyErr_GivenExceptionMatches(type, PyExc_MemoryError) != 0;
    const std::string setting = value != nullptr ? text_of(value, "setting") : "";
    std::string words = "Python says nothing";
    if (value != nullptr && !memory) words = setting.empty() ? sentence(value) : text_of(value, "text");
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    if (memory) throw Error(ME_E_NO_MEMORY, "out of memory");
    throw Error(setting.empty() ? ME_E_FAILED : ME_E_SETTINGS, words, setting);
}

Object text(std::string_view bytes) {
    return Object(PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace"));
}

Object bytes(std::string_view data) {
    return Object(PyBytes_FromStringAndSize(data.data(), static_cast<Py_ssize_t>(data.size())));
}

}   // namespace microengine::python
