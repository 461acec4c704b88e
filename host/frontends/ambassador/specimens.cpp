// SPDX-License-Identifier: MIT
#include "host/frontends/ambassador/specimens.hpp"

#include <algorithm>
#include <limits>

namespace microengine::ambassador {

namespace {

constexpr std::size_t kMostOfEicar = 128;
constexpr std::size_t kVariantBits = 60;   // what is left behind the 68 bytes

std::uint32_t crc32(std::string_view bytes) {
    std::uint32_t crc = std::numeric_limits<std::uint32_t>::max();
    for (const char c : bytes) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

void put_little(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

}   // namespace

std::string eicar() {
    return std::string(R"(X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-)") + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

std::string eicar(std::uint64_t number) {
    std::string text = eicar();
    for (std::size_t bit = 0; bit < kVariantBits; ++bit) text += ((number >> bit) & 1U) != 0 ? '\t' : ' ';
    return text;
}

std::string benign_text(std::uint64_t number) {
    return "A plain text that accuses nobody, number " + std::to_string(number) + ".\n";
}

Truth truth_of(std::string_view bytes) {
    if (bytes.empty()) return {.verdicts = {core::Verdict::benign, core::Verdict::unknown}, .comment = ""};
    const std::string test = eicar();
    if (!bytes.contains(test)) return benign();
    const bool begins = bytes.starts_with(test) && bytes.size() <= kMostOfEicar &&
                        bytes.find_first_not_of(" \t\r\n\x1a", test.size()) == std::string_view::npos;
    return begins ? malicious() : Truth{};
}

Truth malicious() { return {.verdicts = {core::Verdict::malicious}, .comment = "", .family = true}; }
Truth benign() { return {.verdicts = {core::Verdict::benign}, .comment = ""}; }
Truth unknown(std::string_view comment) {
    return {.verdicts = {core::Verdict::unknown}, .comment = std::string(comment)};
}

std::string to_text(const Truth& truth) {
    std::string text;
    for (const core::Verdict verdict : truth.verdicts)
        text.append(text.empty() ? "" : " or ").append(core::to_text(verdict));
    return text.empty() ? "any verdict" : text;
}

std::string gzipped(std::string_view bytes) {
    std::string out("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);   // RFC 1952
    for (std::size_t at = 0; at == 0 || at < bytes.size();) {
        const std::string_view block = bytes.substr(at, 0xffff);
        at += std::max<std::size_t>(block.size(), 1);
        out += at >= bytes.size() ? '\x01' : '\x00';   // RFC 1951, 3.2.4: stored as it is
        put_little(out, block.size(), 2);
        put_little(out, ~block.size(), 2);
        out += block;
    }
    put_little(out, crc32(bytes), 4);
    put_little(out, bytes.size(), 4);
    return out;
}

}   // namespace microengine::ambassador
