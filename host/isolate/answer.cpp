// SPDX-License-Identifier: MIT
#include "host/isolate/answer.hpp"

#include "host/util/log.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace microengine::isolate {

using core::Reason;
using Ending = Answer::Ending;

Answer describe_death(int status) {
    if (WIFEXITED(status))
        return {.ending = Ending::died,
                .reason = Reason::exit,
                .why = "ended itself with status " + std::to_string(WEXITSTATUS(status))};
    const int number = WTERMSIG(status);
    const char* name = ::sigabbrev_np(number);
    std::string why = "killed by " + (name == nullptr ? std::to_string(number) : std::string("SIG") + name);
    if (number == SIGSYS)
        return {.ending = Ending::died,
                .reason = Reason::forbidden_call,
                .why = why + ": it tried what its sandbox forbids"};
    if (number == SIGKILL) why += ", not by this program: by somebody else, or the system was out of memory";
    return {.ending = Ending::died, .reason = Reason::signal, .why = std::move(why)};
}

void print(const wire::Said& said, const std::string& backend) {
    const auto level = static_cast<util::Level>(std::min(said.level, std::to_underlying(util::Level::error)));
    util::log(level, "backend_says", {{"backend", backend}, {"text", said.text}});
}

}   // namespace microengine::isolate
