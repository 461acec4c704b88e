// SPDX-License-Identifier: GPL-2.0-only
#include "scanner.hpp"

#include "library.hpp"
#include "watch.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace microengine::clamav {
namespace {

using std::chrono::milliseconds;

/// libclamav calls anything this small clean without looking: no signature could match it.
constexpr std::size_t kTooSmallToMatch = 5;

/// What the scan may take: the smaller of the setting and of what is left until the deadline, rounded up,
/// because zero means "no limit" and because libclamav must not give up before the deadline.
milliseconds budget_of(const Scan& scan, milliseconds most) {
    return std::clamp(
        std::chrono::ceil<milliseconds>(std::min<std::chrono::nanoseconds>(scan.time_left(), most)),
        milliseconds(1), most);
}

/// Which return codes mean that it stopped at a limit. ClamAV names them to itself only, so far.
void note_limit(Watch& watch, cl_error_t status) {
    if (status == CL_EMAXREC) watch.partial(ME_PARTIAL_TOO_DEEP);
    if (status == CL_EMAXSIZE) watch.partial(ME_PARTIAL_TOO_LARGE);
    if (status == CL_EMAXFILES) watch.partial(ME_PARTIAL_TOO_MANY);
    if (status == CL_ETIMEOUT) watch.partial(ME_PARTIAL_TIME_LIMIT);
    if (status == CL_EUNPACK || status == CL_EFORMAT || status == CL_EPARSE)
        watch.partial(ME_PARTIAL_CORRUPT);
}

}   // namespace

Scanner::Scanner(const Backend& backend, const Context& context) : backend_(backend) {
    backend_.use_temp_dir(context.temp_dir());
}
Scanner::~Scanner() { backend_.temp_dir().release(); }

void Scanner::check_temp_dir() const {
    if (!backend_.temp_dir().usable())
        throw Error(ME_E_FAILED, "the temporary directory " + backend_.temp_dir().path() +
                                     " is gone or cannot be written; without it libclamav unpacks nothing");
}

void Scanner::scan(Scan& scan) {
    scan.check_stop();
    if (scan.size() == 0) return scan.benign();
    if (scan.size() > backend_.options().max_file_bytes) {
        scan.partial(ME_PARTIAL_TOO_LARGE);
        return;
    }
    check_temp_dir();
    const milliseconds budget = budget_of(scan, backend_.options().max_scan_time);
    const auto start = std::chrono::steady_clock::now();
    Watch watch(scan, {.policy = backend_.options().policy,
                       .unpacks_rar = backend_.unpacks_rar(),
                       .looks_into_archives = (backend_.options().scan.parse & CL_SCAN_PARSE_ARCHIVE) != 0,
                       .max_file_bytes = backend_.options().max_file_bytes,
                       .handle = handle_.number(),
                       .time_limit = backend_.set_time_limit(budget)});
    const cl_error_t status = run(watch);
    if (std::chrono::steady_clock::now() - start >= budget) watch.partial(ME_PARTIAL_TIME_LIMIT);
    note_limit(watch, status);
    conclude(scan, watch, status);
}

cl_error_t Scanner::run(Watch& watch) const {
    const Listening listening([&](std::string_view message) { watch.heard(message); });
    const Map map = watch.open_map();
    cl_scan_options options = backend_.options().scan;
    const char* name = nullptr;
    unsigned long pages = 0;
    const cl_error_t status =
        cl_scanmap_callback(map.get(), nullptr, &name, &pages, &backend_.engine(), &options, &watch);
    if (status == CL_VIRUS && name != nullptr) watch.found(name);
    return status;
}

/// Says benign only if nothing speaks against it: libclamav returns "clean" for a failing read, a time limit,
/// an unusable temporary directory and a full disk as well.
void Scanner::conclude(Scan& scan, const Watch& watch, cl_error_t status) const {
    if (watch.stopped()) {
        scan.check_stop();
        throw Error(ME_E_CANCELLED, "cancelled");
    }
    if (watch.enough()) return;
    if (watch.why_partial() == ME_PARTIAL_TIME_LIMIT && scan.time_left().count() == 0)
        throw Error(ME_E_DEADLINE, "out of time");   // the deadline's, not the setting's
    if (watch.out_of_memory() || status == CL_EMEM)
        throw Error(ME_E_NO_MEMORY, "libclamav ran out of memory");
    if (!watch.broken().empty()) throw Error(ME_E_FAILED, "libclamav: " + watch.broken());
    check_temp_dir();
    if (const auto why = watch.why_partial()) return scan.partial(*why);
    if (status != CL_CLEAN && status != CL_VIRUS)
        throw Error(ME_E_FAILED, std::string("libclamav: ") + cl_strerror(status));
    if (!watch.looked() && scan.size() > kTooSmallToMatch)
        throw Error(ME_E_FAILED, "libclamav did not look at the artifact");
    scan.bytes_scanned(scan.size());
    scan.benign();
}

}   // namespace microengine::clamav
