// SPDX-License-Identifier: MIT
#include "host/wire/channel.hpp"

#include "host/util/clock.hpp"
#include "host/wire/control_page.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace microengine::wire {
namespace {

using core::Reason;
using util::UniqueFd;
using Patience = Channel::Patience;

UniqueFd memory_file() { return UniqueFd(::memfd_create("wire test", MFD_CLOEXEC)); }
std::size_t open_descriptors() {
    using Listing = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Listing("/proc/self/fd"), Listing()));
}
std::string text(const Channel& channel) {
    const auto said = decode<Said>(channel.bytes());
    return said ? said->text : "not a log line";
}
/// A message of exactly this size.
StartWorker sized(std::size_t bytes) {
    return {.in_this_process = false, .full_probe = false, .temp_dir = std::string(bytes - 3 - 4, 'x')};
}

/// Without the checks of Channel: what a worker that is not ours may do.
bool send_raw(int socket, std::string_view bytes, const std::vector<int>& fds = {}) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    std::vector<char> space(CMSG_SPACE(fds.size() * sizeof(int)));
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!fds.empty()) {
        header.msg_control = space.data();
        header.msg_controllen = space.size();
        cmsghdr* first = CMSG_FIRSTHDR(&header);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
        std::memcpy(CMSG_DATA(first), fds.data(), fds.size() * sizeof(int));
    }
    return ::sendmsg(socket, &header, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

struct ChannelTest : testing::Test {
    ChannelTest() {
        auto ends = Channel::make();
        if (!ends) return;
        ours = std::move(ends->first);
        theirs = Channel(std::move(ends->second));
    }
    Channel ours, theirs;
};

TEST_F(ChannelTest, MessagesKeepTheirOrderAndTheirBorders) {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(theirs.send(Said{.level = 0, .text = std::to_string(i)}));
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(ours.receive(), Got::message);
        EXPECT_EQ(text(ours), std::to_string(i));
        EXPECT_TRUE(ours.fds().empty());
    }
    EXPECT_EQ(ours.receive(), Got::nothing);
    EXPECT_TRUE(ours.bytes().empty());
}

TEST_F(ChannelTest, BothEndsSpeak) {
    ASSERT_TRUE(ours.send(Forked{.pid = 1}));
    ASSERT_TRUE(theirs.send(Died{.status = 2}));
    ASSERT_EQ(theirs.receive(), Got::message);
    EXPECT_TRUE(decode<Forked>(theirs.bytes()));
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_TRUE(decode<Died>(ours.bytes()));
}

TEST_F(ChannelTest, BothEndsCloseOnExec) {
    for (const int fd : {ours.fd(), theirs.fd()}) EXPECT_EQ(::fcntl(fd, F_GETFD), FD_CLOEXEC);
}

TEST_F(ChannelTest, DescriptorsArriveInOrderAndCloseOnExec) {
    const std::array<UniqueFd, 3> files{memory_file(), memory_file(), memory_file()};
    for (std::size_t i = 0; i < files.size(); ++i)
        ASSERT_EQ(::ftruncate(files[i].get(), 100 + static_cast<off_t>(i)), 0);
    const std::array<int, 3> sent{files[0].get(), files[1].get(), files[2].get()};
    for (std::size_t count = 1; count <= sent.size(); ++count) {
        ASSERT_TRUE(theirs.send(Ready{}, {sent.data(), count}));
        ASSERT_EQ(ours.receive(), Got::message);
        EXPECT_TRUE(decode<Ready>(ours.bytes()));
        ASSERT_EQ(ours.fds().size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            struct stat facts{};
            ASSERT_EQ(::fstat(ours.fds()[i].get(), &facts), 0);
            EXPECT_EQ(facts.st_size, 100 + static_cast<off_t>(i));
            EXPECT_EQ(::fcntl(ours.fds()[i].get(), F_GETFD), FD_CLOEXEC);
        }
    }
}

