// SPDX-License-Identifier: MIT
#include "host/util/random_id.hpp"

#include "host/util/digest.hpp"
#include "host/util/result.hpp"

#include <sys/random.h>

#include <array>
#include <cstdint>

namespace microengine::util {

std::string random_id() {
    std::array<std::uint8_t, 16> bytes{};
    // So few bytes come whole and without a wait once the system has started (getrandom(2)).
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    ensure(got == static_cast<ssize_t>(bytes.size()), "the system has random bytes");
    return hex(bytes);
}

}   // namespace microengine::util
