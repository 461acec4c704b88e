// SPDX-License-Identifier: MIT
#include "host/util/result.hpp"

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace microengine::util {

std::string Error::text() const { return place.empty() ? message : place + ": " + message; }

std::string errno_text(int number) { return std::generic_category().message(number); }

std::unexpected<Error> fail_errno(Errc code, std::string_view place, std::string_view message, int number) {
    std::string text(message);
    if (!text.empty()) text += ": ";
    return fail(code, place, text + errno_text(number));
}

void ensure(bool holds, std::string_view what, std::source_location where) {
    if (holds) return;
    std::fprintf(stderr, "%s:%u: bug: %.*s\n", where.file_name(), static_cast<unsigned>(where.line()),
                 static_cast<int>(what.size()), what.data());
    std::abort();
}

}   // namespace microengine::util
