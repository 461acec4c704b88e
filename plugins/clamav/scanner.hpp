// SPDX-License-Identifier: GPL-2.0-only
#pragma once
// A scanner: one scan at a time. It polls the host, so it needs no cancel().

#include "backend.hpp"
#include "descriptor.hpp"

#include <microengine/plugin.hpp>

namespace microengine::clamav {

class Watch;

class Scanner {
public:
    Scanner(const Backend& backend, const Context& context);
    ~Scanner();
    Scanner(const Scanner&) = delete;
    Scanner& operator=(const Scanner&) = delete;

    void scan(Scan& scan);

private:
    void check_temp_dir() const;
    cl_error_t run(Watch& watch) const;
    void conclude(Scan& scan, const Watch& watch, cl_error_t status) const;

    const Backend& backend_;
    Descriptor handle_;
};

}   // namespace microengine::clamav
