// SPDX-License-Identifier: Apache-2.0
#include "core/pki/der.h"

#include <gtest/gtest.h>

namespace fieldseal::pki {
namespace {

bool is_der(const Bytes& bytes) {
    return check_der(bytes, "it").ok();
}

TEST(Der, OneElementPerValueAndNothingAfterIt) {
    EXPECT_TRUE(is_der({0x30, 0x00}));
    EXPECT_TRUE(is_der({0x30, 0x03, 0x02, 0x01, 0x7F}));
    EXPECT_FALSE(is_der({}));
    EXPECT_FALSE(is_der({0x30}));
    EXPECT_FALSE(is_der({0x30, 0x00, 0x00}));
    EXPECT_FALSE(is_der({0x30, 0x01}));
    EXPECT_FALSE(is_der({0x30, 0x02, 0x02, 0x01}));
}

TEST(Der, LengthsAreDefiniteAndShortest) {
    EXPECT_FALSE(is_der({0x30, 0x80, 0x00, 0x00}));
    EXPECT_FALSE(is_der({0x04, 0x81, 0x01, 0x00}));
    EXPECT_FALSE(is_der({0x04, 0x82, 0x00, 0x80}));
    Bytes octets(0x80, 0x11);
    Bytes encoded{0x04, 0x81, 0x80};
    append(encoded, octets);
    EXPECT_TRUE(is_der(encoded));
}

TEST(Der, ValuesHaveTheirCanonicalForm) {
    EXPECT_TRUE(is_der({0x01, 0x01, 0xFF}));
    EXPECT_FALSE(is_der({0x01, 0x01, 0x01}));
    EXPECT_FALSE(is_der({0x01, 0x00}));
    EXPECT_FALSE(is_der({0x05, 0x01, 0x00}));
    EXPECT_FALSE(is_der({0x02, 0x00}));
    EXPECT_FALSE(is_der({0x02, 0x02, 0x00, 0x7F}));
    EXPECT_TRUE(is_der({0x02, 0x02, 0x00, 0x80}));
    EXPECT_FALSE(is_der({0x02, 0x02, 0xFF, 0x80}));
    EXPECT_FALSE(is_der({0x03, 0x00}));
    EXPECT_FALSE(is_der({0x03, 0x02, 0x08, 0x00}));
    EXPECT_FALSE(is_der({0x24, 0x03, 0x04, 0x01, 0x00}));  // a string in pieces
    EXPECT_FALSE(is_der({0x10, 0x00}));                    // a SEQUENCE that is not constructed
    EXPECT_FALSE(is_der({0x1F, 0x81, 0x01, 0x00}));        // a tag of two bytes
}

TEST(Der, DepthIsBounded) {
    Bytes nested{0x30, 0x00};
    for (std::size_t depth = 2; depth < 60; ++depth) {
        Bytes outer{0x30, static_cast<std::uint8_t>(nested.size())};
        append(outer, nested);
        nested = outer;
        EXPECT_EQ(is_der(nested), depth <= kDerDepthMax) << depth;
    }
}

TEST(DerReader, TakesWhatHasTheTagAndLeavesTheRest) {
    const Bytes content{0x02, 0x01, 0x05, 0x04, 0x01, 0xAA};
    DerReader in(content);
    EXPECT_FALSE(in.take(kTagOctetString));
    const auto number = in.take(kTagInteger);
    ASSERT_TRUE(number);
    EXPECT_EQ(number->front(), 5);
    EXPECT_EQ(in.rest().size(), 3U);
    EXPECT_TRUE(in.take(kTagOctetString));
    EXPECT_TRUE(in.at_end());
}

}  // namespace
}  // namespace fieldseal::pki