TEST_F(ChannelTest, DescriptorsNobodyTookAreClosedByTheNextCall) {
    const UniqueFd file = memory_file();
    const int sent = file.get();
    const std::size_t before = open_descriptors();
    ASSERT_TRUE(theirs.send(Ready{}, {&sent, 1}));
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_EQ(open_descriptors(), before + 1);
    EXPECT_EQ(ours.receive(), Got::nothing);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ChannelTest, TheOtherEndIsGoneAfterItsLastMessage) {
    ASSERT_TRUE(theirs.send(Said{.level = 0, .text = "last"}));
    theirs.close();
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_EQ(text(ours), "last");
    EXPECT_EQ(ours.receive(), Got::closed);
    EXPECT_EQ(ours.wait(0), Got::closed);
    EXPECT_EQ(ours.wait(util::monotonic_ns() + 60'000'000'000), Got::closed);
    EXPECT_FALSE(ours.send(Ready{}));   // and no signal
}

TEST_F(ChannelTest, AnEmptyMessageReadsAsTheEnd) {
    ASSERT_TRUE(send_raw(theirs.fd(), ""));
    EXPECT_EQ(ours.receive(), Got::closed);
}

TEST_F(ChannelTest, TheLongestMessageArrivesAndALongerOneIsNotSent) {
    EXPECT_FALSE(theirs.send(sized(kMaxMessage + 1)));
    EXPECT_EQ(ours.receive(), Got::nothing);
    ASSERT_TRUE(theirs.send(sized(kMaxMessage)));
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_EQ(ours.bytes().size(), kMaxMessage);
    EXPECT_TRUE(decode<StartWorker>(ours.bytes()));
}

TEST_F(ChannelTest, ALongerOneSentAllTheSameIsBrokenAndTheNextIsNot) {
    ASSERT_TRUE(send_raw(theirs.fd(), std::string(kMaxMessage + 1, 'x')));
    ASSERT_TRUE(theirs.send(Ready{}));
    EXPECT_EQ(ours.receive(), Got::broken);
    EXPECT_TRUE(ours.bytes().empty());
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_TRUE(decode<Ready>(ours.bytes()));
}

TEST_F(ChannelTest, MoreThanThreeDescriptorsAreNotSent) {
    const std::vector<int> fds(4, theirs.fd());
    EXPECT_FALSE(theirs.send(Ready{}, fds));
    EXPECT_EQ(ours.receive(), Got::nothing);
}

TEST_F(ChannelTest, MoreThanThreeDescriptorsSentAllTheSameAreBrokenAndDoNotLeak) {
    const UniqueFd file = memory_file();
    const std::size_t before = open_descriptors();
    for (const std::size_t count : {4U, 5U, 6U, 50U, 253U}) {   // 253: the most that Linux takes
        ASSERT_TRUE(send_raw(theirs.fd(), "x", std::vector<int>(count, file.get()))) << count;
        EXPECT_EQ(ours.receive(), Got::broken) << count;
        EXPECT_EQ(ours.receive(), Got::nothing) << count;
        EXPECT_EQ(open_descriptors(), before) << count;
    }
}

TEST_F(ChannelTest, DescriptorsOfABrokenMessageDoNotLeak) {
    const UniqueFd file = memory_file();
    const std::size_t before = open_descriptors();
    ASSERT_TRUE(send_raw(theirs.fd(), std::string(kMaxMessage + 1, 'x'), {file.get(), file.get()}));
    EXPECT_EQ(ours.receive(), Got::broken);
    EXPECT_EQ(ours.receive(), Got::nothing);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(ChannelTest, DescriptorsNobodyReadAreClosedWithTheChannel) {
    const UniqueFd file = memory_file();
    const std::size_t before = open_descriptors();
    ASSERT_TRUE(send_raw(theirs.fd(), "x", {file.get(), file.get()}));
    ours.close();
    EXPECT_EQ(open_descriptors(), before - 1);
}

TEST_F(ChannelTest, WhoDoesNotKeepUpIsRefusedAndHeardAgainLater) {
    int sent = 0;
    while (sent < 100'000 && ours.send(Ready{}, {}, Patience::refuse)) ++sent;
    ASSERT_LT(sent, 100'000);
    for (int i = 0; i < sent; ++i) ASSERT_EQ(theirs.receive(), Got::message);
    EXPECT_EQ(theirs.receive(), Got::nothing);
    EXPECT_TRUE(ours.send(Ready{}, {}, Patience::refuse));
}

TEST_F(ChannelTest, WaitsUntilItsDeadlineAndNoLonger) {
    EXPECT_EQ(ours.wait(1), Got::nothing);   // long past
    EXPECT_EQ(ours.wait(util::monotonic_ns() + 1'000'000), Got::nothing);
    ASSERT_TRUE(theirs.send(Ready{}));
    EXPECT_EQ(ours.wait(1), Got::message);   // what is there is read, however late
    EXPECT_EQ(ours.wait(1), Got::nothing);
}

TEST_F(ChannelTest, AWaitIsGivenUpWhenItsStopCanBeRead) {
    auto [stop, other] = Channel::make().value();
    EXPECT_EQ(ours.wait(1, stop.fd()), Got::nothing);   // by its deadline
    Channel stopper(std::move(other));
    ASSERT_TRUE(stopper.send(Ready{}));
    EXPECT_EQ(ours.wait(0, stop.fd()), Got::nothing);
    ASSERT_TRUE(theirs.send(Ready{}));
    EXPECT_EQ(ours.wait(0, stop.fd()), Got::message);   // what is there is read all the same
}

TEST_F(ChannelTest, AMessageEndsTheWait) {
    for (const bool for_ever : {true, false}) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(theirs.send(Said{.level = 0, .text = "now"}) ? 0 : 1);
        EXPECT_EQ(ours.wait(for_ever ? 0 : util::monotonic_ns() + 600'000'000'000), Got::message);
        EXPECT_EQ(text(ours), "now");
        EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }
}

TEST_F(ChannelTest, WaitAnySeesAMessageAnEndAndADeadline) {
    auto second = Channel::make().value();
    const std::array<int, 2> both{ours.fd(), second.first.fd()};
    EXPECT_FALSE(wait_any(both, 1));
    EXPECT_FALSE(wait_any(both, util::monotonic_ns() + 1'000'000));
    ASSERT_TRUE(theirs.send(Ready{}));
    EXPECT_TRUE(wait_any(both, 1));
    EXPECT_TRUE(wait_any(both, 0));
    ASSERT_EQ(ours.receive(), Got::message);
    EXPECT_FALSE(wait_any(both, 1));
    second.second.reset();
    EXPECT_TRUE(wait_any(both, 0));
}

// ---- the page that ends a scan

/// 'S' when it waits, 'Z' when it has ended.
char state_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    const std::size_t name_ends = line.rfind(") ");
    return name_ends == std::string::npos ? 'X' : line[name_ends + 2];
}
void until_it_waits(pid_t pid) {
    for (char state = 'R'; state != 'S' && state != 'Z' && state != 'X'; state = state_of(pid))
        ::sched_yield();
}
/// Its exit status.
int end_of(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ControlPageTest, StartsAtNoneAndIsReset) {
    ControlPage page = ControlPage::make().value();
    const ControlWords* words = map_control_page(page.fd());
    ASSERT_NE(words, nullptr);
    EXPECT_EQ(words->cancel.load(), Reason::none);
    page.cancel(Reason::decided);
    EXPECT_EQ(words->cancel.load(), Reason::decided);
    EXPECT_EQ(page.cancelled(), Reason::decided);
    page.reset();
    EXPECT_EQ(words->cancel.load(), Reason::none);
    EXPECT_EQ(::fcntl(page.fd(), F_GETFD), FD_CLOEXEC);
}

TEST(ControlPageTest, MovesWithoutLosingItsReaders) {
    ControlPage first = ControlPage::make().value();
    const ControlWords* words = map_control_page(first.fd());
    ASSERT_NE(words, nullptr);
    ControlPage second = std::move(first);
    second.cancel(Reason::deadline);
    EXPECT_EQ(words->cancel.load(), Reason::deadline);
}

TEST(ControlPageTest, NothingIsMappedOfWhatIsNoPage) { EXPECT_EQ(map_control_page(-1), nullptr); }

TEST(ControlPageTest, ACancellationIsSeenByAProcessThatWaitsForIt) {
    ControlPage page = ControlPage::make().value();
    const pid_t child = ::fork();
    if (child == 0) {
        const ControlWords* words = map_control_page(page.fd());
        if (words == nullptr) ::_exit(255);
        (void)wait_for_cancellation(*words, 0);
        ::_exit(static_cast<int>(words->cancel.load()));
    }
    until_it_waits(child);
    page.cancel(Reason::deadline);
    EXPECT_EQ(end_of(child), static_cast<int>(Reason::deadline));
}

TEST(ControlPageTest, ACancellationBeforeTheWaitIsSeenToo) {
    ControlPage page = ControlPage::make().value();
    page.cancel(Reason::decided);
    const ControlWords* words = map_control_page(page.fd());
    ASSERT_NE(words, nullptr);
    EXPECT_EQ(wait_for_cancellation(*words, 0), 1U);
    EXPECT_EQ(words->cancel.load(), Reason::decided);
}

TEST(ControlPageTest, EveryCancellationIsSeenByAProcessThatWaitsForOneAfterTheOther) {
    ControlPage page = ControlPage::make().value();
    auto ends = Channel::make().value();
    Channel& ours = ends.first;
    const pid_t child = ::fork();
    if (child == 0) {
        Channel theirs(std::move(ends.second));
        ours.close();
        const ControlWords* words = map_control_page(page.fd());
        for (std::uint32_t seen = 0; words != nullptr;) {
            seen = wait_for_cancellation(*words, seen);
            if (!theirs.send(Died{.status = static_cast<int>(seen)})) ::_exit(0);
        }
        ::_exit(1);
    }
    ends.second.reset();
    for (int scan = 0; scan < 3; ++scan) {
        page.reset();
        until_it_waits(child);
        page.cancel(Reason::cancelled);
        EXPECT_EQ(ours.wait(util::monotonic_ns() + 10'000'000'000), Got::message) << "scan " << scan;
    }
    ::kill(child, SIGKILL);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
}

TEST(ControlPageTest, AWorkerCannotChangeIt) {
    ControlPage page = ControlPage::make().value();
    const pid_t child = ::fork();
    if (child == 0) {
        const int fd = page.fd();
        const std::string path = "/proc/self/fd/" + std::to_string(fd);
        const int again = ::open(path.c_str(), O_RDWR | O_CLOEXEC);   // a fresh description, if it gets one
        const auto* words = map_control_page(fd);
        int done = words == nullptr ? 64 : 0;   // a bit for each thing that it could do
        for (const int each : {fd, again}) {
            if (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, each, 0) != MAP_FAILED) done |= 1;
            if (::write(each, "x", 1) > 0 || ::pwrite(each, "x", 1, 0) > 0) done |= 2;
            if (::ftruncate(each, 0) == 0 || ::ftruncate(each, 8192) == 0) done |= 4;
            if (::fallocate(each, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0) done |= 8;
            if (::fcntl(each, F_ADD_SEALS, F_SEAL_SHRINK) == 0) done |= 16;   // it has that one: any more?
        }
        if (::mprotect(const_cast<ControlWords*>(words), 4096, PROT_READ | PROT_WRITE) == 0) done |= 32;
        ::_exit(done);
    }
    EXPECT_EQ(end_of(child), 0) << "bits: mapped writable 1, written 2, resized 4, punched 8, sealed 16, "
                                   "made writable 32, could not be read 64";
    EXPECT_EQ(page.cancelled(), Reason::none);
    page.cancel(Reason::cancelled);   // the host still can
    EXPECT_EQ(page.cancelled(), Reason::cancelled);
}

}   // namespace
}   // namespace microengine::wire
