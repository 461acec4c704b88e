// SPDX-License-Identifier: MIT
#include "rule_files.hpp"

#include "handles.hpp"
#include "includes.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

namespace microengine::yara {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;   // of one file
constexpr std::string_view kCompiledMagic = "YARA";

std::string lower_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return extension;
}
bool is_compiled(const fs::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".yac" || extension == ".yarc";
}
bool is_rule_file(const fs::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".yar" || extension == ".yara" || is_compiled(path);
}
bool has_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }
std::string reason(int error) { return std::error_code(error, std::generic_category()).message(); }

struct Read {
    std::optional<std::string> bytes;
    std::string refusal;
    std::int64_t modified = 0;
};

/// A regular file, whole. Does not hang on a pipe that is called something.yar.
Read read_file(const fs::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) return {.bytes = {}, .refusal = reason(errno)};
    if (!S_ISREG(info.st_mode)) return {.bytes = {}, .refusal = "this is not a regular file"};
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > kMostBytes)
        return {.bytes = {},
                .refusal = "the file has " + std::to_string(size) + " bytes, at most " +
                           std::to_string(kMostBytes) + " are read"};
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::read(fd.get(), bytes.data() + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return {.bytes = {}, .refusal = reason(errno)};
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return {.bytes = std::move(bytes), .refusal = {}, .modified = info.st_mtim.tv_sec};
}

/// A file that an entry of the setting leads to.
struct Found {
    fs::path path;
    std::string name;      // below what the setting names
    bool walked = false;   // in a directory, not named itself
};

/// The directory an entry stands for: itself, its own, or the part of a pattern before the first wildcard.
fs::path root_of(const fs::path& entry, bool is_directory) {
    if (is_directory) return entry;
    fs::path root;
    for (const fs::path& part : entry.parent_path()) {
        if (has_glob(part.native()) && !fs::exists(root / part)) break;
        root /= part;
    }
    return root;
}

class Finder {
public:
    explicit Finder(bool includes_allowed) { files_.includes_allowed = includes_allowed; }

    void add_entry(const fs::path& entry) {
        std::error_code error;
        const fs::file_status status = fs::status(entry, error);
        const bool exists = fs::exists(status);
        const fs::path root = root_of(entry, fs::is_directory(status));
        if (const fs::path canonical = fs::canonical(root, error); !error) files_.roots.push_back(canonical);
        if (!exists && has_glob(entry.native()))
            add_pattern(entry, root);
        else if (fs::is_directory(status))
            walk(entry, root);
        else if (exists)
            found_.push_back({entry, entry.filename().string()});
        else
            files_.problems.push_back({entry.string(), 0, error ? error.message() : reason(ENOENT)});
    }

    RuleFiles finish() {
        for (Found& found : found_) read(std::move(found));
        drop_indexes();
        if (files_.includes_allowed)
            for (const RuleFile& source : files_.sources) read_includes(source.path, source.bytes);
        return std::move(files_);
    }

private:
    void add_pattern(const fs::path& pattern, const fs::path& root) {
        glob_t matches{};
        const int error = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &matches);
        const CHandle<glob_t, &globfree> owner(error == 0 ? &matches : nullptr);
        if (error != 0) {
            files_.problems.push_back({pattern.string(), 0, "nothing matches this pattern"});
            return;
        }
        std::vector<fs::path> paths(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
        std::ranges::sort(paths);
        for (const fs::path& path : paths) {
            std::error_code ignored;
            if (fs::is_directory(path, ignored))
                walk(path, root);
            else
                found_.push_back({path, path.lexically_relative(root).string()});
        }
    }

    void walk(const fs::path& directory, const fs::path& root) {
        std::vector<fs::path> paths;
        std::error_code error;
        fs::recursive_directory_iterator it(directory, error);
        for (const fs::recursive_directory_iterator end; !error && it != end; it.increment(error)) {
            std::error_code unreadable;
            const bool hidden = it->path().filename().native().starts_with('.');
            if (hidden) it.disable_recursion_pending();
            if (!hidden && is_rule_file(it->path()) && !it->is_directory(unreadable))
                paths.push_back(it->path());
        }
        if (error) files_.problems.push_back({directory.string(), 0, error.message()});
        std::ranges::sort(paths);
        for (const fs::path& path : paths)
            found_.push_back({path, path.lexically_relative(root).string(), true});
    }

