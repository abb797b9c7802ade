// SPDX-License-Identifier: Apache-2.0
#include "node/clock.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

class SetClock final : public Clock {
public:
    std::int64_t now_s() const override { return now; }
    std::int64_t now_ms() const override { return now * 1000; }
    std::int64_t now = 1'700'000'000;
    bool synchronised = true;

protected:
    bool kernel_synchronised() const override { return synchronised; }
};

TEST(Clock, SaysWhatTheKernelSays) {
    SetClock clock;
    EXPECT_EQ(clock.state().trust, ClockTrust::synchronised);
    EXPECT_EQ(clock.state().source, ClockSource::kernel_synchronised);
    clock.synchronised = false;
    EXPECT_EQ(clock.state().trust, ClockTrust::untrusted);
    EXPECT_EQ(clock.state().source, ClockSource::system);
}

TEST(Clock, IsNotTrustedBehindWhatWasProven) {
    SetClock clock;
    clock.observe(clock.now);
    EXPECT_EQ(clock.behind_s(), 0);
    clock.now -= 300;  // the tolerance
    EXPECT_EQ(clock.behind_s(), 0);
    clock.now -= 365 * 86400;  // set back a year
    EXPECT_EQ(clock.behind_s(), 300 + 365 * 86400);
    EXPECT_EQ(clock.state().trust, ClockTrust::untrusted);
}

TEST(Clock, RemembersTheNewestObservation) {
    SetClock clock;
    clock.observe(1000);
    clock.observe(500);
    EXPECT_EQ(clock.observed_s(), 1000);
}

TEST(SystemClock, RunsInSecondsAndMilliseconds) {
    const SystemClock clock;
    EXPECT_GT(clock.now_s(), 1'600'000'000);
    EXPECT_NEAR(static_cast<double>(clock.now_ms()) / 1000.0, static_cast<double>(clock.now_s()),
                2);
}

}  // namespace
}  // namespace fieldseal::node
