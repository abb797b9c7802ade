// SPDX-License-Identifier: Apache-2.0
#include "api/answer_text.h"

#include "api/problem.h"
#include "api/request_origin.h"
#include "core/json/json.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

TEST(Answer, HasHeadersIdLengthAndBody) {
    EXPECT_EQ(answer_text({200, "text/plain", "abc", {{"ETag", "\"1\""}}}, {.request_id = "r1"}),
              "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Type: text/plain\r\nX-Request-Id: r1\r\n"
              "Content-Length: 3\r\n\r\nabc");
}

TEST(Answer, WithoutABodyKeepsTheLengthForHeadOnly) {
    const Response response{200, "text/plain", "abc", {}};
    const auto head = answer_text(response, {.request_id = "r", .without_body = true});
    EXPECT_TRUE(head.ends_with("Content-Length: 3\r\n\r\n")) << head;
    for (const int status : {204, 304}) {
        const auto text = answer_text({status, "", "", {}}, {.request_id = "r"});
        EXPECT_EQ(text.find("Content-Length"), std::string::npos) << text;
    }
}

TEST(Answer, LeavesOutHeadersThatAreNone) {
    const auto text = answer_text({200,
                                   "text/plain",
                                   "",
                                   {{"Location", "/a\r\nSet-Cookie: x=1"},
                                    {"X-A\r\nX-B", "1"},
                                    {"X:C", "1"},
                                    {"", "1"},
                                    {"X-Nul", std::string("a\0b", 3)},
                                    {"content-LENGTH", "7"},
                                    {"Transfer-Encoding", "chunked"},
                                    {"X-Fine", "yes"}}},
                                  {.request_id = "r"});
    EXPECT_EQ(text,
              "HTTP/1.1 200 OK\r\nX-Fine: yes\r\nContent-Type: text/plain\r\nX-Request-Id: r\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(Answer, NamesTheRequestInAProblemOnly) {
    Request request;
    request.path = "/api/v1/statements/x";
    request.id = "r7";
    Response refusal = problem(404, "not-found", "no such statement");
    name_request(refusal, request);
    const auto body = json::parse(refusal.body);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(*body->find("instance"), json::Value("/api/v1/statements/x"));
    EXPECT_EQ(*body->find("request_id"), json::Value("r7"));
    Response other{200, "application/json", "{}", {}};
    name_request(other, request);
    EXPECT_EQ(other.body, "{}");
}

TEST(Answer, EveryStatusOfAnErrorHasItsPhrase) {
    for (const Errc code :
         {Errc::invalid_argument, Errc::not_found, Errc::conflict, Errc::corrupt, Errc::unavailable,
          Errc::denied, Errc::unauthenticated, Errc::rate_limited, Errc::locked, Errc::storage_full,
          Errc::unsupported, Errc::internal}) {
        EXPECT_NE(reason_phrase(http_status(code)), "Unknown") << to_string(code);
    }
    EXPECT_EQ(reason_phrase(299), "Unknown");
}

TEST(RequestId, IsTheClientsWhenItHasTheForm) {
    EXPECT_EQ(request_id("a.B_9-"), "a.B_9-");
    EXPECT_EQ(request_id(std::string(64, 'a')), std::string(64, 'a'));
    for (const auto& wrong : {std::string(), std::string(65, 'a'), std::string("a b"),
                              std::string("a\"b"), std::string("\xc3\xa4")}) {
        EXPECT_NE(request_id(wrong), wrong);
        EXPECT_EQ(request_id(wrong).size(), 24U);
    }
    EXPECT_NE(request_id(std::nullopt), request_id(std::nullopt));
}

TEST(RemoteAddress, IsAnAddressOrNothing) {
    EXPECT_EQ(remote_address("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(remote_address("2001:db8::7"), "2001:db8::7");
    for (const auto* wrong : {"", "192.0.2", "192.0.2.7, 10.0.0.1", "unix:", "office", "1::2::3"}) {
        EXPECT_EQ(remote_address(wrong), "") << wrong;
    }
    EXPECT_EQ(remote_address(std::nullopt), "");
}

}  // namespace
}  // namespace fieldseal::api
