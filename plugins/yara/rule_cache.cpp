// SPDX-License-Identifier: MIT
#include "rule_cache.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <random>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

namespace microengine::yara {
namespace {

namespace fs = std::filesystem;

// A file: magic, digest of all that follows, key, the problems, what was left out, the shortlist (empty:
// none), the rules to the end. Numbers as this machine writes them; libyara's own part is no more portable.
// Another magic too when a shortlist says something else of the same rules.
constexpr std::string_view kMagic = "MEYARA5\n";
constexpr std::string_view kSuffix = ".meyara";
constexpr std::string_view kNewSuffix = ".new";
constexpr std::size_t kMostFiles = 8;
constexpr off_t kMostBytes = off_t{1} << 30;
constexpr std::time_t kStaleSeconds = 3600;   // of a file that was begun and not finished
constexpr mode_t kForOthers = S_IRWXG | S_IRWXO;

std::string file_name(const Digest& key) { return hex(key) + std::string(kSuffix); }
std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};   // NOLINT: a byte view
}

void put(std::string& bytes, std::uint64_t number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof raw);
    bytes.append(raw, sizeof raw);
}
void put(std::string& bytes, std::string_view text) {
    put(bytes, text.size());
    bytes += text;
}

/// Takes fields off the front of bytes; after one that is not there, everything is empty and ok is false.
struct Reader {
    std::string_view rest;
    bool ok = true;

    std::string_view raw(std::size_t size) {
        if (size > rest.size()) {
            ok = false;
            rest = {};
            return {};
        }
        const std::string_view bytes = rest.substr(0, size);
        rest.remove_prefix(size);
        return bytes;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        const std::string_view bytes = raw(sizeof value);
        if (ok) std::memcpy(&value, bytes.data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(raw(number())); }
    std::vector<Problem> problems() {
        std::vector<Problem> all;
        for (std::uint64_t left = number(); ok && left > 0; --left) {
            std::string file = text();
            const int line = static_cast<int>(number());
            all.push_back({std::move(file), line, text()});
        }
        return all;
    }
};

void put(std::string& bytes, const std::vector<Problem>& problems) {
    put(bytes, problems.size());
    for (const Problem& problem : problems) {
        put(bytes, problem.file);
        put(bytes, static_cast<std::uint64_t>(problem.line));
        put(bytes, problem.text);
    }
}

/// All that follows the digest.
std::string serialize(const Digest& key, const Compiled& compiled) {
    std::string body(view(key));
    put(body, compiled.problems);
    put(body, compiled.left_out);
    std::string shortlist;
    if (compiled.shortlist) compiled.shortlist->save(shortlist);
    put(body, shortlist);
    save_rules(compiled.rules.get(), body);
    return body;
}

std::optional<Compiled> deserialize(const Digest& key, std::string_view bytes) {
    Reader reader{bytes};
    if (reader.raw(kMagic.size()) != kMagic) return std::nullopt;
    const std::string_view digest = reader.raw(key.size());
    if (!reader.ok || digest != view(digest_of(reader.rest))) return std::nullopt;
    if (reader.raw(key.size()) != view(key)) return std::nullopt;
    Compiled compiled;
    compiled.problems = reader.problems();
    compiled.left_out = reader.problems();
    const std::string_view shortlist = reader.raw(reader.number());
    if (!reader.ok || load_rules(reader.rest, compiled.rules) != ERROR_SUCCESS) return std::nullopt;
    if (!shortlist.empty()) {
        compiled.shortlist = Shortlist::load(shortlist, *compiled.rules);
        if (!compiled.shortlist) return std::nullopt;
    }
    return compiled;
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

struct Bytes {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
};
/// Of a file that is ours alone and of a size that we would write; else nothing.
std::optional<Bytes> read_own(int fd) {
    struct stat info{};
    if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid() ||
        (info.st_mode & kForOthers) != 0 || info.st_size > kMostBytes)
        return std::nullopt;
    Bytes bytes{std::make_unique_for_overwrite<char[]>(static_cast<std::size_t>(info.st_size)), 0};
    const auto size = static_cast<std::size_t>(info.st_size);
    while (bytes.size < size) {
        const ssize_t got = ::read(fd, bytes.data.get() + bytes.size, size - bytes.size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        bytes.size += static_cast<std::size_t>(got);
    }
    return bytes;
}

std::string reason_of(int error) { return std::error_code(error, std::generic_category()).message(); }

std::string octal(mode_t mode) {
    std::string text = "0000";
    for (std::size_t i = 0; i < text.size(); ++i)
        text[3 - i] = static_cast<char>('0' + (mode >> (3 * i) & 7U));
    return text;
}

}   // namespace

RuleCache::Opened RuleCache::open(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return {.cache = {}, .reason = error ? error.message() : reason_of(errno)};
    Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0) return {.cache = {}, .reason = reason_of(errno)};
    if (info.st_uid != ::geteuid())
        return {.cache = {},
                .reason = "it belongs to user " + std::to_string(info.st_uid) + ", not to user " +
                          std::to_string(::geteuid()) + "; name a directory of your own"};
    if ((info.st_mode & kForOthers) != 0)
        return {.cache = {},
                .reason = "others may use it, mode " + octal(info.st_mode) + "; make it 0700 with chmod"};
    return {.cache = RuleCache(std::move(fd)), .reason = {}};
}

