// SPDX-License-Identifier: Apache-2.0
#include "people/pairing.h"

#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal::people {
namespace {

using testing::MatchesRegex;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// A code that differs in its last letter.
std::string changed(std::string code) {
    code.back() = code.back() == '7' ? '8' : '7';
    return code;
}

TEST(PairingCode, ReadsEightGroupsOfFourAndIsNotStored) {
    MemoryRows rows;
    const std::string code = make_pairing_code(rows, kTestNowS).value();
    EXPECT_THAT(code, MatchesRegex("([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}"));
    const Bytes row = rows.get(kPairingRow).value().value();
    EXPECT_EQ(as_text(row).find(pairing_letters(code).value()), std::string_view::npos);
    EXPECT_NE(make_pairing_code(rows, kTestNowS).value(), code);
}

TEST(PairingCode, IsReadAsPeopleTypeIt) {
    EXPECT_EQ(pairing_letters("oOiI lLzz-0000-0000-0000\n0000-0000-0000"),
              "001111ZZ000000000000000000000000");
    for (const std::string_view typed :
         {"", "0000", "0000-0000-0000-0000-0000-0000-0000-000",
          "0000-0000-0000-0000-0000-0000-0000-00000", "U000-0000-0000-0000-0000-0000-0000-0000",
          "é000-0000-0000-0000-0000-0000-0000-0000"}) {
        EXPECT_FALSE(pairing_letters(typed)) << typed;
    }
    EXPECT_FALSE(pairing_letters(std::string(1000, ' ')));
}

TEST(PairingCode, TheRightOnePassesInAnyCase) {
    MemoryRows rows;
    const std::string code = make_pairing_code(rows, kTestNowS).value();
    EXPECT_TRUE(check_pairing_code(rows, code, kTestNowS).ok());
    EXPECT_TRUE(check_pairing_code(rows, lower(code), kTestNowS + kPairingS - 1).ok());
}

TEST(PairingCode, AWrongExpiredOrReplacedOneIsRefused) {
    MemoryRows rows;
    EXPECT_EQ(check_pairing_code(rows, std::string(32, '0'), kTestNowS).error().code,
              Errc::unauthenticated);
    const std::string code = make_pairing_code(rows, kTestNowS).value();
    EXPECT_EQ(check_pairing_code(rows, changed(code), kTestNowS).error().code,
              Errc::unauthenticated);
    EXPECT_EQ(check_pairing_code(rows, "what?", kTestNowS).error().code, Errc::unauthenticated);
    EXPECT_FALSE(check_pairing_code(rows, code, kTestNowS + kPairingS).ok());
    EXPECT_FALSE(check_pairing_code(rows, code, kTestNowS - 1).ok());
    make_pairing_code(rows, kTestNowS).value();
    EXPECT_FALSE(check_pairing_code(rows, code, kTestNowS).ok());
}

TEST(PairingCode, DiesAfterABoundedNumberOfTries) {
    MemoryRows rows;
    const std::string code = make_pairing_code(rows, kTestNowS).value();
    for (std::int64_t i = 0; i < kPairingAttemptsMax; ++i) {
        EXPECT_FALSE(check_pairing_code(rows, changed(code), kTestNowS).ok());
    }
    EXPECT_FALSE(check_pairing_code(rows, code, kTestNowS).ok());
}

TEST(PairingCode, ATryIsCountedBeforeTheCodeIsLookedAt) {
    MemoryRows rows;
    const std::string code = make_pairing_code(rows, kTestNowS).value();
    rows.failing = true;
    EXPECT_EQ(check_pairing_code(rows, code, kTestNowS).error().code, Errc::io);
    rows.failing = false;
    EXPECT_TRUE(check_pairing_code(rows, code, kTestNowS).ok());
    EXPECT_EQ(decode_pairing(rows.get(kPairingRow).value().value()).value().attempts, 1);
}

TEST(PairingRow, SurvivesAndRefusesDamage) {
    Pairing pairing{{1, 2, 3}, kTestNowS, 5};
    const Bytes row = encode_pairing(pairing);
    EXPECT_EQ(decode_pairing(row).value(), pairing);
    for (std::size_t size = 0; size < row.size(); ++size) {
        EXPECT_EQ(decode_pairing(ByteView(row).first(size)).error().code, Errc::corrupt);
    }
    pairing.attempts = kPairingAttemptsMax + 1;
    EXPECT_FALSE(decode_pairing(encode_pairing(pairing)).ok());
}

}  // namespace
}  // namespace fieldseal::people
