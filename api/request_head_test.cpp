// SPDX-License-Identifier: Apache-2.0
#include "api/request_head.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

HeadVerdict judge(const std::string& head) {
    return judge_request_head(head, HeadLimits{});
}

TEST(RequestHead, AcceptsAnOrdinaryGetAndPost) {
    EXPECT_TRUE(judge("GET /log/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n").accepted);
    const auto post = judge("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n");
    EXPECT_TRUE(post.accepted);
    EXPECT_EQ(post.head.content_length, 12U);
    EXPECT_TRUE(post.head.keep_alive);
}

TEST(RequestHead, EndsTheConnectionWhenAskedTo) {
    EXPECT_FALSE(judge("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n").head.keep_alive);
    EXPECT_FALSE(judge("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
}

TEST(RequestHead, SaysWhenTheClientWaitsForAContinue) {
    const std::string expect = "Expect: 100-Continue\r\n";
    const std::string body = "Content-Length: 5\r\n\r\n";
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    EXPECT_TRUE(judge(post + expect + body).head.expects_continue);
    EXPECT_FALSE(judge(post + body).head.expects_continue);
    // Nobody waits where there is nothing to send, or in HTTP/1.0.
    EXPECT_FALSE(judge(post + expect + "Content-Length: 0\r\n\r\n").head.expects_continue);
    EXPECT_FALSE(judge("POST / HTTP/1.0\r\n" + expect + body).head.expects_continue);
}

TEST(RequestHead, KeepsHeaderValuesAsTheyWereSent) {
    const auto head =
        judge("GET / HTTP/1.1\r\nHost: x\r\nCOOKIE:\ta=%3B__Host-fieldseal=b \r\n\r\n").head;
    ASSERT_TRUE(head.headers.contains("cookie"));
    EXPECT_EQ(head.headers.at("cookie"), "a=%3B__Host-fieldseal=b");
    EXPECT_EQ(head.headers.at("host"), "x");
}

struct Refused {
    const char* name;
    std::string head;
    int status;
};

class RequestHeadRefusals : public testing::TestWithParam<Refused> {};

TEST_P(RequestHeadRefusals, AnswersWithTheRightStatus) {
    const auto verdict = judge(GetParam().head);
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.refusal.status, GetParam().status) << verdict.refusal.why;
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n";
const std::string kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

std::string many_headers() {
    std::string head = kGet;
    for (int i = 0; i < 64; ++i) head += "X-" + std::to_string(i) + ": 1\r\n";
    return head + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    All, RequestHeadRefusals,
    testing::Values(
        Refused{"Chunked", kPost + "Transfer-Encoding: chunked\r\n\r\n", 411},
        Refused{"OtherCoding", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Refused{"ChunkedInHttp10",
                "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refused{"BothLengths", kPost + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                400},
        Refused{"BothLengthsTheOtherWay",
                kPost + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\n", 400},
        Refused{"CodingTwice",
                kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refused{"LengthTwice", kPost + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        Refused{"NegativeLength", kPost + "Content-Length: -2\r\n\r\n", 400},
        Refused{"HugeLength", kPost + "Content-Length: 18446744073709551615\r\n\r\n", 413},
        Refused{"NoLength", kPost + "\r\n", 411},
        Refused{"BodyOnGet", kGet + "Content-Length: 1\r\n\r\n", 400},
        Refused{"Gzip", kPost + "Content-Length: 1\r\nContent-Encoding: gzip\r\n\r\n", 415},
        Refused{"Expect", kPost + "Content-Length: 1\r\nExpect: 200-maybe\r\n\r\n", 417},
        Refused{"Range", kGet + "Range: bytes=0-,0-,0-\r\n\r\n", 416},
        Refused{"Multipart",
                kPost + "Content-Length: 1\r\nContent-Type: Multipart/form-data\r\n\r\n", 415},
        Refused{"Form",
                kPost + "Content-Length: 1\r\nContent-Type: "
                        "application/x-www-form-urlencoded\r\n\r\n",
                415},
        Refused{"RemoteAddr", kGet + "REMOTE_ADDR: 10.9.9.9\r\n\r\n", 400},
        Refused{"UnderscoreInAName", kGet + "Content_Length: 5\r\n\r\n", 400},
        Refused{"EncodedCrlf", kGet + "X-In: a%0d%0aSet-Cookie: x=1\r\n\r\n", 400},
        Refused{"EncodedNulInPath", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        Refused{"AbsoluteForm", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        Refused{"FoldedHeader", kGet + "X: a\r\n b\r\n\r\n", 400},
        Refused{"SpaceBeforeColon", kGet + "X : a\r\n\r\n", 400},
        Refused{"BareLf", "GET / HTTP/1.1\nHost: x\r\n\r\n", 400},
        Refused{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Refused{"OtherVersion", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505},
        Refused{"OtherMethod", "TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 501},
        Refused{"ManyHeaders", many_headers(), 431},
        Refused{"LongLine", "GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
        Refused{"LongHead", kGet + "X: " + std::string(17000, 'a') + "\r\n\r\n", 431}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace fieldseal::api
