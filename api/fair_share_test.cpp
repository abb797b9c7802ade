// SPDX-License-Identifier: Apache-2.0
#include "api/fair_share.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

TEST(FairShare, LeavesHalfToOthers) {
    FairShare places(4);
    const auto first = places.take("anna");
    auto second = places.take("anna");
    EXPECT_NE(first, nullptr);
    EXPECT_NE(second, nullptr);
    EXPECT_EQ(places.take("anna"), nullptr);
    EXPECT_NE(places.take("ben"), nullptr);
    second.reset();
    EXPECT_NE(places.take("anna"), nullptr);
}

TEST(FairShare, GivesTheOnlyPlaceToAnybody) {
    FairShare places(1);
    auto held = places.take("anna");
    EXPECT_NE(held, nullptr);
    EXPECT_EQ(places.take("anna"), nullptr);
    held.reset();
    EXPECT_NE(places.take("anna"), nullptr);
}

TEST(FairShare, IsGivenBackAfterItsOwnerIsGone) {
    std::shared_ptr<const void> held;
    {
        FairShare places(2);
        held = places.take("anna");
    }
    held.reset();
}

}  // namespace
}  // namespace fieldseal::api
