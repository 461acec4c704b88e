// SPDX-License-Identifier: MIT
#include "host/config/value.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace microengine::config {
namespace {

TEST(TenThousandths, AreExactUpToFourDecimals) {
    struct Case {
        double number;
        std::optional<std::int64_t> expected;
    };
    for (const auto& [number, expected] : {
             Case{0.0, 0},
             Case{-0.0, 0},
             Case{1.0, 10'000},
             Case{0.1, 1'000},
             Case{0.3, 3'000},
             Case{0.7, 7'000},
             Case{0.0001, 1},
             Case{1e-4, 1},
             Case{0.3333, 3'333},
             Case{999.9999, 9'999'999},
             Case{1000, 10'000'000},
             Case{-2.5, -25'000},
             Case{0.00001, std::nullopt},
             Case{0.12345, std::nullopt},
             Case{0.1 + 0.2, std::nullopt},
             Case{1e300, std::nullopt},
             Case{std::numeric_limits<double>::infinity(), std::nullopt},
             Case{std::numeric_limits<double>::quiet_NaN(), std::nullopt},
             Case{std::numeric_limits<double>::denorm_min(), std::nullopt},
         })
        EXPECT_EQ(ten_thousandths(number), expected) << number;
}

TEST(TenThousandths, EveryWeightComesBackFromItsText) {
    for (std::int64_t units = 0; units <= 10'000'000; units += 37) {
        const std::string text = decimal_text(units);
        EXPECT_EQ(ten_thousandths(std::stod(text)), units) << text;
    }
}

TEST(DecimalText, HasAPointAndNoIdleZeros) {
    EXPECT_EQ(decimal_text(0), "0.0");
    EXPECT_EQ(decimal_text(10'000), "1.0");
    EXPECT_EQ(decimal_text(2'500), "0.25");
    EXPECT_EQ(decimal_text(1), "0.0001");
    EXPECT_EQ(decimal_text(9'999'999), "999.9999");
    EXPECT_EQ(decimal_text(-5'000), "-0.5");
}

TEST(TomlText, CannotBeLeftByAnyValue) {
    EXPECT_EQ(toml_text({}, {std::string("a\"b\\c\n\x7f$")}), R"("a\"b\\c\u000a\u007f$$")");
    EXPECT_EQ(toml_text({.kind = Kind::path, .list = true}, {std::string("/a"), std::string("/b")}),
              R"(["/a", "/b"])");
    EXPECT_EQ(toml_text({.kind = Kind::decimal}, {std::int64_t{5'000}}), "0.5");
    EXPECT_EQ(toml_text({.kind = Kind::integer}, {std::int64_t{-7}}), "-7");
    EXPECT_EQ(toml_text({.kind = Kind::boolean}, {true}), "true");
    EXPECT_EQ(toml_text({.kind = Kind::integer}, {}), "");
    EXPECT_EQ(toml_text({.kind = Kind::string, .list = true}, {}), "[]");
}

TEST(MustBe, NamesChoicesAndRanges) {
    EXPECT_EQ(must_be({.kind = Kind::choice, .allowed = "a"}), "a");
    EXPECT_EQ(must_be({.kind = Kind::choice, .allowed = "a|b"}), "a or b");
    EXPECT_EQ(must_be({.kind = Kind::choice, .allowed = "a|b|c"}), "a, b or c");
    EXPECT_EQ(must_be({.kind = Kind::integer, .allowed = "1..9"}), "in 1..9");
    EXPECT_EQ(must_be({.kind = Kind::integer}), "a whole number");
}

}   // namespace
}   // namespace microengine::config
