// SPDX-License-Identifier: Apache-2.0
#include "node/config/suggest.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

TEST(EditDistance, CountsEachKindOfTypingMistakeAsOne) {
    EXPECT_EQ(edit_distance("queue", "queue"), 0U);
    EXPECT_EQ(edit_distance("queue", "quue"), 1U);
    EXPECT_EQ(edit_distance("quue", "queue"), 1U);
    EXPECT_EQ(edit_distance("queue", "qaeue"), 1U);
    EXPECT_EQ(edit_distance("queue", "qeuue"), 1U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(NearestWord, FindsTheMistypedKey) {
    EXPECT_EQ(nearest_word("entires_max", {"entries_max", "interval_s"}), "entries_max");
    EXPECT_EQ(nearest_word("frmat", {"level", "format"}), "format");
}

TEST(NearestWord, StaysSilentWhenNothingIsNear) {
    EXPECT_FALSE(nearest_word("colour", {"level", "format"}));
    EXPECT_FALSE(nearest_word("", {"level"}));
    EXPECT_FALSE(nearest_word(std::string(10000, 'x'), {"level"}));
    EXPECT_FALSE(nearest_word("level", {}));
}

}  // namespace
}  // namespace fieldseal::node
