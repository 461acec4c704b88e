// SPDX-License-Identifier: MIT
#include "host/config/keys.hpp"

#include "host/config/reference.hpp"
#include "tests/unit/config/config_support.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace microengine::config {
namespace {

std::string label(const Table& table, const Key& key) { return table.header() + " " + std::string(key.name); }

Config one_of_each() {
    Config config;
    for (const Table& table : tables())
        if (table.repeated()) table.rows.add(config);
    return config;
}

TEST(Keys, DefaultsOfTheTableAreThoseOfTheModel) {
    const Config config = one_of_each();
    for (const Table& table : tables())
        for (const Key& key : table.keys)
            if (key.slot.get != nullptr && !key.fallback.empty()) {
                EXPECT_EQ(toml_text(key.rule, key.slot.get(config, 0)), key.fallback) << label(table, key);
            }
}

TEST(Keys, EachHasANameADocAndADefaultOrWhatItMeansToLeaveItOut) {
    for (const Table& table : tables()) {
        std::set<std::string_view> names;
        for (const Key& key : table.keys) {
            EXPECT_TRUE(names.insert(key.name).second) << label(table, key);
            EXPECT_FALSE(key.doc.empty()) << label(table, key);
            EXPECT_FALSE(key.doc.ends_with('.')) << label(table, key);
            const std::set<std::string_view> needed{"name", "plugin", "action", "key", "value"};
            const bool must_be_set = needed.contains(key.name);
            EXPECT_EQ(key.fallback.empty() && key.unset.empty(), must_be_set) << label(table, key);
            EXPECT_TRUE(key.fallback.empty() || key.unset.empty()) << label(table, key);
        }
    }
}

/// A value at the very end of a range must come back from its member as it went in: no member is too narrow.
TEST(Keys, MembersHoldBothEndsOfTheirRange) {
    for (const Table& table : tables())
        for (const Key& key : table.keys) {
            const std::size_t dots = key.rule.allowed.find("..");
            if (dots == std::string_view::npos) continue;
            for (const std::string_view bound :
                 {key.rule.allowed.substr(0, dots), key.rule.allowed.substr(dots + 2)}) {
                std::string toml = table.header() + "\n" + std::string(key.name) + " = " + std::string(bound);
                if (table.repeated()) toml += "\nname = \"a\"\nplugin = \"a\"\n";
                toml += kBackend;
                const Loaded loaded = load_text(toml, test_source());
                const Values values = key.slot.get(loaded.config, 0);
                ASSERT_EQ(values.size(), 1u) << label(table, key);
                const auto number = std::get<std::int64_t>(values.front());
                const std::string text(bound);
                EXPECT_EQ(number, key.rule.kind == Kind::decimal ? ten_thousandths(std::stod(text))
                                                                 : std::stoll(text))
                    << label(table, key) << " " << bound;
            }
        }
}

/// Choices are stored by their position: each must come back as the name it was.
TEST(Keys, EveryChoiceComesBack) {
    for (const Table& table : tables())
        for (const Key& key : table.keys) {
            if (key.rule.kind != Kind::choice) continue;
            for (const std::string_view choice : choices(key.rule.allowed)) {
                Config config = one_of_each();
                const Values values{std::string(choice)};
                key.slot.put(config, 0, values);
                EXPECT_EQ(key.slot.get(config, 0), values) << label(table, key);
            }
        }
}

TEST(Reference, HasEveryTableAndKeyWithItsDefaultAndDoc) {
    const std::string page = reference();
    for (const Table& table : tables()) {
        EXPECT_THAT(page, testing::HasSubstr("## `" + table.header() + "`\n"));
        for (const Key& key : table.keys) {
            EXPECT_THAT(page, testing::HasSubstr("| `" + std::string(key.name) + "` | "))
                << label(table, key);
            EXPECT_THAT(page, testing::HasSubstr(std::string(key.fallback))) << label(table, key);
            EXPECT_THAT(page, testing::HasSubstr(std::string(key.doc))) << label(table, key);
        }
    }
    EXPECT_THAT(page, testing::HasSubstr(
                          "| `timeout_ms` | integer | 1..3600000 ms | `10000` | how long it may take"));
}

}   // namespace
}   // namespace microengine::config
