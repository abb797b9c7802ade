// SPDX-License-Identifier: Apache-2.0
#include "api/paging.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

Request asking(std::map<std::string, std::string> query) {
    Request request;
    request.path = "/api/v1/audit";
    request.query = std::move(query);
    return request;
}

TEST(Paging, ReadsWhereAPageBegins) {
    const auto first = read_page_query(asking({}), "audit");
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first->limit, kPageItems);
    EXPECT_FALSE(first->position);
    const auto next =
        read_page_query(asking({{"limit", "500"}, {"cursor", write_cursor("audit", 70)}}), "audit");
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(next->limit, 500U);
    EXPECT_EQ(next->position, 70U);
}

TEST(Paging, RefusesALimitItDoesNotKeep) {
    for (const char* limit : {"0", "501", "", "-1", "1e2", "99999999999999999999"}) {
        EXPECT_FALSE(read_page_query(asking({{"limit", limit}}), "audit").ok()) << limit;
    }
}

TEST(Paging, KeepsACursorWholeForEveryPosition) {
    for (const std::uint64_t position : {0UL, 1UL, 255UL, 1UL << 40, ~0UL}) {
        const std::string cursor = write_cursor("audit", position);
        EXPECT_EQ(cursor.find_first_of("+/=:"), std::string::npos);
        EXPECT_EQ(read_cursor("audit", cursor).value_or(7), position);
    }
}

TEST(Paging, RefusesACursorItDidNotMake) {
    for (const std::string& cursor :
         {std::string(), std::string("!"), std::string("YXVkaXQ"), std::string("YXVkaXQ6"),
          write_cursor("audits", 1), write_cursor("events", 1), write_cursor("audit", 1) + "=",
          write_cursor("audit", 1) + "A", std::string(4096, 'A')}) {
        const auto read = read_cursor("audit", cursor);
        ASSERT_FALSE(read.ok()) << cursor;
        EXPECT_EQ(read.error().code, Errc::invalid_argument);
    }
}

TEST(Paging, AnswersThePageAndTheWayToTheNext) {
    const auto response = page_of(asking({{"limit", "2"}, {"cursor", "old"}, {"name", "a&b\r\n"}}),
                                  {json::Value(1), json::Value(2)}, "abc");
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(body->find("items")->as_array().size(), 2U);
    EXPECT_EQ(body->find("next")->as_string(), "abc");
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second,
              "</api/v1/audit?limit=2&name=a%26b%0D%0A&cursor=abc>; rel=\"next\"");
}

TEST(Paging, SaysThatTheLastPageIsTheLast) {
    const auto response = page_of(asking({}), {}, std::nullopt);
    EXPECT_TRUE(json::parse(response.body)->find("next")->is_null());
    EXPECT_TRUE(response.headers.empty());
}

}  // namespace
}  // namespace fieldseal::api
