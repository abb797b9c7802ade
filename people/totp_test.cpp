// SPDX-License-Identifier: Apache-2.0
#include "people/totp.h"

#include "core/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::people {
namespace {

using testing::HasSubstr;

// RFC 6238, Appendix B: the secret, and the last six of the eight digits for SHA-1.
constexpr std::string_view kRfcSecret = "12345678901234567890";
struct Vector {
    std::int64_t time_s;
    std::string_view code;
};
constexpr Vector kVectors[] = {
    {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
    {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
};

Digest key_of(std::uint8_t byte) {
    Digest key;
    key.fill(byte);
    return key;
}

TEST(Totp, AgreesWithTheVectorsOfTheRfc) {
    for (const Vector& vector : kVectors) {
        EXPECT_EQ(totp_step(kRfcSecret, vector.code, vector.time_s, 0).value(), vector.time_s / 30)
            << vector.time_s;
    }
}

TEST(Totp, TakesTheStepBeforeAndAfterAndNoOther) {
    const std::int64_t step = 1234567890 / 30;
    for (std::int64_t off = -4; off <= 4; ++off) {
        const auto taken = totp_step(kRfcSecret, "005924", (step + off) * 30, 0).value();
        EXPECT_EQ(taken.has_value(), off >= -1 && off <= 1) << off;
        EXPECT_EQ(taken.value_or(step), step);
    }
}

TEST(Totp, ACodeOfAStepThatWasUsedDoesNotCountAgain) {
    const std::int64_t step = 1234567890 / 30;
    EXPECT_TRUE(totp_step(kRfcSecret, "005924", 1234567890, step - 1).value());
    EXPECT_FALSE(totp_step(kRfcSecret, "005924", 1234567890, step).value());
    EXPECT_FALSE(totp_step(kRfcSecret, "005924", 1234567890, step + 1).value());
}

TEST(Totp, OtherTextIsNoCode) {
    for (const std::string_view code :
         {"", "005925", "05924", "0005924", "14050471", "00592a", " 05924", "005924\n", "-05924"}) {
        EXPECT_FALSE(totp_step(kRfcSecret, code, 1234567890, 0).value()) << code;
    }
    EXPECT_FALSE(totp_step(kRfcSecret, "005924", -1, 0).value());
}

TEST(Totp, TheSecretIsWrittenAsAuthenticatorsReadIt) {
    EXPECT_EQ(totp_secret_text(kRfcSecret).value(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    EXPECT_EQ(totp_uri("GEZD", "anna", "field seal"),
              "otpauth://totp/field%20seal:anna?secret=GEZD&issuer=field%20seal"
              "&algorithm=SHA1&digits=6&period=30");
    EXPECT_EQ(random_totp_secret().size(), kTotpSecretBytes);
    EXPECT_NE(random_totp_secret(), random_totp_secret());
}

TEST(Totp, ASealedSecretOpensForItsAccountAndKeyOnly) {
    const Bytes sealed = seal_totp_secret(kRfcSecret, "anna", key_of(1));
    EXPECT_EQ(open_totp_secret(sealed, "anna", key_of(1)).value(), kRfcSecret);
    EXPECT_EQ(as_text(sealed).find(kRfcSecret.substr(0, 8)), std::string_view::npos);
    const auto other_key = open_totp_secret(sealed, "anna", key_of(2));
    ASSERT_FALSE(other_key.ok());
    EXPECT_EQ(other_key.error().code, Errc::denied);
    EXPECT_THAT(other_key.error().message, HasSubstr("forget it"));
    EXPECT_FALSE(open_totp_secret(sealed, "ben", key_of(1)).ok());
}

TEST(Totp, ASealedSecretThatWasChangedDoesNotOpen) {
    const Bytes sealed = seal_totp_secret(kRfcSecret, "anna", key_of(1));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes changed = sealed;
        changed[i] ^= 1;
        EXPECT_FALSE(open_totp_secret(changed, "anna", key_of(1)).ok()) << i;
        EXPECT_FALSE(open_totp_secret(ByteView(sealed).first(i), "anna", key_of(1)).ok()) << i;
    }
}

}  // namespace
}  // namespace fieldseal::people
