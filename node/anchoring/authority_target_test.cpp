// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/authority_target.h"

#include "core/anchors/rfc3161_anchor.h"
#include "core/hash.h"
#include "node/custody/private_file.h"
#include "tests/support/stamp_scene.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

Config::Target target_in(const std::string& directory) {
    Config::Target target;
    target.kind = TargetKind::rfc3161;
    target.name = "post";
    target.url = "https://tsa.example.org/rfc3161";
    target.roots_file = directory + "/roots.pem";
    target.policies = {std::string(testing::kPostPolicy)};
    target.accuracy_default_s = 3;
    return target;
}

const std::string& root_pem() {
    static const std::string pem = testing::to_pem(testing::make_certificate(testing::post_root()));
    return pem;
}

TEST(AuthorityTarget, SettingsHoldWhatAVerifierWouldPin) {
    const testing::TempDirectory directory;
    const Config::Target target = target_in(directory / "");
    ASSERT_TRUE(write_private_file(target.roots_file, as_bytes(root_pem())).ok());
    const auto settings = authority_settings(target);
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    EXPECT_EQ(settings->authority.roots, testing::post_pin().roots);
    EXPECT_EQ(settings->authority.policies, target.policies);
    EXPECT_EQ(settings->authority.accuracy_default_s, 3);
    EXPECT_TRUE(settings->auth_headers.empty());
}

TEST(AuthorityTarget, MissingOrWrongRootsAreNamed) {
    const testing::TempDirectory directory;
    const Config::Target target = target_in(directory / "");
    const auto missing = authority_settings(target);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_NE(missing.error().message.find("roots.pem"), std::string::npos);
    ASSERT_TRUE(write_private_file(target.roots_file, as_bytes("no certificate")).ok());
    EXPECT_EQ(authority_settings(target).error().code, Errc::invalid_argument);
}

TEST(AuthorityTarget, SecretIsNotSentInTheClear) {
    const testing::TempDirectory directory;
    Config::Target target = target_in(directory / "");
    target.auth_file = directory / "auth";
    ASSERT_TRUE(
        write_private_file(target.auth_file, as_bytes("Authorization: Basic dXNlcjpwYXNz\n")).ok());
    const auto settings = authority_settings(target, root_pem());
    ASSERT_TRUE(settings.ok()) << settings.error().message;
    ASSERT_EQ(settings->auth_headers.size(), 1U);
    EXPECT_EQ(settings->auth_headers[0].second, "Basic dXNlcjpwYXNz");
    target.url = "http://tsa.example.org/rfc3161";
    EXPECT_FALSE(authority_settings(target, root_pem()).ok());
}

TEST(AuthorityTarget, NoncesAreFreshAndLongEnough) {
    EXPECT_EQ(draw_stamp_nonce().size(), anchor::kStampNonceBytes);
    EXPECT_NE(draw_stamp_nonce(), draw_stamp_nonce());
}

TEST(AuthorityTarget, TokensInPiecesAreFloors) {
    const Bytes token = testing::make_token(testing::post_token(sha256(as_bytes("a checkpoint"))));
    anchor::AnchorPieces pieces;
    EXPECT_TRUE(tokens_in(pieces, 0).empty());
    pieces.anchors_json =
        to_json(std::vector{anchors::to_anchor(anchors::Rfc3161Anchor{token, {}, {}})});
    const auto tokens = tokens_in(pieces, 0);
    ASSERT_EQ(tokens.size(), 1U);
    EXPECT_EQ(tokens[0].token.token, token);
    EXPECT_EQ(tokens[0].not_before_s, testing::kStamped_s - 1);
}

TEST(AuthorityTarget, AFloorIsNoLaterThanATokenIsSureOf) {
    const auto floors = [](std::optional<testing::AccuracyPlan> accuracy, std::int64_t default_s) {
        testing::TokenPlan plan = testing::post_token(sha256(as_bytes("a checkpoint")));
        plan.accuracy = accuracy;
        anchor::AnchorPieces pieces;
        pieces.anchors_json = to_json(std::vector{
            anchors::to_anchor(anchors::Rfc3161Anchor{testing::make_token(plan), {}, {}})});
        return tokens_in(pieces, default_s);
    };
    const testing::AccuracyPlan nearly_a_day{86'100, {}, {}};
    ASSERT_EQ(floors(nearly_a_day, 3).size(), 1U);
    EXPECT_EQ(floors(nearly_a_day, 3)[0].not_before_s, testing::kStamped_s - 86'100);
    ASSERT_EQ(floors(std::nullopt, 3).size(), 1U);
    EXPECT_EQ(floors(std::nullopt, 3)[0].not_before_s, testing::kStamped_s - 3);
    EXPECT_TRUE(floors(std::nullopt, 0).empty());
}

}  // namespace
}  // namespace fieldseal::node
