// SPDX-License-Identifier: GPL-2.0-only
#include "database.hpp"

#include "handles.hpp"
#include "library.hpp"
#include "messages.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace microengine::clamav {
namespace {

namespace fs = std::filesystem;

/// The kinds of file libclamav loads. It skips others in silence, named ones as well.
constexpr std::array<std::string_view, 36> kExtensions{
    ".cat", ".cbc", ".cdb", ".cfg", ".cld", ".crb", ".cud",  ".cvd", ".db",  ".fp",  ".ftm", ".gdb",
    ".hdb", ".hdu", ".hsb", ".hsu", ".idb", ".ign", ".ign2", ".imp", ".ioc", ".ldb", ".ldu", ".mdb",
    ".mdu", ".msb", ".msu", ".ndb", ".ndu", ".pdb", ".pwdb", ".rmd", ".sdb", ".sfp", ".wdb", ".zmd"};
/// It loads these as well, but only warns of rules that it cannot read or does not support.
constexpr std::array<std::string_view, 2> kRules{".yar", ".yara"};
constexpr std::array<std::string_view, 3> kOfficial{"daily", "main", "bytecode"};

template <std::size_t N>
bool has_extension(const fs::path& file, const std::array<std::string_view, N>& known) {
    std::string extension = file.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::ranges::find(known, extension) != known.end();
}

Error cannot_read(const char* setting, const fs::path& source, const std::error_code& error) {
    return setting_error(setting, source.string() + ": cannot be read: " + error.message());
}

/// The host makes paths of the settings absolute, but only where they have to exist: another would start at
/// the working directory, and one that is not there would be missing without a word.
void refuse_relative(const fs::path& source, const char* setting) {
    if (!source.is_absolute())
        throw setting_error(setting,
                            "the directory must be an absolute path, got \"" + source.string() + "\"");
}

/// Is there a directory? One that cannot be told from an absent one is an error, and so is anything else.
bool is_present(const fs::path& source, const char* setting) {
    std::error_code error;
    const fs::file_status status = fs::status(source, error);
    if (status.type() == fs::file_type::not_found) return false;   // ENOENT or ENOTDIR
    if (error) throw cannot_read(setting, source, error);
    if (!fs::is_directory(status))
        throw cannot_read(setting, source, std::make_error_code(std::errc::not_a_directory));
    return true;
}

/// The files behind one path of the settings, in a stable order. `official_only` is of directories.
std::vector<fs::path> files_of(const fs::path& source, const char* setting, bool official_only) {
    const auto refuse_rules = [&](const fs::path& file) {
        if (has_extension(file, kRules))
            throw setting_error(setting, file.string() + ": YARA rules; use the yara backend for rules");
    };
    std::error_code error;
    if (!fs::is_directory(source, error)) {
        refuse_rules(source);
        return {source};
    }
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(source, error), end; !error && entry != end; entry.increment(error)) {
        if (!official_only) refuse_rules(entry->path());
        if (has_extension(entry->path(), kExtensions)) files.push_back(entry->path());
    }
    if (error) throw cannot_read(setting, source, error);
    std::ranges::sort(files);
    return files;
}

/// What the files are, as signatures() shows it: collected before they are loaded, so that a change while
/// they are read is a change of version at the next opening.
class Inventory {
public:
    void add(const fs::path& file) {
        struct stat status{};
        if (stat(file.c_str(), &status) != 0) return;   // loading it will say what is wrong
        newest_file_ = std::max<std::int64_t>(newest_file_, status.st_mtime);
        if (add_official(file)) return;
        others_ += file.filename().string() + '\0' + std::to_string(status.st_size) + '\0' +
                   std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec) +
                   '\0';
    }

    /// "1.4.6, daily 27500, main 62, other 0123456789ab": at most 63 bytes. The library comes first: another
    /// one may say something else over the same signatures.
    [[nodiscard]] std::string version() const {
        std::string text = cl_retver();
        for (const std::string_view name : kOfficial)
            if (const auto found = official_.find(name); found != official_.end())
                text += ", " + std::string(name) + ' ' + std::to_string(found->second);
        if (!others_.empty()) text += ", other " + fingerprint();
        return text;
    }
    /// An official database knows when it was built; of others the files' time must do.
    [[nodiscard]] std::int64_t date() const { return newest_build_ > 0 ? newest_build_ : newest_file_; }

