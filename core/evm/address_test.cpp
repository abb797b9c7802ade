// SPDX-License-Identifier: Apache-2.0
#include "core/evm/address.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "tests/support/chain_account.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

// The account of the private key 7, by ethers 6.
constexpr std::string_view kLower = "0xd41c057fd1c78805aac12b0a94a405c0461a6fbb";
constexpr std::string_view kMixed = "0xd41c057fd1c78805AAC12B0A94a405c0461A6FBb";

TEST(Keccak256, IsTheOriginalOneAndNotSha3) {
    EXPECT_EQ(hex_encode(keccak256({})),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_NE(keccak256(as_bytes("a")), keccak256(as_bytes("b")));
}

TEST(Address, IsWrittenInLowerCaseAndReadBack) {
    const auto address = parse_address(kLower);
    ASSERT_TRUE(address.ok());
    EXPECT_EQ(to_string(*address), kLower);
}

TEST(Address, HasOneFormInFiles) {
    for (const std::string_view wrong :
         {std::string_view(""), kMixed, kLower.substr(2), kLower.substr(0, 41),
          std::string_view("0xd41c057fd1c78805aac12b0a94a405c0461a6fbb0"),
          std::string_view("0Xd41c057fd1c78805aac12b0a94a405c0461a6fbb"),
          std::string_view("0xg41c057fd1c78805aac12b0a94a405c0461a6fbb")}) {
        EXPECT_FALSE(parse_address(wrong).ok()) << wrong;
    }
}

TEST(Address, OfAPersonMayHaveCapitalsThatHold) {
    EXPECT_EQ(to_string(parse_address_of_person(kMixed).value()), kLower);
    EXPECT_EQ(to_string(parse_address_of_person(kLower).value()), kLower);
    EXPECT_EQ(
        to_string(parse_address_of_person("0xD41C057FD1C78805AAC12B0A94A405C0461A6FBB").value()),
        kLower);
}

TEST(Address, OfAPersonIsRefusedWhenACapitalOrADigitIsWrong) {
    for (const std::size_t place : {2U, 7U, 41U}) {
        std::string wrong(kMixed);
        wrong[place] = wrong[place] == 'd' ? 'D' : wrong[place] == 'f' ? 'e' : 'c';
        const auto address = parse_address_of_person(wrong);
        ASSERT_FALSE(address.ok()) << wrong;
        EXPECT_NE(address.error().message.find("EIP-55"), std::string::npos);
    }
    EXPECT_FALSE(parse_address_of_person("d41c").ok());
    EXPECT_FALSE(parse_address_of_person("").ok());
}

TEST(Address, BelongsToAPoint) {
    // The account of the private key 0x0101…01, by ethers 6.
    EXPECT_EQ(to_string(testing::ChainAccount(1).address()),
              "0x1a642f0e3c3af545e7acbd38b07251b3990914f1");
    EXPECT_NE(testing::ChainAccount(2).address(), testing::ChainAccount(1).address());
}

}  // namespace
}  // namespace fieldseal::evm
