// SPDX-License-Identifier: MIT
// Forms, cut at every byte: where the pieces end changes nothing.
#include "host/frontends/http/multipart.hpp"

#include <gtest/gtest.h>

#include <random>

namespace microengine::http {
namespace {

struct Found {
    MultipartParser::State state = MultipartParser::State::preamble;
    std::vector<std::pair<std::string, std::string>> parts;
    bool operator==(const Found&) const = default;
};
void PrintTo(const Found& found, std::ostream* out) {
    *out << "state " << static_cast<int>(found.state);
    for (const auto& [name, bytes] : found.parts) *out << ", " << name << ": " << bytes.size() << " bytes";
}

class Keeper final : public PartHandler {
public:
    explicit Keeper(std::size_t most) : most_(most) {}
    bool on_part(std::string name) override {
        if (found.parts.size() == most_) return false;
        found.parts.emplace_back(std::move(name), "");
        return true;
    }
    bool on_bytes(std::string_view piece) override {
        EXPECT_FALSE(piece.empty());
        found.parts.back().second.append(piece);
        return true;
    }
    Found found;

private:
    std::size_t most_;
};

Found parse(const std::vector<std::string_view>& pieces, std::size_t most = 100) {
    Keeper keeper(most);
    MultipartParser parser({.text = "b--x"}, keeper);
    for (const std::string_view piece : pieces) parser.feed(piece);
    keeper.found.state = parser.state();
    return keeper.found;
}

/// However it is cut: in two at every byte, and byte by byte.
Found parse_every_way(std::string_view body, std::size_t most = 100) {
    const Found whole = parse({body}, most);
    for (std::size_t cut = 0; cut <= body.size(); ++cut)
        EXPECT_EQ(parse({body.substr(0, cut), body.substr(cut)}, most), whole) << "cut at " << cut;
    std::vector<std::string_view> bytes;
    for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
    EXPECT_EQ(parse(bytes, most), whole) << "byte by byte";
    return whole;
}

constexpr std::string_view kPart =
    "Content-Disposition: form-data; name=\"f\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\n";
using State = MultipartParser::State;

std::string with(std::string_view body) { return "--b--x\r\n" + std::string(kPart) + std::string(body); }

TEST(Multipart, PartsWithWhateverIsInThem) {
    const std::string nearly = "\r\n--b--\r\n--b--\r\n-\r\n\r\n--b-\r\r\n--b--";
    const std::string body = "\r\n--b--x \t\r\n" + std::string(kPart) + nearly + "\r\n--b--x\r\n" +
                             "Content-Disposition: form-data; name=g\r\n\r\n\r\n--b--x--\r\n\r\n";
    const Found found = parse_every_way(body);
    EXPECT_EQ(found.state, State::epilogue);
    EXPECT_EQ(found.parts, (std::vector<std::pair<std::string, std::string>>{{"a", nearly}, {"g", ""}}));
}

TEST(Multipart, WhatBelongsToNoPart_IsRefusedForItWouldNotBeScanned) {
    EXPECT_EQ(parse_every_way("preamble\r\n" + with("a\r\n--b--x--")).state, State::malformed);
    EXPECT_EQ(parse_every_way(with("a\r\n--b--x--epilogue")).state, State::malformed);
    EXPECT_EQ(parse_every_way(with("a\r\n--b--x--\r\nepilogue")).state, State::malformed);
    EXPECT_EQ(parse_every_way(with("a\r\n--b--x--\r\n \t\r\n")).state, State::epilogue);
}

TEST(Multipart, RandomBytes_ComeOutAsTheyWentIn) {
    std::mt19937 random(7);   // NOLINT: the same bytes each time
    const std::string_view letters = "\r\n-bx";
    for (int round = 0; round < 40; ++round) {
        std::string bytes;
        for (int i = 0; i < 60; ++i) bytes += letters[random() % letters.size()];
        if (bytes.contains("\r\n--b--x")) continue;
        const Found found = parse_every_way(with(bytes + "\r\n--b--x--"));
        EXPECT_EQ(found.state, State::epilogue);
        ASSERT_EQ(found.parts.size(), 1U);
        EXPECT_EQ(found.parts.front().second, bytes);
    }
}

TEST(Multipart, CutOff_IsNotComplete) {
    EXPECT_EQ(parse_every_way(with("abc")).state, State::bytes);
    EXPECT_EQ(parse_every_way(with("abc\r\n--b--x")).state, State::delimiter);
    EXPECT_EQ(parse_every_way(with("abc\r\n--b--x\r\nContent-")).state, State::fields);
    EXPECT_EQ(parse_every_way("").state, State::preamble);
}

TEST(Multipart, Malformed) {
    const auto part = [](std::string_view fields) {
        return "--b--x\r\n" + std::string(fields) + "\r\n\r\nx";
    };
    for (const std::string& body :
         {part("Content-Disposition: attachment; filename=a"), part("Content-Type: text/plain"),
          part("no field"),
          part("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b"),
          part("Content-Disposition: form-data; name=a\r\n folded"),
          part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
          part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: quoted-printable"),
          part("Content-Disposition: form-data; name=\"a"), std::string("--b--x\r\n\r\n\r\nx"),
          std::string("--b--xyz\r\n"), std::string("--b--x\nabc"), with("abc\r\n--b--x-\r\n")})
        EXPECT_EQ(parse_every_way(body).state, State::malformed) << body;
}

TEST(Multipart, EncodingsThatChangeNothing_AreTaken) {
    for (const auto* const encoding : {"binary", "8bit", " 7BIT "}) {
        const std::string body = "--b--x\r\nContent-Transfer-Encoding: " + std::string(encoding) +
                                 "\r\nContent-Disposition: form-data; name=a\r\n\r\nxyz\r\n--b--x--";
        EXPECT_EQ(parse({body}).state, State::epilogue) << encoding;
    }
}

TEST(Multipart, WhatHasNoEnd_IsNotKept) {
    const std::string much(std::size_t{20} << 10, 'a');
    EXPECT_EQ(parse({much}).state, State::malformed) << "a preamble";
    EXPECT_EQ(parse({"--b--x\r\nA: " + much}).state, State::malformed) << "fields";
    EXPECT_EQ(parse({"--b--x" + std::string(20000, ' ')}).state, State::malformed) << "padding";
}

TEST(Multipart, TooManyParts_AreRefused) {
    const std::string body = with("a\r\n") + with("b\r\n") + with("c\r\n") + "--b--x--";
    EXPECT_EQ(parse_every_way(body, 2).state, State::refused);
    EXPECT_EQ(parse_every_way(body, 3).state, State::epilogue);
}

TEST(Boundary, AsTheStandardAllows) {
    const auto of = [](const std::string& text) { return boundary_of(*parse_parametrised("m/f; " + text)); };
    EXPECT_EQ(of("boundary=\"a b'()+_,-./:=?\"")->text, "a b'()+_,-./:=?");
    for (const std::string& text :
         {std::string("x=y"), std::string("boundary=\"\""), std::string("boundary=\"a \""),
          std::string("boundary=\"a\tb\""), "boundary=" + std::string(71, 'a')})
        EXPECT_FALSE(of(text)) << text;
}

}   // namespace
}   // namespace microengine::http
