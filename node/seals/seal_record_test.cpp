// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_record.h"

#include "core/cbor/cbor.h"
#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using testing::SealSigner;

SealRecord full_record() {
    SealRecord record{.name = "permits-2026",
                      .owner = "Permits desk",
                      .key = SealSigner::of(Algorithm::es256k, 0x21).key()};
    record.custody = Custody::pkcs11;
    record.key_name = "seal-permits-2026";
    record.token = "pkcs11:token=office;object=permits";
    record.certificates = {Bytes{0x30, 0x01}, Bytes{0x30, 0x02}};
    record.policy.media_types = {"application/pdf", "image/*"};
    record.policy.quota_per_day = 5;
    record.policy.hours = DayHours{60, 120};
    record.policy.lock_after_statements = 6;
    record.policy.lock_after_hours = 7;
    record.policy.idle_lock_s = 0;
    record.created_at_s = 1795440000;
    record.replaces = "permits";
    record.replaced_by = "permits-2027";
    return record;
}

SealChange full_change() {
    return {1795440000, "compromised", "ada", "stolen", 300, 1795430000};
}

TEST(SealRow, GivesBackWhatWasWritten) {
    const SealRecord record = full_record();
    const auto back = decode_seal(encode_seal(record));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, record);
    SealRecord plain{.name = "a", .key = record.key};
    plain.key_name = "seal-a";
    const auto plain_back = decode_seal(encode_seal(plain));
    ASSERT_TRUE(plain_back.ok()) << plain_back.error().message;
    EXPECT_EQ(*plain_back, plain);
}

TEST(SealRow, IsDamageWhenItIsNotOurs) {
    const Bytes row = encode_seal(full_record());
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto cut = decode_seal(ByteView(row).first(size));
        ASSERT_FALSE(cut.ok()) << size;
        EXPECT_EQ(cut.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_seal(longer).ok());
    const auto edited = [](const auto& edit) {
        SealRecord record = full_record();
        edit(record);
        return decode_seal(encode_seal(record)).ok();
    };
    EXPECT_FALSE(edited([](SealRecord& r) { r.name = "Permits"; }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.name = "../permits"; }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.policy.quota_per_day = 0; }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.custody = static_cast<Custody>(4); }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.created_at_s = -1; }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.certificates.assign(9, Bytes{0x30}); }));
    EXPECT_FALSE(edited([](SealRecord& r) { r.owner = std::string(201, 'x'); }));
}

TEST(ChangeRow, GivesBackWhatWasWritten) {
    const SealChange change = full_change();
    const auto back = decode_change(encode_change(change));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, change);
    const SealChange plain{1, "created", "init"};
    EXPECT_EQ(*decode_change(encode_change(plain)), plain);
    EXPECT_EQ(decode_change(encode_seal(full_record())).error().code, Errc::corrupt);
    SealChange early = change;
    early.at_s = -1;
    EXPECT_FALSE(decode_change(encode_change(early)).ok());
}

TEST(ChangeRow, IsFoundByItsNumber) {
    EXPECT_EQ(change_number(change_row_key("permits", 7), "permits"), 7U);
    EXPECT_EQ(change_number(change_row_key("permits", 7), "permit"), std::nullopt);
    EXPECT_EQ(change_number("past/permits/", "permits"), std::nullopt);
    EXPECT_EQ(change_number(seal_row_key("permits"), "permits"), std::nullopt);
    EXPECT_LT(change_row_key("permits", 255), change_row_key("permits", 256));
}

TEST(SealName, IsOneThatAFileCanHave) {
    for (const char* good : {"a", "7", "permits", "permits-2026", "a.b_c"})
        EXPECT_TRUE(check_seal_name(good).ok()) << good;
    for (const char* bad : {"", "-a", ".a", "A", "a b", "a/b", "ä"})
        EXPECT_FALSE(check_seal_name(bad).ok()) << bad;
    EXPECT_TRUE(check_seal_name(std::string(kSealNameBytesMax, 'a')).ok());
    EXPECT_FALSE(check_seal_name(std::string(kSealNameBytesMax + 1, 'a')).ok());
}

}  // namespace
}  // namespace fieldseal::node
