// SPDX-License-Identifier: MIT
// From a path to a scan, with real plugins in this process.
#include "host/core/bounds.hpp"
#include "host/plugin/catalog.hpp"
#include "host/plugin/in_process_backend.hpp"
#include "host/plugin/temp_root.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace microengine::plugin {
namespace {

namespace fs = std::filesystem;

core::BackendPolicy named(std::string name) {
    core::BackendPolicy policy;
    policy.name = std::move(name);
    return policy;
}

struct Ladder : testing::Test {
    Ladder() : folder(fs::canonical(fs::temp_directory_path()) / ("ladder-" + std::to_string(::getpid()))) {
        fs::create_directory(folder);
        fs::permissions(folder, fs::perms::owner_all);
    }
    ~Ladder() override { fs::remove_all(folder); }
    Ladder(const Ladder&) = delete;
    Ladder& operator=(const Ladder&) = delete;

    fs::path copy(const std::string& from, const std::string& name) const {
        fs::copy_file(from, folder / name);
        fs::permissions(folder / name, fs::perms(0755));
        return folder / name;
    }
    static std::string reason(const fs::path& file) {
        const auto vetted = vet(file);
        return vetted ? "good" : reason_code(vetted.error());
    }
    util::Result<std::unique_ptr<Backend>> open(const std::string& does) {
        Vetted* plugin = *catalog.find(ZOO_DIR "/puppet.so");
        core::Settings settings;
        settings.all = {
            {"does", {does}, "m.toml:4:1"}, {"marker", {}, ""}, {"confidence", {std::int64_t{-1}}, ""}};
        return open_in_process(
            plugin->card, *catalog.load(*plugin),
            {.policy = named("puppet"), .settings = settings, .deadline = {}, .temp_dir = {}});
    }

    fs::path folder;
    Catalog catalog{PLUGIN_DIR};
};

TEST_F(Ladder, AFileThatOthersMayChangeIsRefused) {
    const fs::path file = copy(PLUGIN_DIR "/eicar.so", "a.so");
    EXPECT_EQ(reason(file), "good");
    ::chmod(file.c_str(), 0757);
    EXPECT_EQ(reason(file), "path_unsafe");
    ::chmod(file.c_str(), 0755);
    ::chmod(folder.c_str(), 0777);   // not sticky: anybody could replace the file
    EXPECT_EQ(reason(file), "path_unsafe");
}

TEST_F(Ladder, LinksFoldersAndNothingAreRefused) {
    const fs::path file = copy(PLUGIN_DIR "/eicar.so", "a.so");
    fs::create_symlink(file, folder / "link.so");
    EXPECT_EQ(reason(folder / "link.so"), "path_unsafe");
    fs::create_directory_symlink(folder, folder / "loop");
    EXPECT_EQ(reason(folder / "loop" / "a.so"), "path_unsafe");
    EXPECT_EQ(reason(folder), "path_unsafe");
    EXPECT_EQ(reason(folder / "missing.so"), "not_found");
    ASSERT_EQ(::mkfifo((folder / "pipe.so").c_str(), 0600), 0);
    EXPECT_EQ(reason(folder / "pipe.so"), "path_unsafe");
    EXPECT_EQ(reason("relative.so"), "path_unsafe");
}

TEST_F(Ladder, ADigestThatDoesNotMatchIsRefused) {
    const Vetted* plugin = *catalog.find("eicar");
    UsePolicy policy{.sha256 = plugin->sha256, .granted_needs = 0};
    EXPECT_TRUE(check_use(*plugin, policy));
    policy.sha256->at(0) ^= 1;
    EXPECT_EQ(reason_code(check_use(*plugin, policy).error()), "hash_mismatch");
}

TEST_F(Ladder, OneFileIsVettedOnceAndASecondFileWithItsIdIsRefused) {
    Catalog own(folder);
    copy(ZOO_DIR "/c_minimal.so", "a.so");
    copy(ZOO_DIR "/twin.so", "b.so");
    EXPECT_EQ(*own.find("a"), *own.find((folder / "a.so").native()));
    EXPECT_EQ(reason_code(own.find("b").error()), "duplicate_id");
    EXPECT_EQ(own.list().size(), 2U);
}

TEST_F(Ladder, ATableThatIsNotInOrderIsRefused) {
    for (const auto& [file, code] : {std::pair{"short_table", "bad_table"},
                                     {"null_slot", "bad_table"},
                                     {"no_table", "bad_table"},
                                     {"foreign_descriptor", "note_differs"},
                                     {"no_entry", "no_entry"}}) {
        Catalog own(ZOO_DIR);
        const auto plugin = own.find(file);
        ASSERT_TRUE(plugin) << file << plugin.error().text();
        const auto table = own.load(**plugin);
        ASSERT_FALSE(table) << file;
        EXPECT_EQ(reason_code(table.error()), code) << table.error().message;
    }
}

struct PlainC : Ladder, testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Ladder, PlainC, testing::Values("c_minimal", "want_fd"));

