// SPDX-License-Identifier: Apache-2.0
#include "core/json/json.h"

#include <gtest/gtest.h>

namespace fieldseal::json {
namespace {

void expect_refused(std::string_view text, std::string_view reason, const Limits& limits = {}) {
    const auto value = parse(text, limits);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.error().code, Errc::invalid_argument);
    EXPECT_NE(value.error().message.find(reason), std::string::npos) << value.error().message;
}

TEST(Json, KeepsMembersInTheirOrder) {
    const auto value = parse(R"( {"b": 1, "a": [true, null, "x"], "c": {}} )");
    ASSERT_TRUE(value.ok()) << value.error().message;
    EXPECT_EQ(dump(*value), R"({"b":1,"a":[true,null,"x"],"c":{}})");
}

TEST(Json, BuildsTreesThatReadLikeTheText) {
    Value tree = Value::object({{"index", 7}, {"names", Value::array({"a", "b"})}});
    tree.set("index", 8).set("open", false).set("none", nullptr);
    tree.set_if("absent", std::optional<std::string>()).set_if("size", std::optional<int>(3));
    EXPECT_EQ(dump(tree), R"({"index":8,"names":["a","b"],"open":false,"none":null,"size":3})");
}

TEST(Json, WritesPrettyTextWithTwoSpaces) {
    const Value tree = Value::object(
        {{"a", Value::array({1, 2})}, {"e", Value::array()}, {"o", Value::object({{"x", ""}})}});
    EXPECT_EQ(dump(tree, Style::pretty),
              "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"e\": [],\n  \"o\": {\n    \"x\": \"\"\n  "
              "}\n}\n");
}

TEST(Json, RoundTripsEveryControlByteAndNonAsciiText) {
    std::string text = "\"\\/ \x7F é 漢 😀 \u2028";
    for (char byte = 0; byte < 0x20; ++byte) text += byte;
    const auto back = parse(dump(Value(text)));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->as_string(), text);
}

TEST(Json, WritesIllFormedUtf8AsReplacementCharacters) {
    EXPECT_EQ(dump(Value(std::string("a\xFFz\xE2\x82"))),
              "\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Json, RefusesDuplicateMembersAtEveryDepth) {
    expect_refused(R"({"a":1,"a":1})", "\"a\" appears twice");
    expect_refused(R"([{"x":{"n":1,"m":2,"n":3}}])", "\"n\" appears twice");
    expect_refused(R"({"a":1,"\u0061":1})", "\"a\" appears twice");
    EXPECT_TRUE(parse(R"({"a":{"a":1},"b":{"a":1}})").ok());
}

TEST(Json, RefusesByteOrderMarkNulAndTrailingBytes) {
    expect_refused("\xEF\xBB\xBF{}", "byte order mark");
    expect_refused(std::string_view("{}\0", 3), "NUL");
    expect_refused(std::string_view("\"a\0b\"", 5), "NUL");
    expect_refused("{} {}", "malformed at byte 4");
    expect_refused("1,", "malformed");
    EXPECT_TRUE(parse("{} \r\n\t").ok());
}

TEST(Json, TakesIntegersWithin53BitsOnly) {
    EXPECT_EQ(parse("9007199254740991")->as_integer(), kIntegerMax);
    EXPECT_EQ(parse("-9007199254740991")->as_integer(), -kIntegerMax);
    expect_refused("9007199254740992", "above 2^53 - 1");
    expect_refused("9007199254740993", "above 2^53 - 1");
    expect_refused("-9007199254740992", "below -(2^53 - 1)");
    expect_refused("18446744073709551616", "not an integer");
    expect_refused("123456789012345678901234567890", "not an integer");
}

TEST(Json, RefusesFractionsExponentsAndOtherSpellings) {
    for (const char* text : {"1.0", "1e2", "1E0", "-1.5", "0.0"}) {
        expect_refused(text, "not an integer");
    }
    expect_refused("-0", "-0");
    for (const char* text :
         {"01", "+1", "-", "0x1", "NaN", "Infinity", "True", "'a'", "", " ", "{a:1}", "[1,]",
          "{\"a\":1,}", "// c\n1", "/**/1", "[1 2]", "\"\t\""}) {
        expect_refused(text, "malformed");
    }
}

TEST(Json, RefusesMalformedUtf8AndLoneSurrogates) {
    for (const char* text :
         {"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", R"("\uD800")",
          R"("\uDC00")", R"("\uD800\u0041")", R"("\uDE00\uD83D")"}) {
        expect_refused(text, "malformed");
    }
    EXPECT_EQ(parse(R"("\uD83D\uDE00")")->as_string(), "😀");
}

TEST(Json, BoundsBytesDepthAndValues) {
    const Limits limits{.bytes_max = 20, .depth_max = 3, .values_max = 5};
    EXPECT_TRUE(parse("[[[1]]]", limits).ok());
    expect_refused("[[[[1]]]]", "deeper than 3", limits);
    EXPECT_TRUE(parse("[1,2,3,4]", limits).ok());
    expect_refused("[1,2,3,4,5]", "more than 5 values", limits);
    expect_refused("[          1          ]", "longer than 20 bytes", limits);
    const std::string deep(100000, '[');
    expect_refused(deep, "deeper than 16");
}

TEST(Json, RefusesTextThatEndsEarly) {
    const std::string whole = R"({"a":[1,{"b":"cé"}],"d":false})";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(parse(std::string_view(whole).substr(0, length)).ok()) << length;
    }
    EXPECT_TRUE(parse(whole).ok());
}

TEST(Json, FindsMembersAndComparesTrees) {
    const auto value = parse(R"({"a":{"b":[1]}})");
    ASSERT_TRUE(value.ok());
    ASSERT_NE(value->find("a"), nullptr);
    EXPECT_EQ(value->find("b"), nullptr);
    EXPECT_EQ(Value(1).find("a"), nullptr);
    EXPECT_EQ(*value->find("a")->find("b"), Value::array({1}));
    EXPECT_FALSE(*value == Value::object({{"a", 1}}));
}

TEST(JsonDeathTest, RefusesToBuildWhatItCouldNotRead) {
    EXPECT_DEATH(Value{kIntegerMax + 1}, "fits");
    EXPECT_DEATH(Value::object({{"a", 1}, {"a", 2}}), "duplicate_name");
    EXPECT_DEATH(Value(1).as_string(), "is_string");
}

}  // namespace
}  // namespace fieldseal::json
