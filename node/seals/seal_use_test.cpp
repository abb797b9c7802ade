// SPDX-License-Identifier: Apache-2.0
// What policies count, in a real node whose clock jumps when the test says so.
#include "node/seals/seal_use.h"

#include "tests/support/in_process_node.h"
#include "tests/support/set_clock.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using fieldseal::testing::SetClock;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 24 * kHour;

class SealUseTest : public ::testing::Test {
protected:
    SealUseTest() {
        // Noon of a day in every zone where this may run, after the node was made.
        clock_.wall = (SystemClock().now_s() / kDay + 30) * kDay + kDay / 2;
        track();
    }
    // What a restart does.
    void track() {
        use_ = std::make_unique<SealUse>(SealUse::Parts{
            *node_.store, clock_, [this] { return Result<std::uint64_t>(node_.anchored); }});
        sealing_ = std::make_unique<SealService>(
            SealService::Parts{*node_.store, *node_.sequencer, clock_, node_.gate, *node_.floors,
                               *node_.seal_keys, *node_.status, *use_, node_.identity->origin});
        const auto tracked = use_->track(*node_.sequencer);
        if (!tracked.ok()) ADD_FAILURE() << tracked.error().message;
    }
    void seal(int times) {
        for (int i = 0; i < times; ++i) {
            api::SealOrder order;
            order.document = sha256(as_bytes(std::to_string(documents_++)));
            order.media_type = "text/plain";
            const auto sealed = sealing_->seal(order);
            ASSERT_TRUE(sealed.ok()) << sealed.error().message;
        }
    }
    Digest kid() const { return node_.seals->find(kFirstSealName)->key.kid(); }
    SealUse::Counts counts() {
        const auto counted = use_->counts(kid());
        if (!counted.ok()) ADD_FAILURE() << counted.error().message;
        return counted.ok() ? *counted : SealUse::Counts();
    }
    std::uint64_t today() { return counts().today; }

    testing::InProcessNode node_;
    SetClock clock_;
    std::unique_ptr<SealUse> use_;
    std::unique_ptr<SealService> sealing_;
    int documents_ = 0;
};

TEST_F(SealUseTest, CountsTheDayAndBeginsTheNextWithNothing) {
    seal(2);
    EXPECT_EQ(today(), 2U);
    track();
    EXPECT_EQ(today(), 2U);
    clock_.pass(kDay);
    EXPECT_EQ(today(), 0U);
    seal(1);
    EXPECT_EQ(today(), 1U);
    EXPECT_EQ(counts().unanchored, 3U);
}

TEST_F(SealUseTest, ALookWhileTheClockIsAheadChangesNothing) {
    seal(2);
    clock_.wall += 400 * kDay;
    EXPECT_EQ(today(), 0U) << "a clock that is set forward wins a day";
    clock_.look();
    clock_.wall -= 400 * kDay;
    EXPECT_EQ(today(), 2U) << "and going back wins none";
    seal(1);
    EXPECT_EQ(today(), 3U);
    clock_.look();
    EXPECT_EQ(today(), 3U);
    // The days after it are days as all others.
    clock_.pass(kDay);
    EXPECT_EQ(today(), 0U);
    seal(1);
    EXPECT_EQ(today(), 1U);
}

TEST_F(SealUseTest, GoingBackToADayWithoutStatementsWinsNothing) {
    seal(2);
    for (const bool looked : {false, true}) {
        clock_.wall -= 10 * kDay;
        if (looked) clock_.look();
        EXPECT_EQ(today(), 2U) << looked;
        clock_.wall += 10 * kDay;
        if (looked) clock_.look();
        EXPECT_EQ(today(), 2U) << "nor coming back";
    }
    clock_.wall -= 10 * kDay;
    EXPECT_EQ(today(), 2U);
    clock_.pass(2 * kHour);
    EXPECT_EQ(today(), 2U);
    seal(1);
    EXPECT_EQ(today(), 3U);
    // Set back before the start: the newest record says so.
    clock_.observe_record(clock_.wall + 10 * kDay);
    track();
    EXPECT_EQ(today(), 3U);
}

TEST_F(SealUseTest, WhatAClockThatWasAheadWroteCountsUntilAnAnchorSaysSo) {
    seal(1);
    clock_.wall += 400 * kDay;
    clock_.look();
    seal(2);
    clock_.wall -= 400 * kDay;
    clock_.look();
    EXPECT_EQ(today(), 3U);
    clock_.pass(kDay);
    EXPECT_EQ(today(), 2U);
    clock_.observe_anchor(clock_.wall - 1);
    EXPECT_EQ(today(), 0U) << "somebody else says that this is the day";
    seal(1);
    EXPECT_EQ(today(), 1U);
}

// A recount in the middle of a group must not lose what its batch adds.
TEST_F(SealUseTest, ARecountSeesWhatIsNotDurableYet) {
    seal(1);
    const std::uint64_t next = node_.store->log(store::LogId::statements).head().size.value;
    use_->added(kid(), next, clock_.wall);
    EXPECT_EQ(today(), 2U);
    clock_.wall += kDay;
    use_->added(kid(), next + 1, clock_.wall);
    EXPECT_EQ(today(), 1U);
    clock_.wall -= kDay;
    EXPECT_EQ(today(), 3U);
}

TEST_F(SealUseTest, AStatementGrowsOldWhateverTheClockSays) {
    EXPECT_EQ(counts().oldest_unanchored_age_s, 0);
    seal(1);
    clock_.pass(kHour);
    EXPECT_EQ(counts().oldest_unanchored_age_s, kHour);
    clock_.wall -= 300 * kDay;
    clock_.pass(kHour);
    EXPECT_EQ(counts().oldest_unanchored_age_s, 2 * kHour);
    // A restart learns of it from the log; the machine may have been off.
    track();
    EXPECT_EQ(counts().oldest_unanchored_age_s, 0);
    clock_.pass(kHour);
    EXPECT_EQ(counts().oldest_unanchored_age_s, kHour);
    node_.anchored = node_.store->log(store::LogId::statements).head().size.value;
    EXPECT_EQ(counts().oldest_unanchored_age_s, 0) << "nothing waits";
}

}  // namespace
}  // namespace fieldseal::node
