// SPDX-License-Identifier: MIT
#include "errors.hpp"

#include <yara.h>

#include <algorithm>
#include <array>

namespace microengine::yara {
namespace {

constexpr std::size_t kMostProblems = 20;

struct ErrorName {
    int error;
    const char* text;
};
/// Those that loading compiled rules and scanning can give; the compiler words its own.
constexpr std::array kErrors{
    ErrorName{ERROR_INSUFFICIENT_MEMORY, "out of memory"},
    ErrorName{ERROR_COULD_NOT_OPEN_FILE, "the file cannot be opened"},
    ErrorName{ERROR_COULD_NOT_MAP_FILE, "the bytes cannot be read"},
    ErrorName{ERROR_INVALID_FILE, "this is not a file of compiled rules"},
    ErrorName{ERROR_CORRUPT_FILE, "the compiled rules are damaged; compile them again"},
    ErrorName{
        ERROR_UNSUPPORTED_FILE_VERSION,
        "the rules were compiled by another version of YARA; compile them again with version " YR_VERSION},
    ErrorName{ERROR_EXEC_STACK_OVERFLOW, "the evaluation stack is too small; raise stack_size"},
    ErrorName{ERROR_SCAN_TIMEOUT, "out of time"},
    ErrorName{ERROR_TOO_MANY_SCAN_THREADS, "too many threads scan with the same rules"},
    ErrorName{ERROR_CALLBACK_ERROR, "a match could not be reported"},
    ErrorName{ERROR_INVALID_ARGUMENT, "there is no external variable of this name"},
    ErrorName{ERROR_TOO_MANY_MATCHES, "too many matches of one string"},
    ErrorName{ERROR_INTERNAL_FATAL_ERROR, "an internal error, or a file that a YARA module needs is missing"},
    ErrorName{ERROR_REGULAR_EXPRESSION_TOO_LARGE, "a regular expression is too large"},
    ErrorName{ERROR_TOO_MANY_RE_FIBERS, "a regular expression needs too many parallel states"},
    ErrorName{ERROR_REGULAR_EXPRESSION_TOO_COMPLEX, "a regular expression is too complex"},
    ErrorName{ERROR_INVALID_EXTERNAL_VARIABLE_TYPE, "the external variable has another type"},
    ErrorName{ERROR_TOO_MANY_STRINGS, "too many strings in one rule; raise max_strings_per_rule"},
    ErrorName{ERROR_INTEGER_OVERFLOW, "integer overflow"},
    ErrorName{ERROR_COULD_NOT_READ_FILE, "the file cannot be read"},
    ErrorName{ERROR_WRITING_FILE, "the file cannot be written"},
    ErrorName{ERROR_BLOCK_NOT_READY, "a part of the artifact is not there yet"},
};

}   // namespace

std::string error_text(int error) {
    const auto* found = std::ranges::find(kErrors, error, &ErrorName::error);
    if (found != kErrors.end()) return found->text;
    return "libyara error " + std::to_string(error);
}

std::string to_text(const Problem& problem) {
    std::string text = problem.file;
    if (problem.line > 0) text += ":" + std::to_string(problem.line);
    return text + ": error: " + problem.text;
}

std::string to_text(std::span<const Problem> problems) {
    std::string text;
    for (const Problem& problem : problems.first(std::min(problems.size(), kMostProblems)))
        text += (text.empty() ? "" : "\n") + to_text(problem);
    if (problems.size() > kMostProblems)
        text += "\n… and " + std::to_string(problems.size() - kMostProblems) + " more";
    return text;
}

}   // namespace microengine::yara
