// SPDX-License-Identifier: MIT
#pragma once
// Python's objects and exceptions as ours. The calling thread must hold the
// interpreter's lock, Lock.

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string>
#include <string_view>
#include <utility>

namespace microengine::python {

/// The interpreter's lock: one thread at a time runs Python. Any thread, once the interpreter has started.
class Lock {
public:
    Lock() : state_(PyGILState_Ensure()) {}
    ~Lock() { PyGILState_Release(state_); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    PyGILState_STATE state_;
};

/// Owns one reference.
class Object {
public:
    Object() = default;
    /// Takes over a new reference. A null pointer, which is how Python's functions say that an exception is
    /// set, throws that as a microengine::Error.
    explicit Object(PyObject* owned);
    Object(Object&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Object& operator=(Object&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    /// Takes the lock by itself: an object may outlive the one that it was made under.
    ~Object();
    [[nodiscard]] PyObject* get() const { return object_; }
    [[nodiscard]] explicit operator bool() const { return object_ != nullptr; }

private:
    PyObject* object_ = nullptr;
};

/// Ends an exception and throws it as a microengine::Error: a sentence, and the setting that it names.
[[noreturn]] void throw_python_error();

/// Text of whatever bytes: what is no UTF-8 is replaced.
[[nodiscard]] Object text(std::string_view bytes);
[[nodiscard]] Object bytes(std::string_view data);

}   // namespace microengine::python