TEST_P(PlainC, APluginInPlainCScansByMemoryOrByDescriptor) {
    Catalog own(ZOO_DIR);
    Vetted* plugin = *own.find(GetParam());
    auto backend = open_in_process(plugin->card, *own.load(*plugin),
                                   {.policy = named("c"), .settings = {}, .deadline = {}, .temp_dir = {}});
    ASSERT_TRUE(backend) << backend.error().text();
    auto scanner = (*backend)->open_scanner();
    const std::uint8_t byte = 1;
    core::Artifact artifact;
    artifact.bytes = {&byte, 1};
    core::ScanResult row;
    (*scanner)->scan({.artifact = &artifact, .deadline = {}, .backend_deadline = {}}, row);
    EXPECT_EQ(row.outcome, core::Outcome::completed);
    EXPECT_EQ(row.verdict, core::Verdict::benign);
}

TEST_F(Ladder, AFailedOpenNamesTheSettingsPlace) {
    const auto backend = open("refuse_open");
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().text(), "m.toml:4:1: open_failed: settings.does: told to refuse");
    EXPECT_EQ(reason_code(open("throw_open").error()), "open_failed");
    EXPECT_EQ(reason_code(open("no_signatures").error()), "no_signatures");
    EXPECT_EQ(reason_code(open("refuse_scanner").error()), "probe_failed");
}

TEST_F(Ladder, WhatAPluginSaysIsBoundedAndMadeSafe) {
    for (const std::string does : {"flood", "long_name", "bad_utf8"}) {
        const auto backend = open(does);
        ASSERT_TRUE(backend);
        const auto scanner = (*backend)->open_scanner();
        const std::uint8_t byte = 1;
        core::Artifact artifact;
        artifact.bytes = {&byte, 1};
        core::ScanResult row;
        (*scanner)->scan({.artifact = &artifact, .deadline = {}, .backend_deadline = {}}, row);
        EXPECT_EQ(row.verdict, core::Verdict::malicious) << does;
        EXPECT_EQ(row.detections_cut, does == "flood");
        EXPECT_LE(row.detections.size(), core::kMaxDetections);
        EXPECT_LE(row.detections[0].name.size(), core::kMaxName);
        if (does == "bad_utf8") {
            EXPECT_EQ(row.detections[0].name.substr(0, 13), "Puppet.\xEF\xBF\xBD\xEF\xBF\xBD");
        }
    }
}

TEST(TempRoot, GivesPrivateDirectoriesAndLeavesNothing) {
    fs::path made;
    {
        TempRoot root("");
        made = *root.make("clamav");
        EXPECT_NE(made, *root.make("clamav"));
        struct stat status{};
        ASSERT_EQ(::stat(made.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0700U);
    }
    EXPECT_FALSE(fs::exists(made.parent_path()));
    EXPECT_FALSE(TempRoot("/nonexistent").make("x"));
}

TEST(TempRoot, SweepsWhatNobodyHoldsAnyMoreAndNothingElse) {
    const fs::path base = fs::temp_directory_path() / ("sweep-" + std::to_string(::getpid()));
    const fs::path dead = base / "microengine-scan-abcdef";
    const fs::path other = base / "microengine-notes";
    for (const fs::path& each : {dead, other}) fs::create_directories(each / "inside");
    TempRoot living(base);
    const fs::path held = *living.make("x");
    EXPECT_FALSE(fs::exists(dead));
    {
        ASSERT_TRUE(TempRoot(base).make("y"));
    }
    EXPECT_TRUE(fs::exists(held)) << "of a process that lives";
    EXPECT_TRUE(fs::exists(other));
    fs::remove_all(base);
}

}   // namespace
}   // namespace microengine::plugin
