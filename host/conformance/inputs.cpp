// SPDX-License-Identifier: MIT
#include "host/conformance/inputs.hpp"

#include "host/util/result.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

namespace microengine::conformance {

namespace {

using namespace std::string_literals;
using core::ArtifactType;
using Random = std::mt19937_64;

std::string nothing(std::uint64_t /*seed*/) { return {}; }
std::string one_byte(std::uint64_t /*seed*/) { return "x"; }

/// In two halves: this program must not trip a scanner itself.
std::string eicar(std::uint64_t /*seed*/) {
    return "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-"s + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

std::string little_endian(std::uint64_t number, std::size_t bytes) {
    std::string all;
    for (std::size_t i = 0; i < bytes; ++i) all += static_cast<char>(number >> 8 * i & 0xFF);
    return all;
}

/// Its headers announce two sections of a program of 64 KiB; the file ends in the table of sections.
std::string truncated_pe(std::uint64_t /*seed*/) {
    std::string file = "MZ" + std::string(58, '\0') + little_endian(0x80, 4);
    file.resize(0x80);
    file += "PE\0\0"s + little_endian(0x8664, 2) + little_endian(2, 2) + std::string(12, '\0') +
            little_endian(0xF0, 2) + little_endian(0x22, 2);
    std::string optional = little_endian(0x20B, 2) + std::string(14, '\0') + little_endian(0x1000, 4);
    optional.resize(0xF0);
    file += optional;
    for (const std::string_view name : {".text", ".data"}) {
        std::string section(name);
        section.resize(8);
        section += little_endian(0x8000, 4) + little_endian(0x1000, 4) + little_endian(0x8000, 4) +
                   little_endian(0x400, 4);
        file += section;
    }
    return file;
}

/// A local header that announces 64 KiB of deflated data, and a few bytes of them.
std::string truncated_zip(std::uint64_t /*seed*/) {
    return "PK\x03\x04"s + little_endian(20, 2) + little_endian(0, 2) + little_endian(8, 2) +
           little_endian(0, 4) + little_endian(0x12345678, 4) + little_endian(0x10000, 4) +
           little_endian(0x20000, 4) + little_endian(5, 2) + little_endian(0, 2) + "a.exe" +
           "\xEC\xBD\x07\x60\x1C\x49";
}

std::string zeros(std::uint64_t /*seed*/) { return std::string(kHugeBytes, '\0'); }

constexpr std::size_t kSomeBytes = std::size_t{256} << 10;
std::string noise(std::uint64_t seed) { return random_bytes(seed, kSomeBytes); }

std::string address(std::uint64_t /*seed*/) { return "http://example.org/a/letter.html?from=you#top"; }

constexpr std::array kInputs{
    Input{"empty", "an artifact without bytes", ArtifactType::file, nothing},
    Input{"one-byte", "one byte", ArtifactType::file, one_byte},
    Input{"eicar", "the EICAR test file", ArtifactType::file, eicar},
    Input{"truncated-pe", "a truncated program", ArtifactType::file, truncated_pe},
    Input{"truncated-zip", "a truncated archive", ArtifactType::file, truncated_zip},
    Input{"random", "256 KiB of random bytes", ArtifactType::file, noise},
    Input{"zeros", "64 MiB of zeros", ArtifactType::file, zeros},
    Input{"url", "a URL", ArtifactType::url, address},
};

std::size_t below(Random& random, std::size_t end) {
    return end == 0 ? 0 : static_cast<std::size_t>(random() % end);
}

void change(std::string& bytes, Random& random) {
    const std::size_t at = below(random, bytes.size());
    const std::size_t length = std::min(1 + below(random, 64), bytes.size() - at);
    constexpr std::array edges{'\0', '\x01', '\x7F', '\x80', '\xFF'};
    switch (bytes.empty() ? 4 : random() % 6) {
        case 0:   // one bit
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(random, 8)));
            return;
        case 1:   // numbers at the edge of what a length may be
            std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(length, 4),
                        edges.at(below(random, edges.size())));
            return;
        case 2:
            bytes.erase(at, length);
            return;
        case 3:   // twice the same
            bytes.insert(at, bytes.substr(below(random, bytes.size()), length));
            return;
        case 5:   // cut off
            bytes.resize(at);
            return;
        default:
            bytes.insert(at, random_bytes(random(), 1 + below(random, 32)));
    }
}

}   // namespace

std::span<const Input> inputs() { return kInputs; }

const Input& input(std::string_view name) {
    const auto found = std::ranges::find(kInputs, name, &Input::name);
    util::ensure(found != kInputs.end(), "an input of this name");
    return *found;
}

const std::vector<OddName>& odd_names() {
    static const std::vector<OddName> all{
        {"", "an empty name"},
        {"a\xff\xfe\xc3(\xed\xa0\x80", "a name that is not UTF-8"},
        {"a\0b.exe"s, "a name with a zero in it"},
        {"../../../etc/passwd", "a path as its name"},
        {"%n%s%p{0}$(id)`id`\"'\n\x1b[2J", "a name full of tricks"},
        {std::string(100'000, 'x'), "a name of 100,000 bytes"},
    };
    return all;
}

std::string random_bytes(std::uint64_t seed, std::size_t size) {
    Random random(seed);
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
        const std::uint64_t eight = random();   // little endian, as all machines that plugins run on
        std::memcpy(bytes.data() + at, &eight, std::min(sizeof eight, size - at));
    }
    return bytes;
}

std::string mutated(const std::string& original, std::uint64_t seed, std::size_t most) {
    Random random(seed);
    std::string bytes = original.substr(0, most);
    for (std::size_t changes = 1 + below(random, 8); changes > 0; --changes) change(bytes, random);
    if (bytes.size() > most) bytes.resize(most);
    return bytes;
}

}   // namespace microengine::conformance
