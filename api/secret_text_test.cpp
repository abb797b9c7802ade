// SPDX-License-Identifier: Apache-2.0
#include "api/secret_text.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

const std::string kSecret = "long enough not to be kept inside the string object";

TEST(SecretText, IsOverwrittenAndNotOnlyForgotten) {
    std::string text = kSecret;
    const char* at = text.data();
    wipe(text);
    EXPECT_TRUE(text.empty());
    // The buffer is still the string's own: its capacity stays.
    ASSERT_GE(text.capacity(), kSecret.size());
    for (std::size_t i = 1; i < kSecret.size(); ++i) EXPECT_EQ(at[i], '\0') << i;
}

TEST(SecretText, IsWipedWhereverItStandsInATree) {
    auto tree = json::Value::object(
        {{"a", kSecret}, {"b", json::Value::array({json::Value(kSecret), json::Value(7)})}});
    {
        const Wiped wiped(tree);
        EXPECT_EQ(tree.find("a")->as_string(), kSecret);
    }
    EXPECT_TRUE(tree.find("a")->as_string().empty());
    EXPECT_TRUE(tree.find("b")->as_array()[0].as_string().empty());
    EXPECT_EQ(tree.find("b")->as_array()[1].as_integer(), 7);
}

}  // namespace
}  // namespace fieldseal::api
