// SPDX-License-Identifier: MIT
#pragma once
// What libyara and the C library hand out, owned. No other file of this plugin names a *_destroy.

#include "plugins/support/fd.hpp"

#include <unistd.h>
#include <yara.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <utility>

namespace microengine::yara {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* object) const noexcept {
        (void)Free(object);
    }
};
template <class T, auto Free>
using CHandle = std::unique_ptr<T, FreeWith<Free>>;   // the size of a raw pointer

using Compiler = CHandle<YR_COMPILER, &yr_compiler_destroy>;
using Rules = CHandle<YR_RULES, &yr_rules_destroy>;
using YrScanner = CHandle<YR_SCANNER, &yr_scanner_destroy>;
using File = CHandle<std::FILE, &std::fclose>;

/// For functions that hand an object out through a T**: `yr_scanner_create(rules, out(scanner))`.
template <class Handle>
class Out {
public:
    explicit Out(Handle& handle) noexcept : handle_(handle) {}
    ~Out() { handle_.reset(raw_); }
    Out(const Out&) = delete;
    Out& operator=(const Out&) = delete;
    // The C function wants the address itself, so a conversion is the point.
    operator typename Handle::pointer *() noexcept { return &raw_; }   // NOLINT(google-explicit-constructor)

private:
    Handle& handle_;
    typename Handle::pointer raw_ = nullptr;
};
template <class Handle>
[[nodiscard]] Out<Handle> out(Handle& handle) noexcept {
    return Out<Handle>(handle);
}

/// One use of libyara by this process; it counts them itself. Made and ended in [load] calls only, because
/// libyara's counting is not thread-safe.
class Library {
public:
    Library() {
        if (yr_initialize() != ERROR_SUCCESS) throw std::runtime_error("libyara cannot be initialized");
    }
    ~Library() { (void)yr_finalize(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

}   // namespace microengine::yara