    void read(Found found) {
        std::error_code error;
        const fs::path canonical = fs::canonical(found.path, error);
        if (!error && !canonical_.insert(canonical.string()).second) return;   // reached twice
        Read read = read_file(found.path);
        if (!read.bytes) {
            files_.problems.push_back({found.path.string(), 0, read.refusal});
            return;
        }
        files_.newest = std::max(files_.newest, read.modified);
        const bool compiled = is_compiled(found.path) || read.bytes->starts_with(kCompiledMagic);
        if (found.walked && !compiled) walked_.insert(found.path.string());
        (compiled ? files_.compiled : files_.sources)
            .push_back({std::move(found.path), unique(std::move(found.name)), *std::move(read.bytes)});
    }

    std::string unique(std::string name) {
        std::string candidate = name;
        for (int number = 2; !names_.insert(candidate).second; ++number)
            candidate = name + "#" + std::to_string(number);
        return candidate;
    }

    /// A collection brings index files beside the rules they include. Both would report every match twice.
    void drop_indexes() {
        const auto is_needless = [this](const RuleFile& file) {
            if (!walked_.contains(file.path.string()) || !is_index(file.bytes)) return false;
            return std::ranges::all_of(included_names(file.bytes), [&](const std::string& name) {
                std::error_code error;
                const fs::path target = fs::canonical(include_path(file.path, name), error);
                return !error && canonical_.contains(target.string());
            });
        };
        for (const RuleFile& file : files_.sources)
            if (is_needless(file)) files_.index_files.push_back(file.path.string());
        std::erase_if(files_.sources, is_needless);
    }

    void read_includes(const fs::path& from, const std::string& text) {
        for (const std::string& name : included_names(text)) {
            const fs::path path = include_path(from, name);
            std::error_code error;
            const fs::path canonical = fs::canonical(path, error);
            if (error || !inside_roots(canonical)) continue;
            const auto [place, is_new] = files_.includes.try_emplace(canonical.string());
            if (!is_new) continue;
            Read read = read_file(canonical);
            if (!read.bytes) {
                files_.includes.erase(place);
                continue;
            }
            files_.newest = std::max(files_.newest, read.modified);
            place->second = *std::move(read.bytes);
            read_includes(path, place->second);
        }
    }

    [[nodiscard]] bool inside_roots(const fs::path& canonical) const {
        return std::ranges::any_of(files_.roots, [&](const fs::path& root) {
            return std::ranges::mismatch(root, canonical).in1 == root.end();
        });
    }

    RuleFiles files_;
    std::vector<Found> found_;
    std::set<std::string> canonical_, names_, walked_;
};

}   // namespace

RuleFiles find_rule_files(const std::vector<std::string>& entries, bool includes_allowed) {
    Finder finder(includes_allowed);
    for (const std::string& entry : entries) finder.add_entry(fs::path(entry).lexically_normal());
    return finder.finish();
}

fs::path include_path(const fs::path& from, std::string_view name) {
    return (from.parent_path() / name).lexically_normal();
}

Included find_include(const RuleFiles& files, const fs::path& path) {
    if (!files.includes_allowed)
        return {.text = nullptr, .refusal = "includes are switched off; set includes = true"};
    std::error_code error;
    const fs::path canonical = fs::canonical(path, error);
    if (error) return {.text = nullptr, .refusal = path.string() + ": " + error.message()};
    const auto found = files.includes.find(canonical.string());
    if (found != files.includes.end()) return {.text = &found->second, .refusal = {}};
    return {.text = nullptr,
            .refusal = path.string() + " cannot be read, or is outside the directories that 'rules' names"};
}

}   // namespace microengine::yara
