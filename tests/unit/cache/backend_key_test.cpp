// SPDX-License-Identifier: MIT
#include "host/cache/backend_key.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace microengine::cache {
namespace {

struct Parts {
    core::BackendFacts facts{.policy = {},
                             .plugin_id = "org.example.x",
                             .plugin_version = "1.0",
                             .signatures = core::SignatureFacts{.version = "7", .date_unix = 1, .count = 2}};
    util::Sha256 file{};
    core::Settings settings{.all = {{.name = "depth", .values = {std::int64_t{3}}, .place = ""},
                                    {.name = "words", .values = {std::string("a")}, .place = ""}}};
    [[nodiscard]] util::Sha256 key() const { return backend_key(facts, file, settings); }
};

TEST(BackendKey, IsTheSameForTheSame) { EXPECT_EQ(Parts().key(), Parts().key()); }

TEST(BackendKey, AnotherOneForWhateverChangesTheAnswer) {
    const std::function<void(Parts&)> changes[] = {
        [](Parts& p) { p.facts.plugin_id += "x"; },
        [](Parts& p) { p.facts.plugin_version = "1.1"; },
        [](Parts& p) { p.facts.signatures->version = "8"; },
        [](Parts& p) { p.facts.signatures->count = 3; },
        [](Parts& p) { p.facts.signatures->date_unix = 2; },
        [](Parts& p) { p.facts.signatures.reset(); },
        [](Parts& p) { p.file[31] = 1; },
        [](Parts& p) { p.settings.all[0].values = {std::int64_t{4}}; },
        [](Parts& p) { p.settings.all[0].values = {std::string("3")}; },
        [](Parts& p) { p.settings.all[0].values = {true}; },
        [](Parts& p) { p.settings.all[0].name = "width"; },
        [](Parts& p) { p.settings.all[1].values = {std::string("a"), std::string("")}; },
        [](Parts& p) { p.settings.all[1].values.clear(); },
        [](Parts& p) { p.settings.all.pop_back(); },
    };
    std::set<util::Sha256> keys{Parts().key()};
    for (const auto& change : changes) {
        Parts parts;
        change(parts);
        EXPECT_TRUE(keys.insert(parts.key()).second) << "change " << keys.size();
    }
}

TEST(BackendKey, DoesNotDependOnHowTheOperatorRanksIt) {
    Parts parts;
    parts.facts.policy.name = "another";
    parts.facts.policy.weight = 5;
    parts.settings.all[0].place = "elsewhere.toml:1:1";
    EXPECT_EQ(parts.key(), Parts().key());
}

}   // namespace
}   // namespace microengine::cache
