// SPDX-License-Identifier: MIT
#include "rule_files.hpp"

#include "handles.hpp"
#include "includes.hpp"
#include "rule_search.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <yara.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <system_error>
#include <utility>

namespace microengine::yara {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{256} << 20U;   // of one file
constexpr std::string_view kCompiledMagic = "YARA";

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

class Finder {
public:
    Finder(RuleSearch found, bool includes_allowed) {
        files_.includes_allowed = includes_allowed;
        files_.roots = std::move(found.roots);
        files_.problems = std::move(found.problems);
        files_.refusals = std::move(found.refusals);
        files_.notes = std::move(found.notes);
        for (FoundFile& file : found.files) read(std::move(file));
        for (RuleFile& source : files_.sources)
            if (indexes_.contains(source.canonical)) add_leaves(source.canonical, source.leaves);
        if (includes_allowed) read_includes();
    }
    RuleFiles finish() { return std::move(files_); }

private:
    void read(FoundFile found) {
        std::error_code error;
        const fs::path canonical = canonical_file(found.path, error);
        if (!error && !canonical_.insert(canonical.string()).second) return;   // reached twice
        Read read = read_file(found.path);
        if (!read.bytes) {
            (found.by == FoundFile::By::name ? files_.refusals : files_.problems)
                .push_back({found.path.string(), 0, read.refusal});
            return;
        }
        files_.newest = std::max(files_.newest, read.modified);
        const bool compiled = is_compiled(found.path) || read.bytes->starts_with(kCompiledMagic);
        if (!compiled && found.by == FoundFile::By::walk && is_index(*read.bytes)) {
            auto& targets = indexes_[canonical.string()];
            for (const std::string& name : included_names(*read.bytes))
                targets.push_back(include_path(found.path, name));
        }
        (compiled ? files_.compiled : files_.sources)
            .push_back({.path = std::move(found.path),
                        .name_space = unique(found.name),
                        .bytes = *std::move(read.bytes),
                        .canonical = canonical.string(),
                        .leaves = {}});
    }

    /// As fs::canonical, which asks about every directory on the way, but about each directory once.
    fs::path canonical_file(const fs::path& path, std::error_code& error) {
        if (!path.has_filename() || fs::is_symlink(fs::symlink_status(path, error)))
            return fs::canonical(path, error);
        fs::path& directory = directories_[path.parent_path().string()];
        if (directory.empty()) directory = fs::canonical(path.parent_path(), error);   // empty: an error
        return directory.empty() ? fs::path() : directory / path.filename();
    }

    std::string unique(const std::string& name) {
        std::string candidate = name;
        for (int number = 2; !names_.insert(candidate).second; ++number)
            candidate = name + "#" + std::to_string(number);
        return candidate;
    }

    void add_leaves(const std::string& top, std::set<std::string>& leaves) {
        std::set<std::string> seen{top};
        std::vector<std::string> left{top};
        while (!left.empty()) {
            const auto index = indexes_.find(left.back());
            left.pop_back();
            for (const fs::path& path : index->second) {
                std::error_code error;
                const fs::path canonical = fs::canonical(path, error);
                const std::string target = (error ? path : canonical).string();
                if (!indexes_.contains(target))
                    leaves.insert(target);
                else if (seen.insert(target).second)
                    left.push_back(target);
            }
        }
    }

    /// A file with includes in it, still to be looked at.
    struct Including {
        fs::path path;   // as the include statements lead there
        std::string label;
        const std::string* text;
        int depth;
    };

    /// Level by level, each path once. Relative names hang on the path, so a file that links reach by two
    /// paths is looked at twice.
    void read_includes() {
        std::deque<Including> queue;
        std::map<std::string, std::string> labels;   // by path
        for (const RuleFile& source : files_.sources) {
            labels.try_emplace(source.path.string(), source.name_space);
            queue.push_back({source.path, source.name_space, &source.bytes, 1});
        }
        for (; !queue.empty(); queue.pop_front()) {
            const Including& from = queue.front();
            for (const std::string& name : included_names(*from.text)) {
                const fs::path path = include_path(from.path, name);
                const auto [target, is_new] = files_.targets.try_emplace(path.string());
                if (is_new) target->second = resolve(path);
                const auto [label, unlabelled] = labels.try_emplace(path.string(), from.label + '\n' + name);
                files_.edges.insert({from.label, name, label->second, target->second.canonical});
                if (unlabelled && !target->second.canonical.empty() && from.depth < YR_MAX_INCLUDE_DEPTH)
                    queue.push_back(
                        {path, label->second, &files_.includes.at(target->second.canonical), from.depth + 1});
            }
        }
    }

    IncludeTarget resolve(const fs::path& path) {
        std::error_code error;
        const fs::path canonical = fs::canonical(path, error);
        if (error) return {.canonical = {}, .refusal = path.string() + ": " + error.message()};
        if (!inside_roots(canonical))
            return {.canonical = {},
                    .refusal = path.string() + " is outside the directories that 'rules' names"};
        if (files_.includes.contains(canonical.string()))
            return {.canonical = canonical.string(), .refusal = {}};
        Read read = read_file(canonical);
        if (!read.bytes) return {.canonical = {}, .refusal = path.string() + ": " + read.refusal};
        // libyara takes an included text as a C string: it would load what stands before the NUL.
        if (const auto at = read.bytes->find('\0'); at != std::string::npos)
            return {.canonical = {},
                    .refusal = path.string() + " has a NUL byte at offset " + std::to_string(at) +
                               "; rules are text"};
        files_.newest = std::max(files_.newest, read.modified);
        files_.includes.emplace(canonical.string(), *std::move(read.bytes));
        return {.canonical = canonical.string(), .refusal = {}};
    }

    [[nodiscard]] bool inside_roots(const fs::path& canonical) const {
        return std::ranges::any_of(files_.roots, [&](const fs::path& root) {
            return std::ranges::mismatch(root, canonical).in1 == root.end();
        });
    }

    RuleFiles files_;
    std::set<std::string> canonical_, names_;
    std::map<std::string, fs::path> directories_;            // as found, canonical
    std::map<std::string, std::vector<fs::path>> indexes_;   // canonical path, what its statements name
};

}   // namespace

RuleFiles find_rule_files(const std::vector<std::string>& entries, bool includes_allowed) {
    return Finder(search_rules(entries), includes_allowed).finish();
}

fs::path include_path(const fs::path& from, std::string_view name) {
    return (from.parent_path() / name).lexically_normal();
}

Included find_include(const RuleFiles& files, const fs::path& path) {
    if (!files.includes_allowed)
        return {.text = nullptr, .refusal = "includes are switched off; set includes = true"};
    const auto target = files.targets.find(path.string());
    if (target == files.targets.end())
        return {.text = nullptr, .refusal = path.string() + ": the include statement cannot be read"};
    if (target->second.canonical.empty()) return {.text = nullptr, .refusal = target->second.refusal};
    return {.text = &files.includes.at(target->second.canonical), .refusal = {}};
}

}   // namespace microengine::yara
