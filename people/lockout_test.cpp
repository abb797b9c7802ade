// SPDX-License-Identifier: Apache-2.0
#include "people/lockout.h"

#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fieldseal::people {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kAttemptsMax = 3;

struct LockoutTest : testing::Test {
    MemoryRows rows;
    Digest key{};
    Lockout lockout{rows, key, kAttemptsMax};
    std::int64_t now_s = kTestNowS;

    void fail(std::int64_t times, std::string_view name = "anna", bool exists = true) {
        for (std::int64_t i = 0; i < times; ++i) {
            ASSERT_TRUE(lockout.begin(name, exists, now_s).ok()) << i;
        }
    }
};

TEST(AttemptWait, DoublesFromTheLimitOnAndNeverBeyondTheLongest) {
    EXPECT_EQ(attempt_wait_s(0, 10), 0);
    EXPECT_EQ(attempt_wait_s(9, 10), 0);
    EXPECT_EQ(attempt_wait_s(10, 10), 15);
    EXPECT_EQ(attempt_wait_s(11, 10), 30);
    EXPECT_EQ(attempt_wait_s(15, 10), 480);
    EXPECT_EQ(attempt_wait_s(16, 10), 900);
    EXPECT_EQ(attempt_wait_s(1'000'000'000, 10), kWaitMaxS);
}

TEST_F(LockoutTest, RefusesAfterTheLimitUntilTheWaitIsOver) {
    fail(kAttemptsMax);
    const auto refused = lockout.begin("anna", true, now_s + 14);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::rate_limited);
    EXPECT_THAT(refused.error().message, HasSubstr("wait 1 s"));
    EXPECT_EQ(lockout.wait_s("anna", now_s + 5).value(), 10);
    EXPECT_TRUE(lockout.begin("anna", true, now_s + 15).ok());
    EXPECT_FALSE(lockout.begin("anna", true, now_s + 15 + 29).ok());
    EXPECT_TRUE(lockout.begin("anna", true, now_s + 15 + 30).ok());
}

TEST_F(LockoutTest, ARefusedTryDoesNotMakeTheWaitLonger) {
    fail(kAttemptsMax);
    for (std::int64_t i = 0; i < 14; ++i) EXPECT_FALSE(lockout.begin("anna", true, now_s + i).ok());
    EXPECT_TRUE(lockout.begin("anna", true, now_s + 15).ok());
}

TEST_F(LockoutTest, IsNeverForGood) {
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(lockout.begin("anna", true, now_s).ok()) << i;
        now_s += kWaitMaxS;
    }
}

TEST_F(LockoutTest, ForgettingStartsAfresh) {
    fail(kAttemptsMax);
    ASSERT_TRUE(lockout.forget("anna").ok());
    EXPECT_EQ(lockout.wait_s("anna", now_s).value(), 0);
    fail(kAttemptsMax);
}

TEST_F(LockoutTest, CountsEachNameAlone) {
    fail(kAttemptsMax);
    EXPECT_TRUE(lockout.begin("ben", true, now_s).ok());
}

TEST_F(LockoutTest, IsRememberedByANewProcess) {
    fail(kAttemptsMax);
    Lockout next(rows, key, kAttemptsMax);
    EXPECT_FALSE(next.begin("anna", true, now_s).ok());
}

TEST_F(LockoutTest, AClockSetBackStartsTheWaitAgainInsteadOfForYears) {
    fail(kAttemptsMax);
    now_s -= 10'000'000;
    EXPECT_FALSE(lockout.begin("anna", true, now_s).ok());
    EXPECT_TRUE(lockout.begin("anna", true, now_s + 15).ok());
}

TEST_F(LockoutTest, ANameWithoutAnAccountIsLockedOutLikeOneWith) {
    fail(kAttemptsMax, "nobody", false);
    const auto refused = lockout.begin("nobody", false, now_s);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::rate_limited);
    fail(1, "another", false);
}

TEST_F(LockoutTest, NamesWithoutAccountsFillABoundedNumberOfRows) {
    for (std::size_t i = 0; i < 3 * kNobodyRowsMax; ++i) {
        ASSERT_TRUE(lockout.begin("guess" + std::to_string(i), false, now_s).ok());
    }
    EXPECT_LE(rows.count(kNobodyRows), kNobodyRowsMax);
    EXPECT_EQ(rows.count(kAttemptRows), 0U);
    // A row another name took over is no failure of this one.
    EXPECT_TRUE(lockout.begin("fresh", false, now_s).ok());
}

TEST_F(LockoutTest, WhatCannotBeWrittenIsNotTried) {
    rows.failing = true;
    const auto refused = lockout.begin("anna", true, now_s);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::io);
}

TEST_F(LockoutTest, ADamagedRowIsSaidAndNotTakenForNone) {
    ASSERT_TRUE(rows.put("attempts/anna", Bytes{1, 2, 3}).ok());
    EXPECT_EQ(lockout.begin("anna", true, now_s).error().code, Errc::corrupt);
}

TEST_F(LockoutTest, ManyThreadsGetNoMoreTriesThanOne) {
    std::atomic<int> allowed = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 10; ++k) {
                if (lockout.begin("anna", true, now_s).ok()) ++allowed;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(allowed, kAttemptsMax);
}

TEST(AttemptRow, SurvivesAndRefusesDamage) {
    Attempts attempts{{1, 2, 3}, 12, kTestNowS};
    const Bytes row = encode_attempts(attempts);
    EXPECT_EQ(decode_attempts(row).value(), attempts);
    for (std::size_t size = 0; size < row.size(); ++size) {
        EXPECT_FALSE(decode_attempts(ByteView(row).first(size)).ok()) << size;
    }
    attempts.failures = -1;
    EXPECT_FALSE(decode_attempts(encode_attempts(attempts)).ok());
}

}  // namespace
}  // namespace fieldseal::people
