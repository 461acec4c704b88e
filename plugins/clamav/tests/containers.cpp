// SPDX-License-Identifier: GPL-2.0-only
#include "containers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <numeric>

namespace microengine::support {
namespace {

constexpr auto kCrcTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        table[i] = i;
        for (int bit = 0; bit < 8; ++bit)
            table[i] = (table[i] >> 1U) ^ ((table[i] & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return table;
}();

std::uint32_t crc32_of(std::string_view bytes) {
    std::uint32_t crc = ~0U;
    for (const char c : bytes) crc = (crc >> 8U) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
    return ~crc;
}

/// Appends little-endian numbers of 2 and 4 bytes.
struct Bytes {
    std::string text;
    Bytes& u16(std::size_t value) { return put(value, 2); }
    Bytes& u32(std::size_t value) { return put(value, 4); }
    Bytes& add(std::string_view more) {
        text += more;
        return *this;
    }
    Bytes& put(std::size_t value, int count) {
        for (int i = 0; i < count; ++i) text += static_cast<char>(value >> (8 * i) & 0xFFU);
        return *this;
    }
};

void zip_sizes(Bytes& out, const Member& m) {
    out.u32(crc32_of(m.bytes)).u32(m.bytes.size()).u32(m.unpacked == 0 ? m.bytes.size() : m.unpacked);
}

/// What a local and a central zip header have in common: version, flags, method, time, checksum, sizes, name
/// length.
void zip_fields(Bytes& out, const Member& m, bool with_sizes) {
    out.u16(20).u16((m.encrypted ? 1U : 0U) | (m.descriptor ? 8U : 0U)).u16(m.method).u32(0x58210000);
    if (with_sizes)
        zip_sizes(out, m);
    else
        out.u32(0).u32(0).u32(0);
    out.u16(m.name.size()).u16(0);
}

std::string octal(std::size_t value, int width) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%0*zo", width, value);
    return text.data();
}

}   // namespace

std::string zip_of(const std::vector<Member>& members) {
    Bytes out;
    Bytes directory;
    for (const Member& m : members) {
        directory.add({"PK\1\2", 4}).u16(20);
        zip_fields(directory, m, true);
        directory.u16(0).u16(0).u16(0).u32(0).u32(out.text.size()).add(m.name);
        out.add({"PK\3\4", 4});
        zip_fields(out, m, !m.descriptor);
        out.add(m.name).add(m.bytes);
        if (m.descriptor) zip_sizes(out.add({"PK\7\10", 4}), m);
    }
    const std::size_t at = out.text.size();
    out.add(directory.text).add({"PK\5\6", 4}).u16(0).u16(0).u16(members.size()).u16(members.size());
    return out.u32(directory.text.size()).u32(at).u16(0).text;
}

std::string tar_of(const std::vector<Member>& members) {
    std::string out;
    for (const Member& m : members) {
        std::string header(512, '\0');
        const auto put = [&](std::size_t at, std::string_view text) {
            std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at));
        };
        put(0, m.name);
        put(100, "0000644");
        put(108, "0000000");
        put(116, "0000000");
        put(124, octal(m.bytes.size(), 11));
        put(136, octal(0, 11));
        put(148, "        ");
        put(156, "0");
        put(257, "ustar");
        put(263, "00");
        const auto sum =
            std::accumulate(header.begin(), header.end(), std::size_t{0},
                            [](std::size_t all, char c) { return all + static_cast<unsigned char>(c); });
        put(148, octal(sum, 6) + '\0');
        out += header + m.bytes + std::string((512 - m.bytes.size() % 512) % 512, '\0');
    }
    return out + std::string(1024, '\0');
}

