// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/random.hpp"

#include "host/util/digest.hpp"

#include <array>
#include <cstddef>

namespace microengine::ambassador {

std::string uuid_of(Dice& dice) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(dice());
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);   // RFC 9562: version 4
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    std::string text = util::hex(bytes);
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
}

}   // namespace microengine::ambassador
