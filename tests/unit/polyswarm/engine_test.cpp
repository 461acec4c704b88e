// SPDX-License-Identifier: MIT
#include "host/frontends/polyswarm/engine.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

namespace microengine::polyswarm {

namespace {

using testing::StartsWith;

constexpr const char* kVariable = "MICROENGINE_POLYSWARM_SECRET";

/// The secret that it reads of the environment, or why there is none.
std::string secret_of(const char* variable) {
    if (variable == nullptr)
        ::unsetenv(kVariable);
    else
        ::setenv(kVariable, variable, 1);
    bounty::EngineSettings settings;
    settings.name = "main";
    Engine engine(settings);
    const auto read = engine.read_secrets();
    ::unsetenv(kVariable);
    if (!read) return read.error().text();
    EXPECT_FALSE(engine.secrets()->previous);
    return std::string(engine.secrets()->current.bytes());
}

TEST(EngineTest, WithoutAFile_TheEnvironmentHasTheSecret) {
    EXPECT_EQ(secret_of("of the environment"), "of the environment");
    EXPECT_EQ(secret_of("one line end\n"), "one line end");   // as a file's
    EXPECT_EQ(secret_of("one line end\r\n"), "one line end");
    EXPECT_EQ(secret_of("two\n\n"), "two\n");
    EXPECT_EQ(secret_of(" blanks "), " blanks ");
}

TEST(EngineTest, WithoutASecret_NoEngine) {
    for (const char* variable : {static_cast<const char*>(nullptr), "", "\n", "\r\n"})
        EXPECT_EQ(
            secret_of(variable),
            "polyswarm engine 'main': has no secret, so anybody could send it bounties; set secret_file or "
            "MICROENGINE_POLYSWARM_SECRET");
}

TEST(EngineTest, AFileThatCannotBeUsed_IsNotReplacedByTheEnvironment) {
    const support::TempDir dir;
    ::setenv(kVariable, "of the environment", 1);
    bounty::EngineSettings settings;
    settings.secret_file = dir / "missing";
    Engine engine(settings);
    const auto read = engine.read_secrets();
    ::unsetenv(kVariable);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, util::Errc::config);
    EXPECT_THAT(read.error().text(), StartsWith((dir / "missing").native()));
}

TEST(EngineTest, AsksTheBackendsItNames_OrAll) {
    bounty::EngineSettings settings;
    EXPECT_EQ(Engine(settings).backends, nullptr);
    settings.backends = {"a", "b"};
    const Engine engine(settings);
    ASSERT_NE(engine.backends, nullptr);
    EXPECT_EQ(*engine.backends, settings.backends);
}

}   // namespace
}   // namespace microengine::polyswarm
