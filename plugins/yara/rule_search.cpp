// SPDX-License-Identifier: MIT
#include "rule_search.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace microengine::yara {
namespace {

namespace fs = std::filesystem;

std::string lower_extension(const fs::path& path) {
    std::string extension = path.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return extension;
}
bool is_rule_file(const fs::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".yar" || extension == ".yara" || is_compiled(path);
}
bool has_glob(std::string_view text) { return text.find_first_of("*?[") != std::string_view::npos; }
bool is_absence(const std::error_code& error) {
    return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

/// The directory an entry stands for: itself, its own, or of a pattern all that exists as written.
fs::path root_of(const fs::path& entry, bool is_directory) {
    if (is_directory) return entry;
    fs::path root;
    for (const fs::path& part : entry.parent_path()) {
        std::error_code ignored;
        if (has_glob(part.native()) && !fs::exists(root / part, ignored)) break;
        root /= part;
    }
    return root;
}

/// What could be read of it, sorted.
std::vector<fs::directory_entry> list(const fs::path& directory, std::error_code& error) {
    std::vector<fs::directory_entry> entries;
    fs::directory_iterator it(directory, error);
    for (const fs::directory_iterator end; !error && it != end; it.increment(error)) entries.push_back(*it);
    std::ranges::sort(entries);
    return entries;
}

class Search {
public:
    void add_entry(const fs::path& entry) {
        std::error_code error;
        const fs::file_status status = fs::status(entry, error);
        const fs::path root = root_of(entry, fs::is_directory(status));
        std::error_code no_root;
        if (const fs::path canonical = fs::canonical(root, no_root); !no_root)
            result_.roots.push_back(canonical);
        if (fs::is_directory(status))
            walk(entry, root, result_.refusals);
        else if (fs::exists(status))
            result_.files.push_back({entry, entry.filename().string(), FoundFile::By::name});
        else if (has_glob(entry.native()))
            add_pattern(entry, root);
        else
            result_.refusals.push_back({entry.string(), 0, error.message()});
    }

    RuleSearch finish() {
        for (const fs::path& link : links_) {
            std::error_code error;
            if (const fs::path target = fs::canonical(link, error);
                error || !walked_.contains(target.string()))
                result_.notes.push_back(link.string() +
                                        ": symbolic link to a directory, not followed; name it in rules");
        }
        return std::move(result_);
    }

private:
    void add_pattern(const fs::path& pattern, const fs::path& root) {
        const std::size_t troubles = result_.problems.size() + result_.refusals.size();
        std::vector<fs::path> paths{root};
        for (const fs::path& part : pattern.lexically_relative(root)) {
            if (part.empty()) continue;   // behind a last slash
            std::vector<fs::path> next;
            for (const fs::path& path : paths)
                match(path, part, path == root ? result_.refusals : result_.problems, next);
            paths = std::move(next);
        }
        for (const fs::path& path : paths) {
            std::error_code ignored;
            if (fs::is_directory(path, ignored))
                walk(path, root, result_.problems);
            else
                result_.files.push_back(
                    {path, path.lexically_relative(root).string(), FoundFile::By::pattern});
        }
        if (paths.empty() && troubles == result_.problems.size() + result_.refusals.size())
            result_.problems.push_back({pattern.string(), 0, "nothing matches this pattern"});
    }

    /// One component of a pattern in one directory. What is no directory has no match, as in a shell.
    static void match(const fs::path& directory, const fs::path& part, std::vector<Problem>& unreadable,
                      std::vector<fs::path>& matches) {
        std::error_code error;
        if (!has_glob(part.native())) {
            if (fs::exists(fs::symlink_status(directory / part, error))) matches.push_back(directory / part);
        } else {
            for (const fs::directory_entry& entry : list(directory, error))
                if (::fnmatch(part.c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0)
                    matches.push_back(entry.path());
        }
        if (error && !is_absence(error)) unreadable.push_back({directory.string(), 0, error.message()});
    }

    /// A directory that cannot be read costs itself and what is below it, nothing beside it.
    void walk(const fs::path& top, const fs::path& root, std::vector<Problem>& top_unreadable) {
        std::vector<fs::path> left{top}, paths;
        while (!left.empty()) {
            const fs::path directory = std::move(left.back());
            left.pop_back();
            std::error_code error;
            if (const fs::path canonical = fs::canonical(directory, error); !error)
                walked_.insert(canonical.string());
            for (const fs::directory_entry& entry : list(directory, error)) look_at(entry, left, paths);
            if (error)
                (directory == top ? top_unreadable : result_.problems)
                    .push_back({directory.string(), 0, error.message()});
        }
        std::ranges::sort(paths);
        for (const fs::path& path : paths)
            result_.files.push_back({path, path.lexically_relative(root).string(), FoundFile::By::walk});
    }

    void look_at(const fs::directory_entry& entry, std::vector<fs::path>& directories,
                 std::vector<fs::path>& files) {
        const fs::path& path = entry.path();
        if (path.filename().native().starts_with('.')) return;
        std::error_code error, ignored;
        if (entry.is_directory(error))
            (entry.is_symlink(ignored) ? links_ : directories).push_back(path);
        else if (is_rule_file(path))
            files.push_back(path);
        else if (error && !is_absence(error))
            result_.problems.push_back({path.string(), 0, error.message()});
    }

    RuleSearch result_;
    std::vector<fs::path> links_;    // to directories
    std::set<std::string> walked_;   // canonical directories
};

}   // namespace

RuleSearch search_rules(const std::vector<std::string>& entries) {
    Search search;
    for (const std::string& entry : entries) search.add_entry(fs::path(entry).lexically_normal());
    return search.finish();
}

bool is_compiled(const fs::path& path) {
    const std::string extension = lower_extension(path);
    return extension == ".yac" || extension == ".yarc";
}

}   // namespace microengine::yara
