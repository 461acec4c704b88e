// SPDX-License-Identifier: MIT
#include "host/bounty/json.hpp"

#include "host/util/text.hpp"

#include <algorithm>
#include <utility>

namespace microengine::bounty {

namespace {

using Kind = JsonValue::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Goes over the text once. A function that answers false has left at() where it did not go on.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] std::size_t at() const { return at_; }
    [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
    [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }

    void blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    /// A value without the blanks around it.
    bool value(JsonValue& out, std::size_t depth) {
        const std::size_t start = at_;
        if (!skip(out.kind, depth)) return false;
        out.raw = text_.substr(start, at_ - start);
        return true;
    }
    /// What stands between brackets; `one` takes each part. The opening bracket is next.
    template <class One>
    bool list(char close, One one) {
        ++at_;
        blanks();
        if (take(close)) return true;
        do {
            blanks();
            if (!one()) return false;
            blanks();
        } while (take(','));
        return take(close);
    }
    /// A name, a colon and a value.
    bool member(JsonValue& name, JsonValue& out, std::size_t depth) {
        if (next() != '"' || !value(name, depth)) return false;
        blanks();
        if (!take(':')) return false;
        blanks();
        return value(out, depth);
    }
    bool number() {
        (void)take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (!take('e') && !take('E')) return true;
        if (!take('+')) (void)take('-');
        return digits();
    }

private:
    bool skip(Kind& kind, std::size_t depth) {
        switch (next()) {
            case '{':
                kind = Kind::object;
                return depth < kMostNesting && list(
                                                   '}',
                                                   [&] {
                                                       JsonValue name;
                                                       JsonValue ignored;
                                                       return member(name, ignored, depth + 1);
                                                   });
            case '[':
                kind = Kind::array;
                return depth < kMostNesting && list(
                                                   ']',
                                                   [&] {
                                                       JsonValue ignored;
                                                       return value(ignored, depth + 1);
                                                   });
            case '"':
                kind = Kind::text;
                return string();
            case 't':
                kind = Kind::boolean;
                return word("true");
            case 'f':
                kind = Kind::boolean;
                return word("false");
            case 'n':
                kind = Kind::null;
                return word("null");
            default:
                kind = Kind::number;
                return number();
        }
    }
    bool digits() {
        const std::size_t start = at_;
        while (is_digit(next())) ++at_;
        return at_ > start;
    }
    bool word(std::string_view expected) {
        if (!text_.substr(at_).starts_with(expected)) return false;
        at_ += expected.size();
        return true;
    }
    bool string() {
        ++at_;
        while (!at_end()) {
            if (take('"')) return true;
            if (take('\\')) {
                if (!escape()) return false;
                continue;
            }
            const std::size_t size = util::decode(text_.substr(at_)).size;
            if (size == 0 || static_cast<unsigned char>(text_[at_]) < ' ') return false;
            at_ += size;
        }
        return false;
    }
    bool escape() {
        if (!take('u')) {
            if (at_end() || !std::string_view("\"\\/bfnrt").contains(next())) return false;
            ++at_;
            return true;
        }
        for (int i = 0; i < 4; ++i, ++at_)
            if (!is_hex(next())) return false;
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}   // namespace

JsonEnd read_json(std::string_view text) {
    Scanner scanner(text);
    JsonValue value;
    scanner.blanks();
    const bool whole = scanner.value(value, 0);
    if (whole) scanner.blanks();
    JsonEnd end{.value = std::nullopt, .at = scanner.at()};
    if (whole && scanner.at_end()) end.value = value;
    return end;
}

JsonMembers members_of(const JsonValue& object) {
    JsonMembers members;
    if (object.kind != Kind::object) return members;
    Scanner scanner(object.raw);
    (void)scanner.list('}', [&] {
        JsonValue name;
        JsonValue value;
        if (!scanner.member(name, value, 0)) return false;
        members.insert_or_assign(text_of(name), value);
        return true;
    });
    return members;
}

const JsonValue* find(const JsonMembers& members, std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
}

JsonMembers members_of(const JsonMembers& members, std::string_view name) {
    const JsonValue* value = find(members, name);
    return value == nullptr ? JsonMembers{} : members_of(*value);
}

std::vector<JsonValue> items_of(const JsonValue& array) {
    std::vector<JsonValue> items;
    if (array.kind != Kind::array) return items;
    Scanner scanner(array.raw);
    (void)scanner.list(']', [&] { return scanner.value(items.emplace_back(), 0); });
    return items;
}

bool is_json_number(std::string_view text) {
    Scanner scanner(text);
    return scanner.number() && scanner.at_end();
}

bool is_integer(const JsonValue& value) {
    return value.kind == Kind::number && value.raw.find_first_of(".eE") == std::string_view::npos;
}

}   // namespace microengine::bounty
