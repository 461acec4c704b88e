// SPDX-License-Identifier: MIT
// What a path that a client names may open.
#include "host/frontends/clamd/roots.hpp"

#include "tests/unit/intake/temp_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace microengine::clamd {
namespace {

using namespace std::string_literals;
constexpr auto kDenied = "Access denied. ERROR";
constexpr auto kMissing = "File path check failure: No such file or directory. ERROR";
constexpr auto kSpecial = "Not supported file type ERROR";

class RootsTest : public testing::Test {
protected:
    RootsTest() {
        std::string name = (std::filesystem::temp_directory_path() / "microengine-roots-XXXXXX").native();
        here = ::mkdtemp(name.data());
        write("root/file", "inside");
        write("root/below/file", "deeper");
        write("secret", "outside");
        settings.roots = {here / "root"};
    }
    ~RootsTest() override { std::filesystem::remove_all(here); }
    RootsTest(const RootsTest&) = delete;
    RootsTest& operator=(const RootsTest&) = delete;

    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((here / name).parent_path());
        std::ofstream(here / name) << text;
    }
    void link(const std::string& name, const std::string& target) const {
        std::filesystem::create_symlink(target, here / name);
    }
    /// The text of the file, "directory", or the answer why not.
    [[nodiscard]] std::string opened_path(const std::string& path) const {
        const auto roots = Roots::open(settings);
        EXPECT_TRUE(roots.has_value());
        const auto opened = roots->open_path(path);
        if (!opened) return opened.error().text;
        if (opened->directory) return "directory";
        std::string text(100, '\0');
        text.resize(static_cast<std::size_t>(
            std::max<ssize_t>(::pread(opened->fd.get(), text.data(), text.size(), 0), 0)));
        return text;
    }
    [[nodiscard]] std::string opened(const std::string& name) const {
        return opened_path((here / name).native());
    }

    std::filesystem::path here;
    core::ClamdSettings settings;
};

TEST_F(RootsTest, WhatLiesBelowIsOpened) {
    EXPECT_EQ(opened("root/file"), "inside");
    EXPECT_EQ(opened("root/below/file"), "deeper");
    EXPECT_EQ(opened("root"), "directory");
    EXPECT_EQ(opened("root/"), "directory");
    EXPECT_EQ(opened("root/below"), "directory");
    EXPECT_EQ(opened("root//below///file"), "deeper");
    EXPECT_EQ(opened("root/./below/../file"), "inside");
    EXPECT_EQ(opened_path("/" + (here / "root/file").native()), "inside") << "two slashes are one";
}

TEST_F(RootsTest, WhatDoesNotIsNot) {
    for (const std::string name : {"secret", "root/../secret", "root/below/../../secret", "rootx/file",
                                   "root/../root/../secret", "root/.."})
        EXPECT_EQ(opened(name), kDenied) << name;
    for (const std::string& path :
         {"root/file"s, ""s, "./file"s, "/"s, "/etc/passwd"s, (here / "root/file").native() + "\0/x"s})
        EXPECT_EQ(opened_path(path), kDenied) << path;
}

TEST_F(RootsTest, LinksAreFollowedAsLongAsTheyStayBelow) {
    link("root/in", "below/file");
    link("root/below/up", "../file");
    link("root/out", "../secret");
    link("root/absolute_out", (here / "secret").native());
    link("root/absolute_in", (here / "root/file").native());
    link("root/folder_out", "..");
    link("root/proc", "/proc/self/root");
    link("root/circle", "circle");
    link("root/dangling", "nothing");
    EXPECT_EQ(opened("root/in"), "deeper");
    EXPECT_EQ(opened("root/below/up"), "inside");
    EXPECT_EQ(opened("root/out"), kDenied);
    EXPECT_EQ(opened("root/absolute_out"), kDenied);
    EXPECT_EQ(opened("root/absolute_in"), kDenied) << "it leads out before it leads back";
    EXPECT_EQ(opened("root/folder_out/secret"), kDenied);
    EXPECT_EQ(opened("root/proc/etc/passwd"), kDenied);
    EXPECT_EQ(opened("root/circle"), kDenied);
    EXPECT_EQ(opened("root/dangling"), kMissing);
}

