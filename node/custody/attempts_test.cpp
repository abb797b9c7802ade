// SPDX-License-Identifier: Apache-2.0
#include "node/custody/attempts.h"

#include "node/custody/private_file.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'763'900'000;

class AttemptCounterTest : public ::testing::Test {
protected:
    void fail_times(std::uint64_t count, std::int64_t now_s) {
        for (std::uint64_t i = 0; i < count; ++i) ASSERT_TRUE(counter_.begin(now_s).ok()) << i;
    }

    fieldseal::testing::TempDirectory directory_;
    std::string path_ = directory_ / "seal.attempts";
    AttemptCounter counter_{path_};
};

TEST(AttemptDelay, DoublesAfterFiveFailuresUpToAnHour) {
    EXPECT_EQ(attempt_delay_s(0), 0);
    EXPECT_EQ(attempt_delay_s(4), 0);
    EXPECT_EQ(attempt_delay_s(5), 10);
    EXPECT_EQ(attempt_delay_s(6), 20);
    EXPECT_EQ(attempt_delay_s(9), 160);
    EXPECT_EQ(attempt_delay_s(14), 3600);
    EXPECT_EQ(attempt_delay_s(1'000'000'000), 3600);
}

TEST_F(AttemptCounterTest, WritesTheFailureBeforeTheTry) {
    ASSERT_TRUE(counter_.begin(kNow).ok());
    const auto content = read_private_file(path_, 128);
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(as_text(*content), "fieldseal-attempts/v1 1 1763900000\n");
}

TEST_F(AttemptCounterTest, TheSixthTryHasToWaitAndSaysHowLong) {
    fail_times(5, kNow);
    const auto early = counter_.begin(kNow + 4);
    ASSERT_FALSE(early.ok());
    EXPECT_EQ(early.error().code, Errc::rate_limited);
    EXPECT_THAT(early.error().message, HasSubstr("wait 6 s"));
    EXPECT_TRUE(counter_.begin(kNow + 10).ok());
    EXPECT_THAT(counter_.begin(kNow + 11).error().message, HasSubstr("wait 19 s"));
}

TEST_F(AttemptCounterTest, ATryThatHadToWaitIsNotAFailure) {
    fail_times(5, kNow);
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(counter_.begin(kNow + 1).ok());
    EXPECT_TRUE(counter_.begin(kNow + 10).ok());
}

TEST_F(AttemptCounterTest, ASuccessForgetsTheFailures) {
    fail_times(5, kNow);
    ASSERT_TRUE(counter_.succeeded().ok());
    fail_times(5, kNow);
    EXPECT_FALSE(counter_.begin(kNow).ok());
}

TEST_F(AttemptCounterTest, AnotherProcessSeesTheSameFailures) {
    fail_times(5, kNow);
    EXPECT_FALSE(AttemptCounter(path_).begin(kNow).ok());
}

TEST_F(AttemptCounterTest, AClockThatWasSetBackStartsTheWaitAgainButNeverMakesItYears) {
    fail_times(5, kNow);
    const std::int64_t year_before = kNow - 365 * 86400;
    EXPECT_THAT(counter_.begin(year_before).error().message, HasSubstr("wait 10 s"));
    EXPECT_FALSE(counter_.begin(year_before + 9).ok());
    EXPECT_TRUE(counter_.begin(year_before + 10).ok());
}

TEST_F(AttemptCounterTest, RefusesADamagedCounter) {
    for (const std::string_view text :
         {"", "fieldseal-attempts/v1 1 2", "fieldseal-attempts/v1 1\n",
          "fieldseal-attempts/v1 1  2\n", "fieldseal-attempts/v2 1 2\n",
          "fieldseal-attempts/v1 -1 2\n", "fieldseal-attempts/v1 99999999999 2\n",
          "fieldseal-attempts/v1 1 99999999999999\n", "fieldseal-attempts/v1 1 2\n\n"}) {
        ASSERT_TRUE(write_private_file(path_, as_bytes(text)).ok());
        const auto begun = counter_.begin(kNow);
        ASSERT_FALSE(begun.ok()) << text;
        EXPECT_EQ(begun.error().code, Errc::corrupt) << text;
    }
}

}  // namespace
}  // namespace fieldseal::node
