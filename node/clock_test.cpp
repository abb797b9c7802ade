// SPDX-License-Identifier: Apache-2.0
#include "node/clock.h"

#include "node/clock_discipline.h"
#include "tests/support/set_clock.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fieldseal::node {
namespace {

using fieldseal::testing::SetClock;

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kYear = 365 * kDay;

TEST(Clock, IsUntrustedUntilSomethingVouchesForIt) {
    SetClock clock;
    clock.look();
    EXPECT_EQ(clock.state(),
              (ClockState{ClockSource::system, std::nullopt, ClockTrust::untrusted}));
    clock.synchronised = true;
    EXPECT_EQ(clock.state().trust, ClockTrust::synchronised);
    EXPECT_EQ(clock.state().source, ClockSource::kernel_synchronised);
}

TEST(Clock, HoldsOverForAMonthAfterItWasSynchronised) {
    SetClock clock;
    clock.synchronised = true;
    clock.look();
    clock.synchronised = false;
    clock.pass(7 * kDay);
    EXPECT_EQ(clock.state(),
              (ClockState{ClockSource::kernel_synchronised, 7 * kDay, ClockTrust::holdover}));
    clock.pass(23 * kDay);
    EXPECT_EQ(clock.state().trust, ClockTrust::holdover);
    clock.pass(1);
    EXPECT_EQ(clock.state().trust, ClockTrust::untrusted);
}

TEST(Clock, HoldsOverAfterAnAnchorThatAgrees) {
    SetClock clock;
    clock.observe_anchor(clock.wall - 200);
    clock.pass(3600);
    EXPECT_EQ(clock.state(),
              (ClockState{ClockSource::anchored_reference, 3600, ClockTrust::holdover}));
}

TEST(Clock, AnOldAnchorVouchesForNothing) {
    SetClock clock;
    clock.observe_anchor(clock.wall - 301);
    EXPECT_EQ(clock.state().trust, ClockTrust::untrusted);
    EXPECT_EQ(clock.behind_s(), 0);
}

TEST(Clock, AStepEitherWayEndsTheHoldover) {
    for (const std::int64_t step : {-11, 11}) {
        SetClock clock;
        clock.synchronised = true;
        clock.look();
        clock.synchronised = false;
        clock.pass(60);
        ASSERT_EQ(clock.state().trust, ClockTrust::holdover);
        clock.wall += step;
        EXPECT_EQ(clock.state().trust, ClockTrust::untrusted) << step;
    }
}

TEST(Clock, IsBehindWhatWasAnchored) {
    SetClock clock;
    clock.synchronised = true;  // and still not believed
    clock.observe_anchor(clock.wall);
    clock.wall -= 300;  // the tolerance
    EXPECT_FALSE(clock.set_back());
    clock.wall -= kYear;
    ASSERT_TRUE(clock.set_back());
    EXPECT_EQ(clock.set_back()->evidence, ClockEvidence::anchor);
    EXPECT_EQ(clock.behind_s(), 300 + kYear);
    EXPECT_EQ(clock.state().trust, ClockTrust::untrusted);
}

TEST(Clock, IsBehindTheNewestRecord) {
    SetClock clock;
    clock.observe_record(clock.wall + kDay);
    EXPECT_EQ(clock.set_back()->evidence, ClockEvidence::record);
    EXPECT_EQ(clock.behind_s(), kDay);
    clock.wall += kDay;  // put right
    EXPECT_EQ(clock.behind_s(), 0);
}

TEST(Clock, DoesNotCatchUpByWaiting) {
    SetClock clock;
    clock.observe_anchor(clock.wall + 2 * kDay);
    clock.pass(3 * kDay);
    EXPECT_NEAR(static_cast<double>(clock.behind_s()), 2.0 * kDay, 100);
}

TEST(Clock, ARecordMadeByAClockThatWasAheadIsOverruledByAnAnchor) {
    SetClock clock;
    clock.observe_record(clock.wall + kYear);
    EXPECT_EQ(clock.behind_s(), kYear);
    clock.observe_anchor(clock.wall - 1);
    EXPECT_EQ(clock.behind_s(), 0);
    EXPECT_EQ(clock.state().trust, ClockTrust::holdover);
}

TEST(Clock, NoticesThatItIsSetBackWhileItRuns) {
    SetClock clock;
    EXPECT_EQ(clock.look(), 0);
    clock.wall -= 3600;
    EXPECT_EQ(clock.look(), 3600);
    EXPECT_EQ(clock.set_back()->evidence, ClockEvidence::boot);
    clock.pass(kDay);
    EXPECT_EQ(clock.behind_s(), 3600) << "an hour does not come back by waiting";
    clock.wall += 3600;
    EXPECT_EQ(clock.look(), 0);
    EXPECT_EQ(clock.behind_s(), 0);
}

TEST(Clock, ADisciplineMayStepIt) {
    SetClock clock;
    clock.look();
    clock.wall -= 3600;
    clock.synchronised = true;
    EXPECT_EQ(clock.look(), 3600) << "it is said";
    EXPECT_EQ(clock.behind_s(), 0) << "and it is right now";
    EXPECT_EQ(clock.state().trust, ClockTrust::synchronised);
}

TEST(Clock, SlewingIsNoStep) {
    SetClock clock;
    clock.look();
    for (int i = 0; i < 100; ++i) {
        clock.pass(60);
        clock.wall -= 1;
    }
    EXPECT_EQ(clock.look(), 0);
    EXPECT_EQ(clock.behind_s(), 0);
}

TEST(Clock, RemembersTheNewestObservation) {
    SetClock clock;
    clock.observe_record(1000);
    clock.observe_anchor(500);
    EXPECT_EQ(clock.observed_s(), 1000);
}

TEST(Clock, WhatItObservedRunsOnWithTheBootClock) {
    SetClock clock;
    EXPECT_EQ(clock.observed_s(), 0) << "nothing was";
    clock.pass(kDay);
    EXPECT_EQ(clock.observed_s(), 0);
    clock.observe_record(clock.wall);
    const std::int64_t then_s = clock.wall;
    clock.wall -= kYear;
    clock.pass(10 * kDay);
    // Less what a quartz may have gained: it is the earliest that it can be.
    EXPECT_EQ(clock.observed_s(), then_s + 10 * kDay - 10 * kDay / 5000);
    clock.observe_anchor(then_s + 20 * kDay);
    EXPECT_EQ(clock.observed_s(), then_s + 20 * kDay);
    clock.pass(kDay);
    EXPECT_EQ(clock.observed_s(), then_s + 21 * kDay - kDay / 5000);
}

TEST(ClockDiscipline, TakesTheAgeFromTheStampOfTimesyncd) {
    const testing::TempDirectory directory;
    const std::string stamp = directory / "synchronized";
    const std::int64_t now_s = SystemClock().now_s();
    EXPECT_FALSE(read_clock_discipline(now_s, stamp).age_s) << "there is no stamp";
    std::ofstream(stamp) << "";
    const auto found = read_clock_discipline(now_s + 100, stamp);
    // Whether this machine's kernel is synchronised is not the test's to say.
    EXPECT_EQ(found.age_s.has_value(), found.synchronised);
    if (found.age_s) {
        EXPECT_NEAR(static_cast<double>(*found.age_s), 100, 5);
    }
}

TEST(SystemClock, RunsInSecondsAndMilliseconds) {
    const SystemClock clock;
    EXPECT_GT(clock.now_s(), 1'600'000'000);
    EXPECT_NEAR(static_cast<double>(clock.now_ms()) / 1000.0, static_cast<double>(clock.now_s()),
                2);
    EXPECT_GT(clock.boot_s(), 0);
}

}  // namespace
}  // namespace fieldseal::node
