// SPDX-License-Identifier: MIT
#include "host/conformance/process_state.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

namespace microengine::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> reasons(const std::vector<Finding>& findings) {
    std::vector<std::string> all;
    for (const Finding& one : findings) all.push_back(one.reason);
    return all;
}

TEST(ProcessState, IsTheSameWhenNothingHappens) {
    const ProcessState before = process_state();
    EXPECT_THAT(reasons(changes(before, process_state())), IsEmpty());
}

TEST(ProcessState, SeesADescriptorAndAHandler) {
    const ProcessState before = process_state();
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const auto old = std::signal(SIGUSR2, SIG_IGN);
    const ProcessState after = process_state();
    ::close(fd);
    std::signal(SIGUSR2, old);
    EXPECT_THAT(reasons(changes(before, after)),
                ElementsAre(HasSubstr("open: /dev/null"), "it installed a handler for signal SIGUSR2"));
    EXPECT_THAT(reasons(changes(after, process_state())),
                ElementsAre(HasSubstr("it closed descriptor"), HasSubstr("SIGUSR2")));
}

TEST(ProcessState, SeesWhatIsOneForAll) {
    ProcessState before, after;
    after.threads = 2;
    after.directory = "/elsewhere";
    after.umask = 022;
    after.locale = "de_DE";
    after.environment = {"A=B"};
    EXPECT_THAT(reasons(changes(before, after)),
                ElementsAre(HasSubstr("2 more threads"), HasSubstr("/elsewhere"), HasSubstr("umask"),
                            HasSubstr("de_DE"), HasSubstr("environment")));
}

TEST(Growth, IsALeakOnlyIfItGoesOn) {
    const auto with = [](std::uint64_t first, std::uint64_t second, std::uint64_t third) {
        std::array<Usage, 3> moments{};
        moments[0].allocated = first, moments[1].allocated = second, moments[2].allocated = third;
        return reasons(growth(moments, 1000, true));
    };
    EXPECT_THAT(with(0, 200'000, 200'000), IsEmpty());   // a buffer has found its size
    EXPECT_THAT(with(0, 5'000, 10'000), IsEmpty());      // the allocator's noise
    EXPECT_THAT(with(100, 200'100, 400'100), ElementsAre(HasSubstr("200 bytes a scan")));
}

TEST(Growth, OfDescriptorsAndThreadsIsNeverNoise) {
    std::array<Usage, 3> moments{};
    moments[0].descriptors = 5, moments[1].descriptors = 6, moments[2].descriptors = 9;
    moments[0].threads = 1, moments[1].threads = 3, moments[2].threads = 5;
    moments[2].allocated = moments[1].allocated + 1'000'000;
    EXPECT_THAT(reasons(growth(moments, 1000, false)),
                ElementsAre(HasSubstr("1 descriptors in 1,000 scans"), HasSubstr("2 threads")));
}

}   // namespace
}   // namespace microengine::conformance
