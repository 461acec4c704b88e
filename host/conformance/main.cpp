// SPDX-License-Identifier: MIT
// microengine-check: what `microengine plugin check` starts. Exit codes: 0 all passed, 1 a test failed, 2 it
// could not run, 64 usage.

#include "host/conformance/options.hpp"
#include "host/conformance/report.hpp"
#include "host/conformance/runner.hpp"
#include "host/util/text.hpp"

#include <CLI/CLI.hpp>
#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace check = microengine::conformance;
namespace util = microengine::util;

constexpr int kCannotRun = 2, kUsage = 64;

int complain(const std::string& text, int code) {
    (void)std::fprintf(stderr, "microengine: error: %s\n", util::printable_lines(text).c_str());
    return code;
}

int print(const std::string& text) {
    return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : kCannotRun;
}

/// Empty: each name of `--only` is one of a test, or the beginning of some.
std::string unknown_test(const check::Options& options) {
    std::vector<std::string_view> names;
    for (const check::Test& test : check::tests()) names.push_back(test.name);
    for (const std::string& one : options.only) {
        if (std::ranges::any_of(names, [&one](std::string_view name) { return name.starts_with(one); }))
            continue;
        const std::string_view meant = util::did_you_mean(one, names);
        return "no test is called '" + one + "'" +
               (meant.empty() ? "; --list has them all" : "; did you mean '" + std::string(meant) + "'?");
    }
    return {};
}

int run(const check::Options& options) {
    if (const std::string unknown = unknown_test(options); !unknown.empty()) return complain(unknown, kUsage);
    const std::vector<const check::Test*> tests = check::chosen(options);
    if (tests.empty()) return complain("--only fuzz/ wants --fuzz with a time or a number of scans", kUsage);
    if (options.list) return print(check::list_of(tests, options.json));
    auto subject = check::make_subject(options);
    if (!subject)
        return complain(subject.error().text(),
                        subject.error().code == util::Errc::usage ? kUsage : kCannotRun);
    void* const page =
        ::mmap(nullptr, sizeof(check::FuzzPage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return complain("no memory for a page that is shared", kCannotRun);
    subject->fuzz = new (page) check::FuzzPage;
    if (!options.json && print(check::headline(*subject)) != 0) return kCannotRun;
    const auto all = check::run_tests(*subject, tests, [&options](const check::Ran& ran) {
        if (!options.json) (void)print(check::line_of(ran));
    });
    const int written = print(options.json ? check::json_of(*subject, all) : check::summary(*subject, all));
    return written != 0 ? written : check::exit_code(all);
}

}   // namespace

int main(int argc, char** argv) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    ::signal(SIGPIPE, SIG_DFL);
    try {
        CLI::App app{"Checks a plugin: does it keep the contract of the plugin interface?",
                     "microengine plugin check"};
        check::Options options;
        check::add_options(app, options);
        try {
            app.parse(argc, argv);
        } catch (const CLI::Success&) {
            return print(app.help());
        } catch (const CLI::ParseError& e) {
            return complain(e.what(), kUsage);
        }
        return run(options);
    } catch (const std::exception& e) {
        return complain(e.what(), kCannotRun);
    }
}
