// SPDX-License-Identifier: MIT
#include "host/app/plugin_new/next_steps.hpp"

#include <string_view>

namespace microengine::app {

namespace fs = std::filesystem;

namespace {

bool is_on_path(const fs::path& program, std::string_view path) {
    const std::string folder = program.parent_path().native();
    return (":" + std::string(path) + ":").contains(":" + folder + ":");
}

std::string_view source_of(Language language) {
    switch (language) {
        case Language::cpp:
            return "src/detect.cpp";
        case Language::c:
            return "src/detect.c";
        case Language::rust:
            return "src/detect.rs";
    }
    return "src";
}

}   // namespace

std::string shell_quoted(const std::string& word) {
    constexpr std::string_view plain =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./+-:,@";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string next_steps(const PluginWish& wish, std::size_t files, const Surroundings& where) {
    const bool found = is_on_path(where.program, where.path);
    const fs::path shown = where.folder.parent_path() == where.here ? where.folder.filename() : where.folder;
    const std::string sdk =
        found ? ""
              : " -DCMAKE_PREFIX_PATH=" + shell_quoted(where.program.parent_path().parent_path().native());
    return "made " + shell_quoted(shown.native()) + ": " + std::to_string(files) +
           " files; what to look for goes into " + std::string(source_of(wish.language)) + ". Next:\n  cd " +
           shell_quoted(shown.native()) + " && cmake -B build" + sdk + " && cmake --build build\n" +
           "  ctest --test-dir build --output-on-failure\n  " +
           (found ? "microengine" : shell_quoted(where.program.native())) +
           " scan --explain --plugin build/" + wish.name + ".so FILE\n";
}

}   // namespace microengine::app
