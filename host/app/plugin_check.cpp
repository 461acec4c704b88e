// SPDX-License-Identifier: MIT
#include "host/app/plugin_check.hpp"

#include "host/util/files.hpp"
#include "host/util/result.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

namespace microengine::app {

std::optional<int> become_check(App& app) {
    // Beside the helper, wherever that is.
    const std::filesystem::path program = util::layout().helper.parent_path() / "microengine-check";
    std::vector<std::string> words{program.native()};
    words.insert(words.end(), app.options.check_words.begin(), app.options.check_words.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Signals are watched here; there they shall do what they do.
    sigset_t none;
    ::sigemptyset(&none);
    (void)::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execv(program.c_str(), arguments.data());
    return app.complain(util::fail_errno(util::Errc::io, program.native(), "cannot start it", errno).error(),
                        2);
}

}   // namespace microengine::app
