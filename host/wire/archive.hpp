// SPDX-License-Identifier: MIT
#pragma once
// Two archives with one interface, so that each message lists its fields once for both directions. Numbers as
// this machine writes them: both ends are one build on one machine.

#include "host/util/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace microengine::wire {

class Writer {
public:
    static constexpr bool kReads = false;
    explicit Writer(std::string& out) : out_(out) {}

    template <class Number>
        requires std::is_arithmetic_v<Number>
    void number(const Number& value) {
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof raw);
        out_.append(raw, sizeof raw);
    }
    template <class Enum>
    void choice(const Enum& value, Enum /*last*/) {
        number(static_cast<std::underlying_type_t<Enum>>(value));
    }
    void bytes(const std::string& value, std::size_t /*most*/) {
        number(static_cast<std::uint32_t>(value.size()));
        out_ += value;
    }
    void text(const std::string& value, std::size_t most) { bytes(value, most); }
    template <class T, class Each>
    void list(const std::vector<T>& values, std::size_t /*most*/, Each each) {
        number(static_cast<std::uint32_t>(values.size()));
        for (const T& value : values) each(value);
    }
    template <class T, class Each>
    void maybe(const std::optional<T>& value, Each each) {
        number(static_cast<std::uint8_t>(value ? 1 : 0));
        if (value) each(*value);
    }

private:
    std::string& out_;
};

/// After the first thing that is not as it must be, ok() is false and everything else stays as it was.
class Reader {
public:
    static constexpr bool kReads = true;
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool used_up() const { return ok_ && rest_.empty(); }
    void fail() { ok_ = false; }

    template <class Number>
        requires std::is_arithmetic_v<Number>
    void number(Number& value) {
        if (const std::string_view raw = take(sizeof value); ok_) {
            if constexpr (std::is_same_v<Number, bool>) {
                if (static_cast<unsigned char>(raw[0]) > 1) return fail();
                value = raw[0] == 1;
            } else {
                std::array<char, sizeof value> bytes{};
                std::ranges::copy(raw, bytes.begin());
                value = std::bit_cast<Number>(bytes);
            }
        }
    }
    /// One of the enumerators from 0 to `last`.
    template <class Enum>
    void choice(Enum& value, Enum last) {
        using Under = std::underlying_type_t<Enum>;
        Under raw{};
        number(raw);
        if (raw > static_cast<Under>(last)) ok_ = false;
        if (ok_) value = static_cast<Enum>(raw);
    }
    void bytes(std::string& value, std::size_t most) {
        std::uint32_t size = 0;
        number(size);
        if (size > most) ok_ = false;
        if (const std::string_view raw = take(size); ok_) value = raw;
    }
    void text(std::string& value, std::size_t most) {
        bytes(value, most);
        if (ok_ && !util::is_utf8(value)) ok_ = false;
    }
    template <class T, class Each>
    void list(std::vector<T>& values, std::size_t most, Each each) {
        std::uint32_t size = 0;
        number(size);
        if (size > most) ok_ = false;
        for (std::uint32_t i = 0; ok_ && i < size; ++i) each(values.emplace_back());
    }
    template <class T, class Each>
    void maybe(std::optional<T>& value, Each each) {
        bool there = false;
        number(there);
        if (ok_ && there) each(value.emplace());
    }

private:
    std::string_view take(std::size_t size) {
        if (!ok_ || size > rest_.size()) {
            ok_ = false;
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}   // namespace microengine::wire
