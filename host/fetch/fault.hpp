// SPDX-License-Identifier: MIT
#pragma once
// Why an exchange gave no usable answer: for the folder itself, whose callers get it as part of an answer.

#include "host/fetch/client.hpp"

#include <string>

namespace microengine::fetch {

struct Fault {
    Failure failure = Failure::broken;
    std::string why;        ///< a sentence; of what came from outside only the host's name, escaped
    bool passing = false;   ///< another attempt may go better
};

}   // namespace microengine::fetch
