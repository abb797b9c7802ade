// SPDX-License-Identifier: Apache-2.0
#include "people/token.h"

#include "core/cbor/cbor.h"

#include <gtest/gtest.h>

#include <set>

namespace fieldseal::people {
namespace {

Token scanner() {
    Token token;
    token.hash = token_hash("fst_something");
    token.id = token_id(token.hash);
    token.account = "anna";
    token.label = "scanner on the second floor";
    token.scopes = {"statement:create", "verify"};
    token.created_at_s = 1'795'000'000;
    token.expires_at_s = 1'800'000'000;
    return token;
}

TEST(Token, HasItsFormAndIsNeverTheSame) {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string text = random_token();
        EXPECT_TRUE(is_token(text));
        EXPECT_EQ(text.size(), 47U);
        EXPECT_TRUE(seen.insert(text).second);
    }
}

TEST(Token, OtherTextIsNoToken) {
    const std::string good = random_token();
    std::string slash = good;
    slash[10] = '/';
    for (const std::string& text :
         {std::string(), good.substr(1), good + "A", "fsT_" + good.substr(4), slash,
          good.substr(0, 46) + "=", good.substr(0, 46) + "\n"}) {
        EXPECT_FALSE(is_token(text)) << text;
    }
}

TEST(Token, SurvivesItsRow) {
    Token token = scanner();
    EXPECT_EQ(decode_token(encode_token(token)).value(), token);
    token.expires_at_s.reset();
    EXPECT_EQ(decode_token(encode_token(token)).value(), token);
    EXPECT_EQ(token.id.size(), kTokenIdBytes);
}

TEST(Token, ARowThatIsCutLongerOrOtherwiseWrongIsDamage) {
    const Bytes row = encode_token(scanner());
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto decoded = decode_token(ByteView(row).first(size));
        ASSERT_FALSE(decoded.ok()) << size;
        EXPECT_EQ(decoded.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_token(longer).ok());

    const cbor::Value good = cbor::decode(row).value();
    for (const auto& [key, value] : good.as_map()) {
        cbor::Value without = cbor::Value::map();
        for (const auto& [other, kept] : good.as_map()) {
            if (other != key) without.set(other, kept);
        }
        EXPECT_EQ(decode_token(cbor::encode(without)).ok(), key == cbor::Key(7)) << key.to_string();
    }
}

TEST(Token, ARowWithScopesUnsortedOrUnknownIsDamage) {
    Token token = scanner();
    token.scopes = {"verify", "statement:create"};
    EXPECT_FALSE(decode_token(encode_token(token)).ok());
    token.scopes = {"everything"};
    EXPECT_FALSE(decode_token(encode_token(token)).ok());
    token.scopes = {};
    EXPECT_FALSE(decode_token(encode_token(token)).ok());
}

TEST(Token, ScopesAreKnownSortedAndNamedOnce) {
    EXPECT_EQ(check_scopes({"verify", "statement:create"}).value(),
              (std::vector<std::string>{"statement:create", "verify"}));
    for (const std::vector<std::string>& scopes :
         {std::vector<std::string>{}, {"self"}, {"verify", "verify"}, {"*"}, {""}}) {
        const auto refused = check_scopes(scopes);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    }
}

TEST(Token, ALabelIsAShortLineOfText) {
    EXPECT_TRUE(check_token_label("Scanner Ö2").ok());
    for (const std::string& label :
         {std::string(), std::string(65, 'x'), std::string("a\nb"), std::string("\xff")}) {
        EXPECT_FALSE(check_token_label(label).ok()) << label;
    }
}

}  // namespace
}  // namespace fieldseal::people
