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

TEST(JobQueue, HasNoRoomBeyondItsCapacity) {
    JobQueue queue(2);
    queue.push(job(1));
    EXPECT_TRUE(queue.has_room(1));
    queue.push(job(1));
    EXPECT_FALSE(queue.has_room(1));
    EXPECT_FALSE(queue.has_room(2));
}

TEST(JobQueue, WhoSendsWithoutEndKeepsNobodyOut) {
    JobQueue queue(8);
    while (queue.has_room(1)) queue.push(job(1));
    EXPECT_EQ(queue.size(), 8U);
    // As soon as there is room again it is the other one's, until each holds half.
    for (int i = 0; i < 4; ++i) {
        (void)queue.pop();
        ASSERT_TRUE(queue.has_room(2)) << i;
        queue.push(job(2));
        EXPECT_FALSE(queue.has_room(1));
    }
}

TEST(JobQueue, EveryClientMayHaveOneHoweverManyThereAre) {
    JobQueue queue(4);
    for (std::uint64_t client = 0; client < 3; ++client) queue.push(job(client));
    EXPECT_TRUE(queue.has_room(99));
    EXPECT_FALSE(queue.has_room(0));
}

}   // namespace
}   // namespace microengine::engine
