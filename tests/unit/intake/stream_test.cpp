// SPDX-License-Identifier: MIT
#include "host/intake/stream.hpp"

#include "host/util/unique_fd.hpp"
#include "tests/unit/intake/temp_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <thread>

namespace microengine::intake {
namespace {

struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    util::UniqueFd out, in;
};

/// Everything, in pieces, then the end.
std::jthread feed(util::UniqueFd in, std::string bytes, std::size_t piece) {
    return std::jthread([in = std::move(in), bytes = std::move(bytes), piece] {
        for (std::size_t at = 0; at < bytes.size(); at += piece)
            if (::write(in.get(), bytes.data() + at, std::min(piece, bytes.size() - at)) < 0) return;
    });
}

TEST(Stream, IsReadToTheEndWhateverThePieces) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{999}, std::size_t{1} << 20}) {
        Pipe pipe;
        const std::string bytes(piece == 1 ? 3'000 : 2'000'003, 'x');
        const auto feeder = feed(std::move(pipe.in), bytes, piece);
        core::ArtifactBuffer buffer;
        const auto loaded = stream_loader(pipe.out.get(), "-", Limits{})(buffer);
        ASSERT_TRUE(loaded);
        EXPECT_EQ(loaded->facts.size, bytes.size());
        EXPECT_EQ(loaded->facts.name, "-");
        EXPECT_EQ(loaded->facts.sha256, util::sha256(loaded->bytes));
    }
}

TEST(Stream, EmptyIsAnEmptyArtifact) {
    Pipe pipe;
    pipe.in.reset();
    core::ArtifactBuffer buffer;
    const auto loaded = stream_loader(pipe.out.get(), "-", Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->facts.size, 0u);
    EXPECT_NE(loaded->bytes.data(), nullptr);
}

TEST(Stream, ExactlyTheLimitIsTaken_OneMoreIsNot) {
    for (const std::size_t size : {std::size_t{70'000}, std::size_t{70'001}}) {
        Pipe pipe;
        const auto feeder = feed(std::move(pipe.in), std::string(size, 'x'), 8192);
        core::ArtifactBuffer buffer;
        const auto loaded = stream_loader(pipe.out.get(), "-", Limits{70'000})(buffer);
        EXPECT_EQ(loaded.has_value(), size == 70'000);
        const std::string error = loaded ? "" : loaded.error().error.text();
        EXPECT_EQ(error, size == 70'000 ? "" : "-: has more than max_artifact_bytes 70 kB");
    }
}

TEST(Stream, AFileGoesOnFromWhereItStands) {
    const support::TempTree tree;
    const util::UniqueFd fd(::open(tree.file("a", "0123456789").c_str(), O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::lseek(fd.get(), 4, SEEK_SET), 4);
    core::ArtifactBuffer buffer;
    const auto loaded = stream_loader(fd.get(), "-", Limits{})(buffer);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(std::string(loaded->bytes.begin(), loaded->bytes.end()), "456789");
}

TEST(Stream, ABrokenOneIsAFailure) {
    core::ArtifactBuffer buffer;
    const auto loaded = stream_loader(-1, "-", Limits{})(buffer);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().error.text(), "-: cannot read it: Bad file descriptor");
}

}   // namespace
}   // namespace microengine::intake
