// SPDX-License-Identifier: MIT
// Who is next, and who is turned away.
#include "host/engine/queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace microengine::engine {
namespace {

Job job(std::uint64_t client, Urgency urgency = Urgency::interactive, std::string name = "") {
    Job job;
    job.name = name.empty() ? std::to_string(client) : std::move(name);
    job.client = client;
    job.urgency = urgency;
    return job;
}
std::string order(JobQueue& queue) {
    std::string names;
    while (!queue.empty()) names += queue.pop().name;
    return names;
}

TEST(JobQueue, OneClientsJobsComeInTheirOrder) {
    JobQueue queue(10);
    for (const char* name : {"a", "b", "c"}) queue.push(job(1, Urgency::interactive, name));
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(order(queue), "abc");
}

TEST(JobQueue, ClientsTakeTurns) {
    JobQueue queue(100);
    for (int i = 0; i < 4; ++i) queue.push(job(1));
    queue.push(job(2));
    queue.push(job(2));
    queue.push(job(3));
    EXPECT_EQ(order(queue), "1231211");
}

TEST(JobQueue, InteractiveBeforeBulkButBulkGetsOn) {
    JobQueue queue(100);
    for (int i = 0; i < 3; ++i) queue.push(job(1, Urgency::bulk, "b"));
    for (int i = 0; i < 14; ++i) queue.push(job(2, Urgency::interactive, "i"));
    EXPECT_EQ(order(queue), "iiiiiiibiiiiiiibb");
}

bool has_room(const JobQueue& queue, std::uint64_t client) {
    return queue.has_room(client, Urgency::interactive);
}

TEST(JobQueue, HasNoRoomBeyondItsCapacity) {
    JobQueue queue(2);
    queue.push(job(1));
    ASSERT_TRUE(has_room(queue, 2));
    queue.push(job(2));
    EXPECT_FALSE(has_room(queue, 1));
    EXPECT_FALSE(has_room(queue, 3));
}

TEST(JobQueue, WhoSendsWithoutEndKeepsNobodyOut) {
    JobQueue queue(9);
    const auto all_of_the_first = [&] {
        while (has_room(queue, 1)) queue.push(job(1));
    };
    // It takes whatever it gets before the other has even come, and again whenever one of its own was
    // scanned.
    for (int i = 0; i < 4; ++i) {
        all_of_the_first();
        ASSERT_TRUE(has_room(queue, 2)) << i;
        (void)queue.pop();
    }
    while (has_room(queue, 2)) queue.push(job(2));
    all_of_the_first();
    EXPECT_TRUE(has_room(queue, 3));
}

TEST(JobQueue, EveryClientMayHaveOneHoweverManyThereAre) {
    JobQueue queue(4);
    for (std::uint64_t client = 0; client < 3; ++client) queue.push(job(client));
    EXPECT_TRUE(has_room(queue, 99));
    EXPECT_FALSE(has_room(queue, 0));
}

TEST(JobQueue, WhoSendsABatchMayStillAskForOneAtOnce) {
    JobQueue queue(8);
    while (queue.has_room(1, Urgency::bulk)) queue.push(job(1, Urgency::bulk, "b"));
    ASSERT_TRUE(queue.has_room(1, Urgency::interactive));
    queue.push(job(1, Urgency::interactive, "i"));
    EXPECT_EQ(queue.pop().name, "i");
}

}   // namespace
}   // namespace microengine::engine
