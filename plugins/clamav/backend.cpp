// SPDX-License-Identifier: GPL-2.0-only
#include "backend.hpp"

#include "database.hpp"
#include "library.hpp"
#include "watch.hpp"

#include <new>
#include <string>

namespace microengine::clamav {
namespace {

Engine new_engine() {
    initialize_library();
    Engine engine(cl_engine_new());
    if (!engine) throw std::bad_alloc();
    return engine;
}

}   // namespace

Backend::Backend(const Settings& settings)
    : options_(settings), engine_(new_engine()), unpacks_rar_(can_unpack_rar()) {
    options_.apply(*engine_);
    signatures_ = load_database(*engine_, settings, options_.load);
    Watch::install(*engine_);
    const Listening listening(
        [&](std::string_view message) { settings.log(ME_LOG_WARN, "libclamav: " + std::string(message)); });
    if (const cl_error_t status = cl_engine_compile(engine_.get()); status != CL_SUCCESS)
        throw setting_error("database",
                            std::string("libclamav cannot compile the signatures: ") + cl_strerror(status));
    if (!unpacks_rar_)
        settings.log(ME_LOG_INFO, "libclamav has no RAR unpacker here: RAR archives count as not examined");
}

std::unique_lock<std::mutex> Backend::set_time_limit(std::chrono::milliseconds limit) const {
    std::unique_lock lock(time_limit_mutex_);
    cl_engine_set_num(engine_.get(), CL_ENGINE_MAX_SCANTIME, limit.count());
    return lock;
}

}   // namespace microengine::clamav
