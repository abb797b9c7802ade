// SPDX-License-Identifier: Apache-2.0
#include "core/chain_pin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal {
namespace {

using ::testing::HasSubstr;

const std::string kGenesis = "\"genesis_hash\":\"0x" + std::string(64, 'a') + "\"";
const std::string kChain =
    R"("chain":{"id":"registry","chain_id":1337,"mode":"qbft","validator_sets":[{"from":0,)"
    R"("validators":["0x1111111111111111111111111111111111111111"]}]})";

std::string pin_text(const std::string& members, const std::string& version = "chain/v1") {
    return R"({"fieldseal":")" + version + "\"," + members + "}";
}
std::string error_of(const std::string& text) {
    const auto pin = parse_chain_pin(text);
    return pin.ok() ? "accepted" : pin.error().message;
}

TEST(ChainPin, HoldsATrustFilesEntryAndTheGenesis) {
    const auto pin = parse_chain_pin(pin_text(kChain + "," + kGenesis + ",\"block_period_s\":2"));
    ASSERT_TRUE(pin.ok()) << pin.error().message;
    EXPECT_EQ(pin->chain.id, "registry");
    EXPECT_EQ(pin->chain.chain_id, 1337U);
    EXPECT_EQ(pin->genesis_hash[31], 0xaa);
    EXPECT_EQ(pin->block_period_s, 2U);
    const auto again = parse_chain_pin(to_json(*pin));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, *pin);
}

TEST(ChainPin, TheBlockPeriodMayBeAbsent) {
    const auto pin = parse_chain_pin(pin_text(kChain + "," + kGenesis));
    ASSERT_TRUE(pin.ok()) << pin.error().message;
    EXPECT_EQ(pin->block_period_s, std::nullopt);
}

TEST(ChainPin, RefusesWhatIsMissingUnknownOrMalformed) {
    EXPECT_THAT(error_of(pin_text(kChain)), HasSubstr("genesis_hash: missing"));
    EXPECT_THAT(error_of(pin_text(kGenesis)), HasSubstr("chain: missing"));
    EXPECT_THAT(error_of(pin_text(kChain + "," + kGenesis + ",\"url\":\"x\"")), HasSubstr("url"));
    EXPECT_THAT(error_of(pin_text(kChain + ",\"genesis_hash\":\"" + std::string(64, 'a') + "\"")),
                HasSubstr("64 lower-case"));
    EXPECT_THAT(error_of(pin_text(kChain + ",\"genesis_hash\":\"0x" + std::string(64, 'A') + "\"")),
                HasSubstr("64 lower-case"));
    EXPECT_THAT(error_of(pin_text(kChain + "," + kGenesis + ",\"block_period_s\":0")),
                HasSubstr("block_period_s"));
    EXPECT_THAT(error_of(""), HasSubstr("chain pin"));
}

TEST(ChainPin, TheEntryObeysTheTrustFilesRules) {
    EXPECT_THAT(error_of(pin_text(R"("chain":{"id":"a","chain_id":1,"mode":"qbft"},)" + kGenesis)),
                HasSubstr("validator_sets"));
    EXPECT_THAT(error_of(pin_text(R"("chain":[],)" + kGenesis)),
                HasSubstr("as the entry of a trust file"));
}

TEST(ChainPin, AnotherVersionIsUnsupportedAndAnotherFileMalformed) {
    const auto later = parse_chain_pin(pin_text(kChain + "," + kGenesis, "chain/v2"));
    ASSERT_FALSE(later.ok());
    EXPECT_EQ(later.error().code, Errc::unsupported);
    EXPECT_THAT(error_of(pin_text(kChain + "," + kGenesis, "trust/v1")),
                HasSubstr("is not a chain pin"));
}

}  // namespace
}  // namespace fieldseal
