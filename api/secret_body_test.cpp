// SPDX-License-Identifier: Apache-2.0
#include "api/secret_body.h"

#include "core/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SecretBody, GivesTextsAndFlags) {
    auto body =
        SecretBody::parse(R"( {"passphrase" : "correct horse","plain":true , "off":false} )");
    ASSERT_TRUE(body.ok()) << body.error().message;
    EXPECT_EQ(*body->required_text("passphrase", 100), "correct horse");
    EXPECT_TRUE(*body->flag("plain"));
    EXPECT_FALSE(*body->flag("off"));
    EXPECT_FALSE(*body->flag("absent"));
    EXPECT_EQ(*body->optional_text("absent", 100), std::nullopt);
    EXPECT_TRUE(body->finish().ok());
    EXPECT_TRUE(SecretBody::parse("{}").ok());
}

TEST(SecretBody, LiftsOneTextOutOfAnObject) {
    std::string rest;
    auto body = SecretBody::lift(
        R"({"name":"permits", "pass\u0070hrase" : "a \"b\"", "policy":{"hours":"}],\"","n":[1,{}]}})",
        "passphrase", rest);
    ASSERT_TRUE(body.ok()) << body.error().message;
    EXPECT_EQ(*body->required_text("passphrase", 100), "a \"b\"");
    EXPECT_EQ(rest, R"({"name":"permits","policy":{"hours":"}],\"","n":[1,{}]}})");
    EXPECT_TRUE(body->finish().ok());
    EXPECT_TRUE(SecretBody::lift("{}", "passphrase", rest).ok());
    EXPECT_EQ(rest, "{}");
}

TEST(SecretBody, LiftsNothingOutOfWhatIsNoObject) {
    for (const std::string_view text :
         {"", "[]", "{", R"({"a":1)", R"({"a":"x)", R"({"a":"\)", R"({"passphrase":1})",
          R"({"passphrase":{"a":"x"}})", R"({"passphrase":"x","passphrase":"y"})",
          R"({"passphrase":"x","a":1}})", R"({"passphrase":"x" "a":1})"}) {
        std::string rest;
        EXPECT_FALSE(SecretBody::lift(text, "passphrase", rest).ok()) << text;
    }
}

TEST(SecretBody, DecodesEveryEscapeAsTheStrictParserDoes) {
    for (const std::string_view text :
         {R"({"p":"\"\\\/\b\f\n\r\t"})", R"({"p":"\u00e4\u20AC\uD83D\uDE00"})", R"({"p":"ä€😀"})",
          R"({"p":""})", R"({"\u0070":"x"})"}) {
        auto body = SecretBody::parse(text);
        ASSERT_TRUE(body.ok()) << text;
        EXPECT_EQ(*body->required_text("p", 100), json::parse(text)->find("p")->as_string());
    }
}

TEST(SecretBody, RefusesEverythingElse) {
    for (const std::string_view text :
         {"",
          "{",
          "[]",
          "\"x\"",
          "null",
          R"({"p":1})",
          R"({"p":null})",
          R"({"p":["x"]})",
          R"({"p":"x"} x)",
          R"({"p":"x",})",
          R"({"p":"x","p":"y"})",
          R"({"p":"x","\u0070":"y"})",
          R"({"p":"x)",
          R"({"p":"\x"})",
          R"({"p":"\u12"})",
          R"({"p":"\ud83d"})",
          R"({"p":"\ude00"})",
          R"({"p":"\ud83d\u0041"})",
          "{\"p\":\"a\nb\"}",
          "{\"p\":\"\xff\"}",
          R"({"p":truex})",
          R"({p:"x"})",
          R"({"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":""})"}) {
        const auto body = SecretBody::parse(text);
        ASSERT_FALSE(body.ok()) << text;
        EXPECT_EQ(body.error().code, Errc::invalid_argument);
    }
}

TEST(SecretBody, NamesWhatIsWrongAndNeverTheSecret) {
    auto body = SecretBody::parse(R"({"passphrase":"tell nobody","other":"x"})");
    ASSERT_TRUE(body.ok());
    const auto too_long = body->required_text("passphrase", 5);
    EXPECT_THAT(too_long.error().message, HasSubstr("more than 5 bytes"));
    EXPECT_THAT(too_long.error().message, Not(HasSubstr("nobody")));
    EXPECT_THAT(body->flag("passphrase").error().message, HasSubstr("not true or false"));
    EXPECT_THAT(body->required_text("absent", 5).error().message, HasSubstr("missing"));
    EXPECT_THAT(body->finish().error().message, HasSubstr("\"other\""));
}

TEST(SecretResponse, IsJsonThatTheStrictParserReads) {
    const std::string text = "-----BEGIN X-----\nab\"c\\\x01\n";
    const Response response = secret_response("export", {{"pkcs8", text}, {"name", "permits"}});
    EXPECT_TRUE(response.secret);
    const auto value = json::parse(response.body);
    ASSERT_TRUE(value.ok()) << response.body;
    EXPECT_EQ(value->find("fieldseal")->as_string(), "export/v1");
    EXPECT_EQ(value->find("pkcs8")->as_string(), text);
    EXPECT_EQ(value->find("name")->as_string(), "permits");
}

}  // namespace
}  // namespace fieldseal::api
