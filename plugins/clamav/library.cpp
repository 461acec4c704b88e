// SPDX-License-Identifier: GPL-2.0-only
#include "library.hpp"

#include "charsets.hpp"

#include <microengine/plugin.hpp>

#include <clamav.h>
#include <link.h>

#include <cstring>
#include <utility>

namespace microengine::clamav {
namespace {

/// A thread scans one artifact at a time, and libclamav calls back on the thread that called it.
thread_local Listening* t_listening = nullptr;

void on_message(cl_msg severity, const char* /*full*/, const char* message, void* /*context*/) noexcept {
    if (severity < CL_MSG_WARN || message == nullptr) return;
    std::string_view text(message);
    while (text.ends_with('\n')) text.remove_suffix(1);
    Listening::hear(text);
}

int is_unrar(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
    return info->dlpi_name != nullptr && std::strstr(info->dlpi_name, "libclamunrar_iface") != nullptr ? 1
                                                                                                       : 0;
}

}   // namespace

Listening::Listening(Listener listener)
    : listener_(std::move(listener)), outer_(std::exchange(t_listening, this)) {}
Listening::~Listening() { t_listening = outer_; }

void Listening::hear(std::string_view message) noexcept {
    if (t_listening == nullptr || !t_listening->listener_) return;
    try {
        t_listening->listener_(message);
    } catch (...) {
        t_listening->listener_ = nullptr;   // no exception may cross libclamav's C frames
    }
}

void initialize_library() {
    static const cl_error_t status = [] {
        cl_set_clcb_msg(&on_message);
        load_charsets();
        return cl_init(CL_INIT_DEFAULT);   // brings up its crypto as well
    }();
    if (status != CL_SUCCESS)
        throw Error(ME_E_FAILED, std::string("libclamav does not start: ") + cl_strerror(status));
}

bool can_unpack_rar() { return dl_iterate_phdr(&is_unrar, nullptr) != 0; }

}   // namespace microengine::clamav
