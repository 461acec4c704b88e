// SPDX-License-Identifier: MIT
#include "host/config/find.hpp"

#include "host/util/files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace microengine::config {

namespace {

namespace fs = std::filesystem;
using util::Errc;
using util::fail;
using util::Result;

constexpr const char* kName = "microengine.toml";

/// False only if there is nothing of that name. What cannot be looked at is there: whoever wrote it wants it
/// used, and reading it will say what is wrong.
bool there_is(const fs::path& file) {
    struct stat status{};
    return ::lstat(file.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

bool trusted_owner(const struct stat& status, uid_t user) {
    return status.st_uid == 0 || status.st_uid == user;
}
bool others_write(const struct stat& status) { return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

/// Why a file of the working directory is not to be trusted; "" if it is.
std::string distrust(const fs::path& file, uid_t user) {
    struct stat link{};
    struct stat target{};
    struct stat directory{};
    const fs::path parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
    if (::lstat(file.c_str(), &link) != 0 || ::stat(file.c_str(), &target) != 0 ||
        ::stat(parent.c_str(), &directory) != 0)
        return "cannot be looked at";
    if (!trusted_owner(link, user) || !trusted_owner(target, user))
        return "belongs to somebody else (user " +
               std::to_string(trusted_owner(link, user) ? target.st_uid : link.st_uid) + ")";
    if (others_write(target)) return "is writable by others";
    // Whoever writes the directory can put another file there after this look; with the sticky bit only its
    // owner can.
    if (!trusted_owner(directory, user)) return "lies in a directory of somebody else";
    if (others_write(directory) && (directory.st_mode & S_ISVTX) == 0)
        return "lies in a directory that is writable by others";
    return {};
}

std::optional<std::string> variable(const SearchPlaces& places, std::string_view name) {
    auto value = places.environment ? places.environment(name) : std::nullopt;
    if (value && value->empty()) value.reset();
    return value;
}

}   // namespace

SearchPlaces standard_places() {
    return {.environment = process_environment(),
            .working_directory = {},
            .system = "/etc/microengine",
            .shipped = util::layout().config,
            .user = ::geteuid()};
}

Result<Found> find(const std::optional<fs::path>& given, const SearchPlaces& places) {
    if (given) {
        if (!there_is(*given)) return fail(Errc::config, given->native(), "does not exist");
        return Found{.file = *given, .warnings = {}};
    }
    if (const auto named = variable(places, "MICROENGINE_CONFIG")) {
        if (!there_is(*named))
            return fail(Errc::config, *named, "does not exist; MICROENGINE_CONFIG names it");
        return Found{.file = *named, .warnings = {}};
    }
    Found found;
    const fs::path here = places.working_directory / kName;
    if (there_is(here)) {
        found.file = here;
        const std::string reason = distrust(here, places.user);
        if (reason.empty()) return found;
        found.warnings.push_back({.severity = Severity::warning,
                                  .file = here.native(),
                                  .at = {},
                                  .message = "not used: it " + reason + ", and a config names code to run",
                                  .hint = "make it and its directory yours alone, or name it with --config"});
    }
    const auto home = variable(places, "HOME");
    std::vector<fs::path> rest{places.system / kName, places.shipped / kName};
    if (home) rest.insert(rest.begin(), fs::path(*home) / ".config/microengine" / kName);
    for (const fs::path& file : rest) {
        if (!there_is(file)) continue;
        found.file = file;
        return found;
    }
    return fail(Errc::config, rest.back().native(),
                "does not exist, and there is no other config; name one with --config");
}

}   // namespace microengine::config
