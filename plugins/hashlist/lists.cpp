// SPDX-License-Identifier: MIT
#include "lists.hpp"

#include "line.hpp"
#include "list_file.hpp"
#include "problems.hpp"

#include <malloc.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace microengine::hashlist {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string version_of(const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned byte : digest.used().first(16)) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xFU];
    }
    return text;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};   // a byte view
}

void check_stop(const Settings& settings) {
    if (settings.stop()) throw Error(ME_E_CANCELLED, "told to stop while it read its lists");
}

}   // namespace

/// What is needed until all of them are read.
class Lists::Loading {
public:
    Loading(Lists& lists, const Settings& settings)
        : lists_(lists), settings_(settings), allow_weak_(settings.boolean("allow_weak")) {}

    void files(Side& side, const char* setting) {
        for (std::size_t i = 0; i < settings_.count(setting); ++i) {
            const std::string path = settings_.path(setting, i);
            begin(side, setting, path);
            Lines lines(
                {.line = [this](std::string_view text) { line(text); }, .too_long = [this] { too_long(); }});
            try {
                const std::int64_t date = read_list(path, lines, hasher_, [this] { check_stop(settings_); });
                lists_.signatures_.date_unix = std::max(lists_.signatures_.date_unix, date);
            } catch (const Error& e) {
                if (e.status() != ME_E_FAILED) throw;
                throw setting_error(setting, e.what());
            }
        }
    }

    void digests(Side& side, const char* setting) {
        if (!settings_.has(setting)) return;
        begin(side, setting, setting);
        for (const std::string& text : settings_.strings(setting)) {
            hasher_.add(bytes_of(text + '\n'));
            line(text);
        }
    }

    void finish() {
        problems_.check();
        for (Side* side : {&lists_.block_, &lists_.allow_}) {
            side->table.seal();
            for (const Kind kind : kKinds) lists_.signatures_.count += side->table.count(kind);
            check_stop(settings_);
        }
        lists_.names_.seal();
        lists_.signatures_.version = version_of(hasher_.finish());
    }

private:
    void begin(Side& side, const char* setting, const std::string& list) {
        side_ = &side;
        setting_ = setting;
        list_ = list;
        columns_ = {};
        number_ = 0;
        side.sources.push_back({.list = list, .first = side.lines});
        // Whose bytes these are, and where those of the last one ended.
        hasher_.add(bytes_of(std::string(setting) + ' ' + std::to_string(side.lines) + '\n'));
    }

    void too_long() {
        ++number_;
        ++side_->lines;
        problem("is longer than " + std::to_string(kMostLine) + " bytes");
    }

    void line(std::string_view text) {
        if (++number_ == 1 && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
        if (side_->lines == std::numeric_limits<std::uint32_t>::max())
            throw setting_error(setting_, "the lists have more than 4294967295 lines");
        const auto place = static_cast<std::uint32_t>(side_->lines++);
        const auto parsed = parse_line(text, columns_);
        if (!parsed) {
            problem(parsed.error());
            return;
        }
        if (const std::optional<Row>& row = *parsed) add(*row, place);
    }

    void add(const Row& row, std::uint32_t place) {
        const Kind kind = row.digest.kind;
        if (side_ == &lists_.allow_ && kind != Kind::sha256 && !allow_weak_)
            problem("two artifacts with the same " + std::string(name_of(kind)) +
                    " can be made, one of them harmless; take SHA-256 to allow, or set allow_weak");
        else
            side_->table.add(row.digest, {.name = lists_.names_.add(row.name, row.family), .place = place});
    }

    void problem(const std::string& why) {
        problems_.add(setting_, list_ + ":" + std::to_string(number_) + ": " + why);
    }

    Lists& lists_;
    const Settings& settings_;
    bool allow_weak_;
    Hasher hasher_{Kind::sha256};
    Problems problems_;
    Side* side_ = nullptr;
    const char* setting_ = "";
    std::string list_;
    Columns columns_;
    std::uint64_t number_ = 0;   // of the line
};

Lists::Lists(const Settings& settings) {
    {
        Loading loading(*this, settings);
        loading.files(block_, "block");
        loading.digests(block_, "block_digests");
        loading.files(allow_, "allow");
        loading.digests(allow_, "allow_digests");
        loading.finish();
    }
    if (block_.sources.empty() && allow_.sources.empty())
        throw setting_error("block", "there is no list; set block, allow, block_digests or allow_digests");
    (void)::malloc_trim(0);   // what loading needed, and every worker would carry along
}

const Lists::Side::Source& Lists::Side::source(std::uint32_t place) const {
    return *std::prev(std::ranges::upper_bound(sources, std::uint64_t{place}, {}, &Source::first));
}

bool Lists::uses(Kind kind) const { return block_.table.count(kind) + allow_.table.count(kind) > 0; }

}   // namespace microengine::hashlist
