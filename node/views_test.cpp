// SPDX-License-Identifier: Apache-2.0
#include "node/views.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

TEST(LifeState, HasThreeWordsAndNothingElse) {
    Coverage coverage;
    coverage.log_size = 10;
    coverage.checkpoint_size = 8;
    coverage.anchored = {{"hub", 5}, {"other", 3}};
    EXPECT_EQ(life_state(4, coverage), "anchored");
    EXPECT_EQ(life_state(5, coverage), "checkpointed");
    EXPECT_EQ(life_state(7, coverage), "checkpointed");
    EXPECT_EQ(life_state(8, coverage), "sealed");
}

TEST(LocalNote, IsOnlyAReminder) {
    const LocalNote local{"permit.pdf", 855, "maria"};
    const auto back = decode_local(encode_local(local));
    EXPECT_EQ(back.document_name, "permit.pdf");
    EXPECT_EQ(back.document_bytes, 855U);
    EXPECT_EQ(back.actor, "maria");
    EXPECT_EQ(decode_local(encode_local({{}, {}, "maria"})).actor, "maria");
    EXPECT_TRUE(decode_local(encode_local({"permit.pdf", 855, {}})).actor.empty());
    EXPECT_TRUE(decode_local(as_bytes("not json")).document_name.empty());
    EXPECT_FALSE(decode_local(encode_local({})).document_bytes.has_value());
}

}  // namespace
}  // namespace fieldseal::node
