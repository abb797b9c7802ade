// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/chain_target.h"

#include "node/anchoring/target_link.h"
#include "node/custody/private_file.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kPin =
    R"({"fieldseal":"chain/v1","chain":{"id":"registry","chain_id":1337,"mode":"qbft",)"
    R"("validator_sets":[{"from":0,"validators":["0x1111111111111111111111111111111111111111"]}]},)"
    R"("genesis_hash":"0x)" +
    std::string(64, 'a') + R"(","block_period_s":2})";

class ChainTargetTest : public ::testing::Test {
protected:
    Config::Target target() const {
        Config::Target target;
        target.kind = TargetKind::evm;
        target.name = "registry";
        target.url = "https://a.example.org";
        target.chain_file = directory_ / "pin.json";
        return target;
    }
    std::string write(const std::string& name, std::string_view text) const {
        const std::string path = directory_ / name;
        EXPECT_TRUE(write_private_file(path, as_bytes(text)).ok());
        return path;
    }
    std::string error_of(const Config::Target& target) const {
        const auto settings = chain_settings(target);
        return settings.ok() ? "accepted" : settings.error().message;
    }

    fieldseal::testing::TempDirectory directory_;
};

TEST_F(ChainTargetTest, TheSettingsComeFromTheBlockAndItsFiles) {
    write("pin.json", kPin);
    Config::Target wanted = target();
    wanted.more_urls = {"https://b.example.org"};
    wanted.auth_file = write("auth", "Authorization: Bearer secret\n");
    wanted.fees = TargetFees::market;
    wanted.max_fee_gwei = 3;
    const auto settings = chain_settings(wanted);
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    EXPECT_EQ(settings->urls.size(), 2U);
    EXPECT_EQ(settings->chain.chain_id, 1337U);
    EXPECT_EQ(settings->genesis_hash[0], 0xaa);
    EXPECT_EQ(settings->block_period_s, 2U);
    EXPECT_EQ(settings->fees.mode, anchor::FeeMode::market);
    EXPECT_EQ(settings->fees.max_fee_wei, 3'000'000'000U);
    ASSERT_EQ(settings->auth_headers.size(), 1U);
    EXPECT_EQ(settings->auth_headers[0].second, "Bearer secret");
}

TEST_F(ChainTargetTest, AMissingOrMalformedPinIsNamed) {
    EXPECT_THAT(error_of(target()), HasSubstr("pin.json"));
    write("pin.json", "{}");
    EXPECT_THAT(error_of(target()), HasSubstr("chain pin"));
}

TEST_F(ChainTargetTest, APinThatOthersMayWriteIsRefused) {
    write("pin.json", kPin);
    ASSERT_EQ(error_of(target()), "accepted");
    std::filesystem::permissions(target().chain_file, std::filesystem::perms::group_write,
                                 std::filesystem::perm_options::add);
    EXPECT_THAT(error_of(target()), HasSubstr("the chain pin"));
}

TEST_F(ChainTargetTest, ASecretIsNeverSentInTheClear) {
    write("pin.json", kPin);
    Config::Target wanted = target();
    wanted.auth_file = write("auth", "Authorization: Bearer secret\n");
    for (const char* url :
         {"http://rpc.example.org/v3/path-key", "http://127.0.0.1.example.org:8545"}) {
        wanted.more_urls = {url};
        EXPECT_THAT(error_of(wanted), HasSubstr("in the clear")) << url;
        EXPECT_THAT(error_of(wanted), Not(HasSubstr("path-key"))) << url;
    }
    for (const char* url : {"http://127.0.0.1:8545", "http://[::1]/rpc"}) {
        wanted.more_urls = {url};
        EXPECT_EQ(error_of(wanted), "accepted") << url;
    }
}

TEST_F(ChainTargetTest, AnAuthorisationIsOneHeaderLineAndNeverQuoted) {
    EXPECT_EQ(parse_auth_line("X-Api-Key: abc")->first, "X-Api-Key");
    EXPECT_EQ(parse_auth_line("Authorization: Basic eDp5\r\n")->second, "Basic eDp5");
    for (const char* text : {"", "secret", ": secret", "Authorization:", "Authorization: \n",
                             "Authorization: a\nX: secret", "Author ization: secret",
                             "Authorization: s\x01", "Host: secret", "content-LENGTH: 3"}) {
        const auto parsed = parse_auth_line(text);
        ASSERT_FALSE(parsed.ok()) << text;
        EXPECT_EQ(parsed.error().message.find("secret"), std::string::npos) << text;
    }
}

TEST_F(ChainTargetTest, OnlyASealedBlockIsAFloor) {
    TrustedChain chain;
    anchor::AnchorPieces pieces;
    EXPECT_TRUE(sealed_blocks(pieces, chain).empty());
    pieces.anchors_json = R"([{"type":"evm-tx","header":"AAAA"},{"type":"other"}])";
    EXPECT_TRUE(sealed_blocks(pieces, chain).empty());
    pieces.anchors_json = "no JSON";
    EXPECT_TRUE(sealed_blocks(pieces, chain).empty());
}

TEST_F(ChainTargetTest, TheFirstTwoSealedHeadersOfOneNumberAreKept) {
    const std::string data_dir = directory_ / "data";
    ASSERT_TRUE(make_private_directory(data_dir).ok());
    const LanePlace place{store::LogId::statements, "registry", "registry.test", data_dir};
    EXPECT_FALSE(has_sealed_twice(data_dir, "registry"));
    const auto kept = keep_sealed_twice(place, 7, Bytes{0xC1, 1}, Bytes{0xC1, 2});
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    EXPECT_EQ(*kept, sealed_twice_path(data_dir, "registry"));
    EXPECT_TRUE(has_sealed_twice(data_dir, "registry"));
    EXPECT_FALSE(has_sealed_twice(data_dir, "another"));
    const auto text = read_private_file(*kept, 1024);
    ASSERT_TRUE(text.ok()) << text.error().message;
    EXPECT_EQ(as_text(*text),
              R"({"fieldseal":"sealed-twice/v1","chain":"registry.test","number":7,)"
              R"("first":"wQE=","second":"wQI="})"
              "\n");
    EXPECT_EQ(*keep_sealed_twice(place, 9, Bytes{0xC1, 3}, Bytes{0xC1, 4}), *kept);
    EXPECT_EQ(*read_private_file(*kept, 1024), *text) << "later pairs add nothing";
}

}  // namespace
}  // namespace fieldseal::node
