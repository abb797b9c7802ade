// SPDX-License-Identifier: Apache-2.0
#include "people/account.h"

#include "core/cbor/cbor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::people {
namespace {

using testing::HasSubstr;

Account anna() {
    return {.name = "anna",
            .role = Role::approver,
            .enabled = true,
            .password_hash = "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA",
            .created_at_s = 1'795'000'000,
            .password_at_s = 1'795'000'001,
            .second_factor = SecondFactor{Bytes(60, 9), 59'833'333}};
}

TEST(Account, SurvivesItsRow) {
    Account account = anna();
    EXPECT_EQ(decode_account(encode_account(account)).value(), account);
    account.second_factor.reset();
    account.enabled = false;
    account.role = Role::admin;
    EXPECT_EQ(decode_account(encode_account(account)).value(), account);
}

TEST(Account, ARowCutAnywhereIsDamage) {
    const Bytes row = encode_account(anna());
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto decoded = decode_account(ByteView(row).first(size));
        ASSERT_FALSE(decoded.ok()) << size;
        EXPECT_EQ(decoded.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_account(longer).ok());
}

TEST(Account, ARowWithAFieldThatIsMissingForeignOrWrongIsDamage) {
    const cbor::Value good = cbor::decode(encode_account(anna())).value();
    for (const auto& [key, value] : good.as_map()) {
        cbor::Value without = cbor::Value::map();
        cbor::Value wrong = cbor::Value::map();
        for (const auto& [other, kept] : good.as_map()) {
            if (other != key) without.set(other, kept);
            wrong.set(other, other == key ? cbor::Value(cbor::Array{}) : kept);
        }
        const bool optional = key == cbor::Key(8);
        EXPECT_EQ(decode_account(cbor::encode(without)).ok(), optional) << key.to_string();
        EXPECT_FALSE(decode_account(cbor::encode(wrong)).ok()) << key.to_string();
    }
    cbor::Value more = good;
    more.set(9, true);
    EXPECT_FALSE(decode_account(cbor::encode(more)).ok());
}

TEST(Account, ARowOfALaterVersionOrOfAnUnknownRoleIsNotGuessedAt) {
    const cbor::Value good = cbor::decode(encode_account(anna())).value();
    for (const auto& [key, value] :
         {cbor::Entry{1, 2}, cbor::Entry{3, "root"}, cbor::Entry{2, "Anna"}}) {
        cbor::Value row = cbor::Value::map();
        for (const auto& [other, kept] : good.as_map()) row.set(other, other == key ? value : kept);
        EXPECT_FALSE(decode_account(cbor::encode(row)).ok()) << key.to_string();
    }
}

TEST(Account, NamesAreSafeInKeysLinesAndPaths) {
    for (const std::string_view name :
         {"a", "anna", "anna.b-2_x", "a2345678901234567890123456789012"}) {
        EXPECT_TRUE(check_account_name(name).ok()) << name;
    }
    for (const std::string_view name : {"", "Anna", "2anna", "-a", ".", "a b", "a/b", "a\n", "ännä",
                                        "a:b", "a23456789012345678901234567890123"}) {
        const auto refused = check_account_name(name);
        ASSERT_FALSE(refused.ok()) << name;
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
        EXPECT_THAT(refused.error().message, HasSubstr("begin with a letter"));
    }
}

TEST(Account, NewNamesAreNoneThatTheAuditLogUsesItself) {
    for (const std::string_view name : {"local", "console", "daemon", "nobody"}) {
        EXPECT_TRUE(check_account_name(name).ok()) << name;
        EXPECT_EQ(check_new_account_name(name).error().code, Errc::invalid_argument) << name;
    }
    EXPECT_TRUE(check_new_account_name("locals").ok());
    EXPECT_FALSE(check_new_account_name("Anna").ok());
}

}  // namespace
}  // namespace fieldseal::people