std::string gzip_of(std::string_view bytes) {
    Bytes out;
    out.add({"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10});
    for (std::size_t at = 0; at == 0 || at < bytes.size();) {   // stored blocks of deflate
        const std::size_t size = std::min<std::size_t>(bytes.size() - at, 0xFFFF);
        const bool last = at + size == bytes.size();
        out.put(last ? 1 : 0, 1).u16(size).u16(~size & 0xFFFFU).add(bytes.substr(at, size));
        at += size;
        if (last) break;
    }
    return out.u32(crc32_of(bytes)).u32(bytes.size()).text;
}

std::string deflated_run(char letter, std::size_t runs) {
    const std::string packed = gzip_of_run(letter, runs);
    return packed.substr(10, packed.size() - 18);
}

std::string apm_of(const std::vector<std::string>& partitions) {
    constexpr std::size_t kBlock = 512;
    const auto put = [](std::string& block, std::size_t at, std::size_t value, int count) {
        for (int i = 0; i < count; ++i)
            block[at + static_cast<std::size_t>(i)] =
                static_cast<char>(value >> (8 * (count - 1 - i)) & 0xFFU);
    };
    const std::size_t entries = partitions.size() + 1;
    std::size_t next = 1 + entries;
    std::string map(kBlock, '\0');
    std::string contents;
    const auto add = [&](std::size_t start, std::size_t blocks, std::string_view type) {
        std::string entry(kBlock, '\0');
        put(entry, 0, 0x504D, 2);
        put(entry, 4, entries, 4);
        put(entry, 8, start, 4);
        put(entry, 12, blocks, 4);
        std::ranges::copy(type, entry.begin() + 48);
        map += entry;
    };
    add(1, entries, "Apple_partition_map");
    for (const std::string& partition : partitions) {
        const std::size_t blocks = (partition.size() + kBlock - 1) / kBlock;
        add(next, blocks, "Apple_HFS");
        contents += partition + std::string(blocks * kBlock - partition.size(), '\0');
        next += blocks;
    }
    put(map, 0, 0x4552, 2);
    put(map, 2, kBlock, 2);
    put(map, 4, next, 4);
    return map + contents;
}

std::string gzip_of_run(char letter, std::size_t runs) {
    // One block with the fixed codes of deflate, which are written with their highest bit first.
    std::string bits = "110";   // last block, fixed codes
    const auto code = [&](unsigned value, int length) {
        while (length-- > 0) bits += (value >> static_cast<unsigned>(length) & 1U) != 0 ? '1' : '0';
    };
    code(0x30U + static_cast<unsigned char>(letter), 8);   // a literal below 144
    for (std::size_t i = 0; i < runs; ++i) {
        code(0xC5, 8);   // 258 bytes
        code(0, 5);      // of what was one byte ago
    }
    code(0, 7);   // end
    Bytes out;
    out.add({"\x1f\x8b\x08\0\0\0\0\0\0\xff", 10});
    for (std::size_t at = 0; at < bits.size(); at += 8) {
        unsigned byte = 0;
        for (std::size_t bit = 0; bit < 8 && at + bit < bits.size(); ++bit)
            byte |= (bits[at + bit] == '1' ? 1U : 0U) << bit;
        out.put(byte, 1);
    }
    const std::string bytes(1 + 258 * runs, letter);
    return out.u32(crc32_of(bytes)).u32(bytes.size()).text;
}

std::string mail_of(const Member& attachment) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string coded;
    for (std::size_t i = 0; i < attachment.bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three =
                three << 8U |
                (i + k < attachment.bytes.size() ? static_cast<unsigned char>(attachment.bytes[i + k]) : 0U);
        for (unsigned k = 0; k < 4; ++k)
            coded += i + k > attachment.bytes.size() ? '=' : kAlphabet[three >> (18 - 6 * k) & 63U];
        if (i % 57 == 54) coded += "\r\n";
    }
    return "From: a@example.org\r\nTo: b@example.org\r\nSubject: test\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/mixed; boundary=\"here\"\r\n\r\n--here\r\nContent-Type: "
           "text/plain\r\n\r\nHello\r\n"
           "--here\r\nContent-Type: application/octet-stream; name=\"" +
           attachment.name +
           "\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" +
           attachment.name + "\"\r\n\r\n" + coded + "\r\n--here--\r\n";
}

}   // namespace microengine::support
