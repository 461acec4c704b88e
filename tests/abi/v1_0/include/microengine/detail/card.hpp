// SPDX-License-Identifier: MIT
#pragma once
// The card of a plugin as a compile-time constant: what it is, what it takes, promises and needs, and its
// settings. Include <microengine/plugin.hpp>, not this file.

#include <microengine/plugin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace microengine {

namespace detail {

/// Copies text into a fixed, zero-terminated field. Text that does not fit is a compile error: a card is a
/// constant, and a constant expression cannot throw.
template <std::size_t Size>
constexpr void put(char (&field)[Size], std::string_view text) {
    if (text.size() >= Size) throw std::length_error("this text is too long for its field of the card");
    for (std::size_t i = 0; i < Size; ++i) field[i] = i < text.size() ? text[i] : '\0';
}

/// The note as it lies in the file: header, descriptor, then the setting records.
template <std::size_t Settings>
struct Note {
    me_note head;
    me_setting settings[Settings];
};
template <>
struct Note<0> {
    me_note head;
};

}   // namespace detail

/// One declared setting. Start with string(), path(), integer() or boolean(), then chain.
class Setting {
public:
    constexpr Setting(std::string_view name, std::uint32_t type) : record_{} {
        detail::put(record_.name, name);
        record_.type = type;
    }
    constexpr Setting required() const { return with(ME_SETTING_REQUIRED); }
    constexpr Setting list() const { return with(ME_SETTING_LIST); }
    /// Never printed, never logged.
    constexpr Setting secret() const { return with(ME_SETTING_SECRET); }
    /// As text: "1000", "true"; of a list: its one item. May use ${VAR:-text}.
    constexpr Setting by_default(std::string_view text) const {
        Setting copy = *this;
        detail::put(copy.record_.default_value, text);
        return copy;
    }
    constexpr Setting unit(std::string_view text) const {
        Setting copy = *this;
        detail::put(copy.record_.unit, text);
        return copy;
    }
    /// "1..100000" for an integer, "fast|full" for a string.
    constexpr Setting allowed(std::string_view text) const {
        Setting copy = *this;
        detail::put(copy.record_.allowed, text);
        return copy;
    }
    /// One line for the reference.
    constexpr Setting doc(std::string_view text) const {
        Setting copy = *this;
        detail::put(copy.record_.doc, text);
        return copy;
    }
    constexpr const me_setting& record() const { return record_; }

private:
    constexpr Setting with(std::uint32_t flag) const {
        Setting copy = *this;
        copy.record_.flags |= flag;
        return copy;
    }
    me_setting record_;
};

constexpr Setting string(std::string_view name) { return Setting(name, ME_SETTING_STRING); }
/// A string that the host makes absolute against the config file; it must exist.
constexpr Setting path(std::string_view name) { return Setting(name, ME_SETTING_PATH); }
constexpr Setting integer(std::string_view name) { return Setting(name, ME_SETTING_INTEGER); }
constexpr Setting boolean(std::string_view name) { return Setting(name, ME_SETTING_BOOLEAN); }

/// What the host knows of a plugin before it runs any of its code. Takes files unless takes() says otherwise.
template <std::size_t N = 0>
class Card {
public:
    /// id: reverse DNS of [a-z0-9.-], the same for ever. version: semver of the plugin.
    constexpr Card(std::string_view id, std::string_view version) : descriptor_{}, settings_{} {
        detail::put(descriptor_.id, id);
        detail::put(descriptor_.version, version);
        descriptor_.struct_size = sizeof(me_descriptor);
        descriptor_.abi_major = ME_ABI_MAJOR;
        descriptor_.abi_minor = ME_ABI_MINOR;
        descriptor_.min_host_minor = ME_TARGET_MINOR;
        descriptor_.setting_size = sizeof(me_setting);
        descriptor_.artifact_types = ME_ARTIFACT_FILE;
    }
    constexpr Card(const me_descriptor& descriptor, const std::array<me_setting, N>& settings)
        : descriptor_(descriptor), settings_(settings) {}

    constexpr Card name(std::string_view text) const { return put(&me_descriptor::name, text); }
    constexpr Card vendor(std::string_view text) const { return put(&me_descriptor::vendor, text); }
    /// An SPDX expression.
    constexpr Card license(std::string_view text) const { return put(&me_descriptor::license, text); }
    constexpr Card url(std::string_view text) const { return put(&me_descriptor::url, text); }
    /// ME_ARTIFACT_* this plugin can judge; it is never sent another.
    constexpr Card takes(std::uint32_t artifact_types) const {
        Card copy = *this;
        copy.descriptor_.artifact_types = artifact_types;
        return copy;
    }
    /// ME_CAP_*: what the host may rely on.
    constexpr Card promises(std::uint32_t caps) const {
        Card copy = *this;
        copy.descriptor_.caps = caps;
        return copy;
    }
    /// ME_NEED_*: rights without which scans do not work.
    constexpr Card needs(std::uint32_t rights) const {
        Card copy = *this;
        copy.descriptor_.needs = rights;
        return copy;
    }
    constexpr Card<N + 1> setting(const Setting& setting) const {
        std::array<me_setting, N + 1> all{};
        for (std::size_t i = 0; i < N; ++i) all[i] = settings_[i];
        all[N] = setting.record();
        me_descriptor descriptor = descriptor_;
        descriptor.setting_count = static_cast<std::uint16_t>(N + 1);
        return Card<N + 1>(descriptor, all);
    }

    constexpr detail::Note<N> note() const {
        detail::Note<N> note{};
        note.head.namesz = 3;
        note.head.descsz = static_cast<std::uint32_t>(sizeof(me_descriptor) + N * sizeof(me_setting));
        note.head.type = ME_NOTE_TYPE;
        note.head.owner[0] = 'M';
        note.head.owner[1] = 'E';
        note.head.descriptor = descriptor_;
        if constexpr (N > 0)
            for (std::size_t i = 0; i < N; ++i) note.settings[i] = settings_[i];
        return note;
    }
    static constexpr std::size_t setting_count() { return N; }

private:
    template <std::size_t Size>
    constexpr Card put(char (me_descriptor::*field)[Size], std::string_view text) const {
        Card copy = *this;
        detail::put(copy.descriptor_.*field, text);
        return copy;
    }
    me_descriptor descriptor_;
    std::array<me_setting, N> settings_;
};
Card(std::string_view, std::string_view) -> Card<0>;

}   // namespace microengine