std::optional<Compiled> RuleCache::load(const Digest& key) const {
    const std::string name = file_name(key);
    const Fd fd(::openat(directory_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return std::nullopt;
    std::optional<Compiled> compiled;
    if (const auto bytes = read_own(fd.get())) compiled = deserialize(key, {bytes->data.get(), bytes->size});
    if (!compiled) {
        (void)::unlinkat(directory_.get(), name.c_str(), 0);
        return std::nullopt;
    }
    (void)::futimens(fd.get(), nullptr);   // prune() keeps what was used last
    return compiled;
}

std::string RuleCache::save(const Digest& key, const Compiled& compiled) const {
    std::string refusal;
    try {
        const std::string body = serialize(key, compiled);
        refusal = body.size() < static_cast<std::size_t>(kMostBytes) - kMagic.size() - key.size()
                      ? write(file_name(key), {kMagic, view(digest_of(body)), body})
                      : "they are larger than " + std::to_string(kMostBytes) + " bytes";
    } catch (const std::exception& error) {
        refusal = error.what();   // rules that cannot be kept still scan
    }
    prune();   // also when it failed: perhaps the disk was full
    return refusal;
}

/// By way of a file of another name, which no other process and no earlier start has used.
std::string RuleCache::write(const std::string& name, std::initializer_list<std::string_view> parts) const {
    std::random_device random;
    std::string temporary = name + ".";
    for (int i = 0; i < 4; ++i) temporary += std::to_string(random());
    temporary += kNewSuffix;
    const Fd fd(::openat(directory_.get(), temporary.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!fd) return reason_of(errno);
    if (std::ranges::all_of(parts, [&](std::string_view part) { return write_all(fd.get(), part); }) &&
        ::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) == 0)
        return {};
    const std::string refusal = reason_of(errno);
    (void)::unlinkat(directory_.get(), temporary.c_str(), 0);
    return refusal;
}

/// Keeps the files used last, and what somebody may still be writing. What another process reads meanwhile
/// stays readable to it.
void RuleCache::prune() const {
    const int fd = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const CHandle<DIR, &closedir> listing(fd < 0 ? nullptr : ::fdopendir(fd));
    if (listing == nullptr) {
        if (fd >= 0) (void)::close(fd);
        return;
    }
    std::vector<std::pair<std::int64_t, std::string>> files;
    // Each process lists a directory stream of its own.
    while (const dirent* entry = ::readdir(listing.get())) {   // NOLINT(concurrency-mt-unsafe)
        const std::string_view name(entry->d_name);
        struct stat info{};
        if (name.find(kSuffix) == std::string_view::npos ||
            ::fstatat(directory_.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (!name.ends_with(kNewSuffix))
            files.emplace_back(info.st_mtim.tv_sec, name);
        else if (info.st_mtim.tv_sec < ::time(nullptr) - kStaleSeconds)
            (void)::unlinkat(directory_.get(), entry->d_name, 0);
    }
    std::ranges::sort(files, std::greater());
    for (const auto& [used, name] : std::span(files).subspan(std::min(files.size(), kMostFiles)))
        (void)::unlinkat(directory_.get(), name.c_str(), 0);
}

fs::path default_cache_directory() {
    // Read while nothing else of the process changes its environment: a plugin never does.
    const auto from = [](const char* variable) {
        const char* value = std::getenv(variable);   // NOLINT(concurrency-mt-unsafe)
        return fs::path(value == nullptr ? "" : value);
    };
    fs::path base = from("XDG_CACHE_HOME");
    if (!base.is_absolute()) base = from("HOME").is_absolute() ? from("HOME") / ".cache" : fs::path();
    return base.empty() ? base : base / "microengine" / "yara";
}

}   // namespace microengine::yara