private:
    bool add_official(const fs::path& file) {
        const fs::path extension = file.extension();
        const auto* name = std::ranges::find(kOfficial, file.stem().native());
        if (name == kOfficial.end() || (extension != ".cvd" && extension != ".cld")) return false;
        const DatabaseHeader header(cl_cvdhead(file.c_str()));
        if (!header) return false;
        auto& version = official_[*name];
        version = std::max(version, header->version);
        // The bytecode database is years old at any time: its age says nothing.
        if (*name != "bytecode") newest_build_ = std::max<std::int64_t>(newest_build_, header->stime);
        return true;
    }
    [[nodiscard]] std::string fingerprint() const {
        std::array<unsigned char, SHA256_HASH_SIZE> digest{};
        cl_sha256(others_.data(), others_.size(), digest.data(), nullptr);
        constexpr std::string_view hex = "0123456789abcdef";
        std::string text;
        for (std::size_t i = 0; i < 6; ++i) text += {hex[digest[i] >> 4U], hex[digest[i] & 15U]};
        return text;
    }

    std::map<std::string_view, unsigned> official_;
    std::string others_;
    std::int64_t newest_build_ = 0, newest_file_ = 0;
};

/// One path into the engine. `setting` is what the operator would have to change.
unsigned load(cl_engine& engine, const fs::path& source, const char* setting, const Settings& settings,
              std::uint32_t kinds) {
    unsigned count = 0;
    std::string reasons;
    cl_error_t status = CL_SUCCESS;
    bool lost = false;
    {
        const Listening listening([&](std::string_view message) {
            settings.log(ME_LOG_WARN, "libclamav: " + std::string(message));
            lost = lost || lost_signatures(message);
            if (reasons.size() < 600) reasons += "; " + std::string(message);
        });
        status = cl_load(source.c_str(), &engine, &count, kinds);
    }
    if (status == CL_SUCCESS && !lost) return count;
    throw setting_error(setting, source.string() + ": libclamav cannot load it: " +
                                     (lost ? "signatures were left out" : cl_strerror(status)) + reasons);
}

}   // namespace

Signatures load_database(cl_engine& engine, const Settings& settings, std::uint32_t kinds) {
    for (const std::string& source : settings.strings("optional_database"))
        refuse_relative(source, "optional_database");
    Inventory inventory;
    const bool official_only = (kinds & CL_DB_OFFICIAL_ONLY) != 0;
    std::uint64_t count = 0;
    const auto take = [&](const fs::path& source, const char* setting, const std::vector<fs::path>& files) {
        std::ranges::for_each(files, [&](const fs::path& file) { inventory.add(file); });
        count += load(engine, source, setting, settings, kinds);
    };
    for (const std::string& source : settings.strings("database")) {
        const auto files = files_of(source, "database", official_only);
        if (files.empty())
            throw setting_error(
                "database", source + ": no signature files in this directory; run freshclam or name another");
        if (!has_extension(files.front(), kExtensions))
            throw setting_error("database",
                                source + ": libclamav knows no signature files of this extension");
        take(source, "database", files);
    }
    for (const std::string& source : settings.strings("optional_database")) {
        if (!is_present(source, "optional_database")) continue;
        if (const auto files = files_of(source, "optional_database", official_only); !files.empty())
            take(source, "optional_database", files);
    }
    if (count == 0)
        throw setting_error(
            "database",
            "not one signature was loaded; name a directory that holds a ClamAV database, such as "
            "/var/lib/clamav");
    return {.count = count, .date_unix = inventory.date(), .version = inventory.version()};
}

}   // namespace microengine::clamav
