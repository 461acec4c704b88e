// SPDX-License-Identifier: MIT
// `microengine plugin check` of the clamd plugin, before a clamd that finds nothing, and one that finds
// something in everything: check_clamd MICROENGINE PLUGIN. Over TCP; a socket file may be gone from where the
// test runs.
#include "fake_clamd.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace {

using namespace std::string_literals;

int check(const std::string& program, const std::string& plugin, const std::string& answer) {
    const microengine::clamd::FakeClamd clamd({.stream = answer + '\0'});
    std::array words{program,
                     "plugin"s,
                     "check"s,
                     plugin,
                     "--seed"s,
                     "1"s,
                     "--quick"s,
                     "--grant"s,
                     "network"s,
                     "--set"s,
                     "address=" + clamd.address()};
    std::array<char*, words.size() + 1> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
    pid_t child = 0;
    int status = 0;
    if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0 ||
        ::waitpid(child, &status, 0) != child)
        return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}   // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 64;
    for (const char* const answer : {"stream: OK", "stream: Win.Trojan.Agent-12 FOUND"})
        if (const int code = check(argv[1], argv[2], answer); code != 0) return code;
    return 0;
}