TEST_F(RootsTest, SpecialFilesAreNotRead) {
    ASSERT_EQ(::mkfifo((here / "root/fifo").c_str(), 0600), 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (here / "root/socket").native().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    const util::UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(opened("root/fifo"), kSpecial);
    EXPECT_EQ(opened("root/socket"), kSpecial);
    settings.paths = core::PathCommands::any;
    EXPECT_EQ(opened_path("/dev/null"), kSpecial);
}

TEST_F(RootsTest, WhatIsMissingIsSaidToBe) {
    EXPECT_EQ(opened("root/none"), kMissing);
    EXPECT_EQ(opened("root/none/deeper"), kMissing);
    EXPECT_EQ(opened("root/file/deeper"), kMissing);
    EXPECT_EQ(opened("none"), kDenied) << "nobody learns what is outside";
    EXPECT_EQ(opened("root/" + std::string(300, 'x')), kDenied);
}

TEST_F(RootsTest, WhatWeMayNotReadIsDenied) {
    std::filesystem::permissions(here, std::filesystem::perms(0755));
    std::filesystem::permissions(here / "root/file", std::filesystem::perms::none);
    std::filesystem::permissions(here / "root/below", std::filesystem::perms::none);
    {
        const support::AsNobody nobody;
        EXPECT_EQ(opened("root/file"), kDenied);
        EXPECT_EQ(opened("root/below"), kDenied);
        EXPECT_EQ(opened("root/below/file"), kDenied);
    }
    std::filesystem::permissions(here / "root/below", std::filesystem::perms(0755));
}

TEST_F(RootsTest, TheInnermostRootIsTaken) {
    settings.roots = {here, here / "root", here / "root/below/"};
    EXPECT_EQ(opened("root/below/file"), "deeper");
    EXPECT_EQ(opened("root/below/../file"), kDenied) << "out of that root, although into another";
    EXPECT_EQ(opened("secret"), "outside");
    settings.roots = {"/"};
    EXPECT_EQ(opened("secret"), "outside");
}

TEST_F(RootsTest, ARootThatIsReplacedLeadsNowhereElse) {
    const auto roots = Roots::open(settings);
    ASSERT_TRUE(roots.has_value());
    std::filesystem::rename(here / "root", here / "moved");
    link("root", here.native());
    const auto opened = roots->open_path((here / "root/secret").native());
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().text, kMissing);
    EXPECT_TRUE(roots->open_path((here / "root/file").native()).has_value()) << "still the one it was";
}

TEST_F(RootsTest, AnyPathIfTheOperatorSaysSo) {
    settings.paths = core::PathCommands::any;
    settings.roots = {};
    link("root/out", "../secret");
    link("root/proc", "/proc/self/exe");
    EXPECT_EQ(opened("secret"), "outside");
    EXPECT_EQ(opened("root/out"), "outside");
    EXPECT_EQ(opened("root/proc"), kDenied) << "what the daemon has open is no file of the client's";
    EXPECT_EQ(opened_path("relative"), kDenied);
}

TEST_F(RootsTest, ARootThatDoesNotExistIsAnError) {
    settings.roots = {here / "none"};
    ASSERT_FALSE(Roots::open(settings).has_value());
    EXPECT_TRUE(Roots::open(settings).error().text().contains((here / "none").native()));
    settings.roots = {here / "secret"};
    EXPECT_FALSE(Roots::open(settings).has_value()) << "a file";
    settings.paths = core::PathCommands::off;
    EXPECT_TRUE(Roots::open(settings).has_value()) << "nobody asks for it";
}

}   // namespace
}   // namespace microengine::clamd
