// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/reader.h"

#include <gtest/gtest.h>

namespace fieldseal::cbor {
namespace {

template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "accepted" : result.error().message;
}

TEST(CborReader, ReadsWhatIsAskedForAndRefusesTheRest) {
    const Value value = Value::map(
        {{1, -7}, {4, Digest{9}}, {15, Value::map({{1, "x"}})}, {20, Value::array({1, nullptr})}});
    auto in = Reader(value, "protected").map();
    ASSERT_TRUE(in.ok());
    EXPECT_EQ(in->required(1)->integer(-10, 0).value_or(0), -7);
    EXPECT_EQ(in->required(4)->digest().value_or({}), Digest{9});
    auto inner = in->required(15)->map();
    ASSERT_TRUE(inner.ok());
    EXPECT_EQ(reason(inner->finish()), "protected[15]: unknown label 1");
    EXPECT_EQ(inner->required(1)->text(1).value_or(""), "x");
    EXPECT_TRUE(inner->finish().ok());
    EXPECT_EQ(reason(in->finish()), "protected: unknown label 20");
    EXPECT_FALSE(in->optional(99).has_value());
    EXPECT_EQ(reason(in->required("n")), "protected[\"n\"]: missing");
    const auto items = in->required(20)->items(2, 2);
    ASSERT_TRUE(items.ok());
    EXPECT_TRUE((*items)[1].is_null());
    EXPECT_EQ(reason((*items)[1].integer(0, 1)), "protected[20][1]: not an integer but null");
    EXPECT_TRUE(in->finish().ok());
}

TEST(CborReader, RefusesWrongKindsSizesAndRanges) {
    const Value number(5);
    const Value bytes(Bytes{1, 2});
    const Value text("");
    const Value array = Value::array({1});
    EXPECT_EQ(reason(Reader(number, "n").integer(6, 7)), "n: 5 is not within 6 to 7");
    EXPECT_EQ(reason(Reader(number, "n").bytes(0, 1)), "n: not a byte string but integer");
    EXPECT_EQ(reason(Reader(number, "n").text(1)), "n: not text but integer");
    EXPECT_EQ(reason(Reader(number, "n").items(0, 1)), "n: not an array but integer");
    EXPECT_EQ(reason(Reader(number, "n").map()), "n: not a map but integer");
    EXPECT_EQ(reason(Reader(bytes, "b").integer(0, 1)), "b: not an integer but bytes");
    EXPECT_EQ(reason(Reader(bytes, "b").digest()), "b: 2 bytes, not 32 bytes");
    EXPECT_EQ(reason(Reader(bytes, "b").bytes(3, 4)), "b: 2 bytes, not 3 to 4 bytes");
    EXPECT_EQ(reason(Reader(text, "t").text(9)), "t: 0 bytes, not 1 to 9 bytes");
    EXPECT_EQ(reason(Reader(array, "a").items(2, 3)), "a: 1 items, not 2 to 3 items");
}

}  // namespace
}  // namespace fieldseal::cbor
