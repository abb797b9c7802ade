// SPDX-License-Identifier: Apache-2.0
// Requests and replies; what a token is worth is in core/anchors/rfc3161_anchor_test.cpp.
#include "core/pki/time_stamp.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/pki/asn1_time.h"
#include "tests/support/der_writer.h"
#include "tests/support/stamp_scene.h"

#include <gtest/gtest.h>

namespace fieldseal::pki {
namespace {

using testing::make_reply;
using testing::ReplyPlan;

const Digest kDigest = sha256(as_bytes("a checkpoint"));

TEST(TimeStampRequest, IsTheDerOfRfc3161) {
    TimeStampRequest request{kDigest, Bytes(16, 0x81), "1.2.3"};
    const auto der = encode_request(request);
    ASSERT_TRUE(der.ok()) << der.error().message;
    const Bytes by_hand = testing::der_sequence(
        {testing::der_number(1),
         testing::der_sequence({testing::der_algorithm_null(oid_of(testing::StampHash::sha256)),
                                testing::der_octets(kDigest)}),
         testing::der_oid("1.2.3"), testing::der_number_of(request.nonce), testing::der_true()});
    EXPECT_EQ(*der, by_hand);
    request.policy.clear();
    EXPECT_LT(encode_request(request)->size(), der->size());
    request.nonce.resize(kNonceBytesMin - 1);
    EXPECT_FALSE(encode_request(request).ok());
}

TEST(TimeStampReply, GrantedGivesTheTokenAsReceived) {
    const Bytes token = testing::make_token(testing::post_token(kDigest));
    for (const std::uint8_t status : {std::uint8_t{0}, std::uint8_t{1}}) {
        const auto reply = parse_reply(make_reply({status, "", {}, token}));
        ASSERT_TRUE(reply.ok()) << reply.error().message;
        EXPECT_TRUE(reply->is_granted());
        EXPECT_EQ(reply->token, token);
    }
}

TEST(TimeStampReply, RejectionSaysWhy) {
    const auto reply = parse_reply(make_reply({2, "no such policy", 15, {}}));
    ASSERT_TRUE(reply.ok()) << reply.error().message;
    EXPECT_FALSE(reply->is_granted());
    EXPECT_EQ(reply->failures, std::vector<std::string>{"unacceptedPolicy"});
    EXPECT_EQ(reply->text, "no such policy");
    EXPECT_FALSE(reply->is_passing_trouble());
    EXPECT_TRUE(parse_reply(make_reply({2, "", 14, {}}))->is_passing_trouble());
    EXPECT_TRUE(parse_reply(make_reply({2, "", 25, {}}))->is_passing_trouble());
    EXPECT_TRUE(parse_reply(make_reply({3, "", {}, {}}))->is_passing_trouble());
}

TEST(TimeStampReply, OtherFormsAreRefused) {
    const Bytes token = testing::make_token(testing::post_token(kDigest));
    EXPECT_FALSE(parse_reply(make_reply({0, "", {}, {}})).ok());
    EXPECT_FALSE(parse_reply(make_reply({2, "", {}, token})).ok());
    EXPECT_FALSE(parse_reply(make_reply({6, "", {}, {}})).ok());
    EXPECT_FALSE(parse_reply(make_reply({0, "", {}, testing::der_joined({token, token})})).ok());
    Bytes reply = make_reply({0, "", {}, token});
    for (std::size_t size = 0; size < reply.size(); size += 41) {
        EXPECT_FALSE(parse_reply(ByteView(reply).first(size)).ok()) << size;
    }
    reply.push_back(0);
    EXPECT_FALSE(parse_reply(reply).ok());
    EXPECT_FALSE(parse_reply(as_bytes("<html>log in to the hotel's network</html>")).ok());
}

TEST(TimeStampToken, GivesItsNonceWithoutLeadingZeros) {
    testing::TokenPlan plan = testing::post_token(kDigest);
    plan.nonce = Bytes{0x00, 0x81, 0x02};
    const auto token = TimeStampToken::parse(testing::make_token(plan));
    ASSERT_TRUE(token.ok()) << token.error().message;
    EXPECT_EQ(token->nonce(), (Bytes{0x81, 0x02}));
    EXPECT_EQ(token->policy(), testing::kPostPolicy);
    EXPECT_EQ(token->certificates().size(), 1U);
}

TEST(GeneralizedTime, HasOneForm) {
    EXPECT_EQ(read_generalized_time("20260101000000Z")->seconds, 1767225600);
    EXPECT_EQ(read_generalized_time("20240229235959.5Z")->nanoseconds, 500'000'000);
    for (const char* text :
         {"", "Z", "20260101000000", "20260101000000+0100", "2026010100000Z", "20260101000000.Z",
          "20260101000000.10Z", "20260101000000,5Z", "20260101000060Z", "20260101240000Z",
          "20230229000000Z", "20261301000000Z", "19691231235959Z", "20260101000000.1234567891Z",
          " 20260101000000Z", "2026010100000aZ"}) {
        EXPECT_FALSE(read_generalized_time(text).has_value()) << text;
    }
}

TEST(Oid, HasOneText) {
    EXPECT_TRUE(is_oid("1.3.6.1.4.1.99999.1"));
    EXPECT_TRUE(is_oid("2.16.840.1"));
    for (const char* text : {"", "1", "1.", ".1.2", "1.2.03", "3.1.2", "sha256", "1.2 .3", "1,2"}) {
        EXPECT_FALSE(is_oid(text)) << text;
    }
}

}  // namespace
}  // namespace fieldseal::pki
