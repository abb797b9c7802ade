// SPDX-License-Identifier: Apache-2.0
#include "api/rate_limit.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

class RateLimit : public testing::Test {
protected:
    RateLimiter::Verdict ask(CallerKind kind, const std::string& who) {
        Request request;
        request.caller.kind = kind;
        request.caller.account = who;
        request.caller.token_id = who;
        request.remote = who;
        return limiter_.take(request);
    }
    void use_up(const std::string& who) {
        for (std::uint32_t i = 0; i < kNobodyPolicy.requests; ++i)
            ASSERT_TRUE(ask(CallerKind::nobody, who).allowed) << i;
    }

    double now_s_ = 1000;
    RateLimiter limiter_{[this] { return now_s_; }};
};

TEST_F(RateLimit, StopsACallerAfterHisQuotaAndSaysHowLong) {
    use_up("10.0.0.7");
    const auto refused = ask(CallerKind::nobody, "10.0.0.7");
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0U);
    EXPECT_EQ(refused.retry_after_s, 1U);
    EXPECT_EQ(refused.full_again_s, kNobodyPolicy.window_s);
}

TEST_F(RateLimit, LetsHimGoOnWhenTimeHasPassed) {
    use_up("10.0.0.7");
    now_s_ += 1;
    EXPECT_TRUE(ask(CallerKind::nobody, "10.0.0.7").allowed);
    now_s_ += kNobodyPolicy.window_s;
    EXPECT_EQ(ask(CallerKind::nobody, "10.0.0.7").remaining, kNobodyPolicy.requests - 1);
}

TEST_F(RateLimit, CountsEachCallerForHimself) {
    use_up("10.0.0.7");
    EXPECT_TRUE(ask(CallerKind::nobody, "10.0.0.8").allowed);
    EXPECT_TRUE(ask(CallerKind::session, "10.0.0.7").allowed);
    EXPECT_TRUE(ask(CallerKind::token, "10.0.0.7").allowed);
}

TEST_F(RateLimit, NeverKnowsMoreCallersThanItsBound) {
    for (std::size_t i = 0; i < kBucketsMax; ++i) ask(CallerKind::nobody, std::to_string(i));
    // Everybody who comes now shares one bucket, until the others are idle for a window.
    use_up("a late one");
    EXPECT_FALSE(ask(CallerKind::nobody, "another late one").allowed);
    EXPECT_TRUE(ask(CallerKind::nobody, "5").allowed);
    now_s_ += kNobodyPolicy.window_s;
    EXPECT_EQ(ask(CallerKind::nobody, "another late one").remaining, kNobodyPolicy.requests - 1);
}

TEST_F(RateLimit, IsToldInStructuredFields) {
    Response response;
    add_rate_limit_headers(response, ask(CallerKind::nobody, "x"));
    ASSERT_EQ(response.headers.size(), 2U);
    EXPECT_EQ(response.headers[0],
              (std::pair<std::string, std::string>{"RateLimit-Policy", "\"nobody\";q=600;w=60"}));
    EXPECT_EQ(response.headers[1],
              (std::pair<std::string, std::string>{"RateLimit", "\"nobody\";r=599;t=1"}));
}

}  // namespace
}  // namespace fieldseal::api
