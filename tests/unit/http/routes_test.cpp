// SPDX-License-Identifier: MIT
#include "host/frontends/http/routes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace microengine::http {
namespace {

const RouteRow* row_for(std::string_view method, std::string_view path) {
    const auto found = find_route(method, path);
    const auto* match = std::get_if<Match>(&found);
    return match == nullptr ? nullptr : match->row;
}

TEST(Routes, EveryOne_IsFoundByItsMethodAndPattern) {
    for (const RouteRow& row : route_rows()) {
        std::string path(row.pattern);
        if (const auto brace = path.find('{'); brace != std::string::npos)
            path.replace(brace, path.npos, "abc");
        EXPECT_EQ(row_for(row.method, path), &row) << path;
        EXPECT_EQ(row_for("HEAD", path) != nullptr, allowed_methods(row) == "GET, HEAD") << path;
        EXPECT_EQ(row_for(row.method, path + "/"), nullptr) << path;
        EXPECT_EQ(row_for(row.method, "/x" + path), nullptr) << path;
        const auto other = find_route("DELETE", path);
        ASSERT_TRUE(std::holds_alternative<Mismatch>(other));
        EXPECT_EQ(std::get<Mismatch>(other).problem, Problem::method_not_allowed);
        EXPECT_EQ(std::get<Mismatch>(other).row, &row);
    }
}

TEST(Routes, AParameterIsOneSegment) {
    const auto found = find_route("GET", "/v1/jobs/0123");
    EXPECT_EQ(std::get<Match>(found).parameter, "0123");
    for (const auto* const path : {"/v1/jobs/", "/v1/jobs", "/v1/jobs/a/b", "", "/", "/V1/jobs/a"})
        EXPECT_EQ(row_for("GET", path), nullptr) << path;
}

TEST(Routes, EveryProblemHasARowOfItsOwn_AndACodeOfItsOwn) {
    std::set<std::string_view> codes;
    for (const ProblemRow& row : problem_rows()) {
        EXPECT_EQ(&row_of(row.problem), &row);
        EXPECT_TRUE(codes.insert(row.code).second) << row.code;
        EXPECT_GE(row.status, 400U);
    }
}

}   // namespace
}   // namespace microengine::http
