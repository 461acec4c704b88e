// SPDX-License-Identifier: MIT
#include "host/fetch/client.hpp"

#include <utility>

namespace microengine::fetch {

std::string_view to_text(Failure failure) {
    switch (failure) {
        case Failure::none:
            return "none";
        case Failure::scheme:
            return "scheme";
        case Failure::address:
            return "address";
        case Failure::resolve:
            return "resolve";
        case Failure::connect:
            return "connect";
        case Failure::tls:
            return "tls";
        case Failure::timeout:
            return "timeout";
        case Failure::too_large:
            return "too_large";
        case Failure::status:
            return "status";
        case Failure::redirects:
            return "redirects";
        case Failure::encoded:
            return "encoded";
        case Failure::broken:
            return "broken";
        case Failure::room:
            return "room";
        case Failure::cancelled:
            return "cancelled";
    }
    std::unreachable();
}

}   // namespace microengine::fetch
