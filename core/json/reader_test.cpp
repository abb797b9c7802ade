// SPDX-License-Identifier: Apache-2.0
#include "core/json/reader.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::json {
namespace {

Value tree(std::string_view text) {
    auto value = parse(text);
    EXPECT_TRUE(value.ok()) << text;
    return std::move(value).value_or(Value());
}

template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "accepted" : result.error().message;
}

TEST(JsonReader, ReadsEveryKindOfMember) {
    const Digest digest = {1, 2, 3};
    Value value = tree(R"({"flag":true,"n":-5,"text":"é","list":[1,2],"inner":{"x":null}})");
    value.set("raw", "AAEC").set("b64", base64_encode(digest)).set("hex", hex_encode(digest));
    auto in = Reader(value).members();
    ASSERT_TRUE(in.ok());
    EXPECT_EQ(in->required_bool("flag").value_or(false), true);
    EXPECT_EQ(in->required_integer("n", -5, 5).value_or(0), -5);
    EXPECT_EQ(in->required_string("text", 2).value_or(""), "é");
    EXPECT_EQ(in->required_array("list", 2).value_or({}).size(), 2U);
    EXPECT_EQ(in->required_base64("raw", 3).value_or({}), (Bytes{0, 1, 2}));
    EXPECT_EQ(in->required_base64_digest("b64").value_or({}), digest);
    EXPECT_EQ(in->required_hex_digest("hex").value_or({}), digest);
    auto inner = in->required_object("inner");
    ASSERT_TRUE(inner.ok());
    ASSERT_TRUE(inner->optional("x").has_value());
    EXPECT_TRUE(inner->optional("x")->is_null());
    EXPECT_TRUE(inner->finish().ok());
    EXPECT_TRUE(in->finish().ok());
}

TEST(JsonReader, TakesAbsentOptionalMembersAsNothing) {
    const Value value = tree("{}");
    auto in = Reader(value).members();
    ASSERT_TRUE(in.ok());
    EXPECT_FALSE(in->optional_bool("a")->has_value());
    EXPECT_FALSE(in->optional_integer("a", 0, 1)->has_value());
    EXPECT_FALSE(in->optional_string("a")->has_value());
    EXPECT_FALSE(in->optional_base64("a")->has_value());
    EXPECT_FALSE(in->optional_base64_digest("a")->has_value());
    EXPECT_FALSE(in->optional_hex_digest("a")->has_value());
    EXPECT_FALSE(in->optional_object("a")->has_value());
    EXPECT_TRUE(in->optional_array("a")->empty());
    EXPECT_EQ(reason(in->required_string("a")), "a: missing");
}

TEST(JsonReader, NamesThePathOfWhatIsWrong) {
    const Value value = tree(R"({"proofs":[{},{},{"checkpoint":5}]})");
    auto in = Reader(value).members();
    ASSERT_TRUE(in.ok());
    const auto proofs = in->required_array("proofs");
    ASSERT_TRUE(proofs.ok());
    auto third = (*proofs)[2].members();
    ASSERT_TRUE(third.ok());
    EXPECT_EQ(reason(third->required_string("checkpoint")),
              "proofs[2].checkpoint: not a string but integer");
    EXPECT_EQ(third->error("odd").message, "proofs[2]: odd");
    EXPECT_EQ(third->error_at("x", "odd").message, "proofs[2].x: odd");
    EXPECT_EQ(reason((*proofs)[1].members()->required_object("inner")), "proofs[1].inner: missing");
}

TEST(JsonReader, RefusesTheMemberNobodyAskedFor) {
    const Value value = tree(R"({"o":{"a":1,"b":2}})");
    auto outer = Reader(value).members();
    ASSERT_TRUE(outer.ok());
    auto in = outer->required_object("o");
    ASSERT_TRUE(in.ok());
    EXPECT_EQ(in->required_integer("a", 1, 1).value_or(0), 1);
    EXPECT_EQ(reason(in->finish()), "o: unknown member \"b\"");
}

TEST(JsonReader, RefusesWrongKindsAndRanges) {
    const Value value = tree(R"({"n":7,"s":"AB==","l":[1,2,3],"h":"ABCD","null":null})");
    auto in = Reader(value).members();
    ASSERT_TRUE(in.ok());
    EXPECT_EQ(reason(in->required_integer("n", 0, 6)), "n: 7 is not within 0 to 6");
    EXPECT_EQ(reason(in->required_integer("n", 8, 9)), "n: 7 is not within 8 to 9");
    EXPECT_EQ(reason(in->required_integer("null", 8, 9)), "null: not an integer but null");
    EXPECT_EQ(reason(in->required_bool("n")), "n: not true or false but integer");
    EXPECT_EQ(reason(in->required_array("l", 2)), "l: more than 2 items");
    EXPECT_EQ(reason(in->required_array("s")), "s: not an array but string");
    EXPECT_EQ(reason(in->required_object("l")), "l: not an object but array");
    EXPECT_EQ(reason(in->required_string("s", 3)), "s: longer than 3 bytes");
    EXPECT_EQ(reason(in->optional_string("null")), "null: not a string but null");
    EXPECT_NE(reason(in->required_base64("s")).find("s: not canonical base64"), std::string::npos);
    EXPECT_FALSE(in->required_base64_digest("h").ok());
    EXPECT_FALSE(in->required_hex_digest("h").ok());
    EXPECT_EQ(reason(Reader(Value(1)).members()), "not an object but integer");
}

}  // namespace
}  // namespace fieldseal::json
