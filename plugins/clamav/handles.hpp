// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// Owners of what libclamav allocates. No other file names one of its *_free functions.

#include <clamav.h>

#include <memory>

namespace microengine::clamav {

template <auto Free>
struct FreeWith {
    template <class T>
    void operator()(T* thing) const noexcept {
        Free(thing);
    }
};

using Engine = std::unique_ptr<cl_engine, FreeWith<&cl_engine_free>>;
using Map = std::unique_ptr<cl_fmap_t, FreeWith<&cl_fmap_close>>;
using DatabaseHeader = std::unique_ptr<cl_cvd, FreeWith<&cl_cvdfree>>;

}   // namespace microengine::clamav
