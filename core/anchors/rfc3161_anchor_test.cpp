// SPDX-License-Identifier: Apache-2.0
// The order of the checks and what each refusal is called. Whole evidence files are in
// tests/vectors/tsa.
#include "core/anchors/rfc3161_anchor.h"

#include "core/hash.h"
#include "tests/support/der_writer.h"
#include "tests/support/stamp_scene.h"
#include "tests/support/time_text.h"

#include <gtest/gtest.h>

namespace fieldseal::anchors {
namespace {

using testing::make_token;
using testing::post_pin;
using testing::post_token;
using testing::StampHash;
using testing::StampKey;
using testing::TokenPlan;

const Digest kDigest = sha256(as_bytes("a checkpoint"));

JudgedToken judge(const TokenPlan& plan, const TrustedTsa& tsa = post_pin()) {
    const Bytes token = make_token(plan);
    const TrustedTsa tsas[] = {tsa};
    return judge_token({token, kDigest}, tsas);
}

Finding finding_after(const std::function<void(TokenPlan&)>& edit,
                      const TrustedTsa& tsa = post_pin()) {
    TokenPlan plan = post_token(kDigest);
    edit(plan);
    return judge(plan, tsa).finding;
}

TEST(Rfc3161Anchor, HonestTokenProvesItsTimeWithItsAccuracy) {
    const JudgedToken judged = judge(post_token(kDigest));
    ASSERT_EQ(judged.finding, Finding::proven) << judged.message;
    EXPECT_EQ(judged.time_s, testing::kStamped_s);
    EXPECT_EQ(judged.not_before_s, testing::kStamped_s - 1);
    EXPECT_EQ(judged.not_after_s, testing::kStamped_s + 1);
    EXPECT_EQ(judged.source, "CN=Post Time Stamps");
    EXPECT_EQ(judged.operated_by, "Post");
}

TEST(Rfc3161Anchor, EveryKeyAndDigestThatMayVouchDoes) {
    for (const StampHash hash : {StampHash::sha256, StampHash::sha384, StampHash::sha512}) {
        for (const StampKey& key :
             {StampKey::p256(0x41), StampKey::p384(0x42), StampKey::rsa(0x43)}) {
            EXPECT_EQ(finding_after([&](TokenPlan& plan) {
                          plan.hash = hash;
                          plan.signer.key = key;
                      }),
                      Finding::proven);
        }
    }
}

TEST(Rfc3161Anchor, WeakOrAmbiguousAlgorithmsAreRefused) {
    EXPECT_EQ(finding_after([](TokenPlan& plan) { plan.hash = StampHash::sha1; }),
              Finding::tsa_algorithm_refused);
    EXPECT_EQ(finding_after([](TokenPlan& plan) { plan.signer.hash = StampHash::sha1; }),
              Finding::tsa_algorithm_refused);
    for (const StampKey& key :
         {StampKey::ed25519(0x41), StampKey::secp256k1(0x42), StampKey::rsa(0x43, 1024)}) {
        EXPECT_EQ(finding_after([&](TokenPlan& plan) { plan.signer.key = key; }),
                  Finding::tsa_algorithm_refused);
    }
}

TEST(Rfc3161Anchor, EachRefusalHasItsName) {
    const auto expect = [](Finding finding, const std::function<void(TokenPlan&)>& edit) {
        EXPECT_EQ(finding_after(edit), finding) << static_cast<int>(finding);
    };
    expect(Finding::tsa_imprint_mismatch, [](TokenPlan& plan) { plan.imprint[0] ^= 1; });
    expect(Finding::tsa_imprint_mismatch,
           [](TokenPlan& plan) { plan.imprint_hash = StampHash::sha512; });
    expect(Finding::tsa_certificate_missing,
           [](TokenPlan& plan) { plan.with_certificate = false; });
    expect(Finding::tsa_signature_invalid,
           [](TokenPlan& plan) { plan.edit_signature = [](Bytes& s) { s.back() ^= 1; }; });
    expect(Finding::tsa_signature_invalid,
           [](TokenPlan& plan) { plan.edit_content = [](Bytes& info) { info.back() ^= 1; }; });
    expect(Finding::tsa_usage_mismatch, [](TokenPlan& plan) { plan.signer.usages.clear(); });
    expect(Finding::tsa_usage_mismatch,
           [](TokenPlan& plan) { plan.signer.usages_are_critical = false; });
    expect(Finding::tsa_usage_mismatch,
           [](TokenPlan& plan) { plan.signer.usages.push_back(testing::kCodeSigningUsage); });
    expect(Finding::tsa_certificate_expired,
           [](TokenPlan& plan) { plan.signer.until_s = testing::kStamped_s - 1; });
    expect(Finding::tsa_certificate_expired,
           [](TokenPlan& plan) { plan.signer.from_s = testing::kStamped_s + 1; });
    expect(Finding::tsa_unknown, [](TokenPlan& plan) { plan.signer.issuer = "Nobody Root CA"; });
    expect(Finding::tsa_chain_invalid,
           [](TokenPlan& plan) { plan.signer.issuer_key = StampKey::p256(0x66); });
    expect(Finding::tsa_policy_not_allowed, [](TokenPlan& plan) { plan.policy = "1.2.3"; });
    expect(Finding::tsa_signer_mismatch,
           [](TokenPlan& plan) { plan.named = {testing::make_certificate(testing::post_root())}; });
    expect(Finding::tsa_signer_mismatch, [](TokenPlan& plan) {
        plan.edit_attributes = [](std::vector<Bytes>& attributes) { attributes.pop_back(); };
    });
    expect(Finding::tsa_accuracy_unknown, [](TokenPlan& plan) { plan.accuracy.reset(); });
    expect(Finding::tsa_accuracy_unknown,
           [](TokenPlan& plan) { plan.accuracy = testing::AccuracyPlan{86401, {}, {}}; });
}

TEST(Rfc3161Anchor, TokenThatIsNoneIsMalformed) {
    const auto expect = [](const std::function<void(TokenPlan&)>& edit) {
        EXPECT_EQ(finding_after(edit), Finding::malformed);
    };
    expect([](TokenPlan& plan) { plan.version = 2; });
    expect([](TokenPlan& plan) { plan.signers = 2; });
    expect([](TokenPlan& plan) { plan.signers = 0; });
    expect([](TokenPlan& plan) { plan.imprint.pop_back(); });
    expect([](TokenPlan& plan) { plan.time = "20260101000000"; });
    expect([](TokenPlan& plan) { plan.time = "20260101000000.10Z"; });
    expect([](TokenPlan& plan) { plan.time = "20260230000000Z"; });
    expect([](TokenPlan& plan) { plan.accuracy = testing::AccuracyPlan{1, 1000, {}}; });
    expect([](TokenPlan& plan) {
        plan.edit_attributes = [](std::vector<Bytes>& attributes) { attributes.clear(); };
    });
    expect([](TokenPlan& plan) {
        plan.extensions = testing::der_sequence(
            {testing::der_oid("1.2.3"), testing::der_true(), testing::der_octets(Bytes{5, 0})});
    });
    const TrustedTsa tsas[] = {post_pin()};
    Bytes longer = make_token(post_token(kDigest));
    longer.push_back(0);
    EXPECT_EQ(judge_token({longer, kDigest}, tsas).finding, Finding::malformed);
    for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, longer.size() / 2}) {
        const ByteView part = ByteView(longer).first(cut);
        EXPECT_EQ(judge_token({part, kDigest}, tsas).finding, Finding::malformed);
    }
}

TEST(Rfc3161Anchor, BoundsGoOutwardToWholeSeconds) {
    TokenPlan plan = post_token(kDigest);
    plan.time = testing::generalized_time(testing::kStamped_s);
    plan.time.insert(plan.time.size() - 1, ".25");
    plan.accuracy = testing::AccuracyPlan{{}, 500, 1};
    const JudgedToken judged = judge(plan);
    EXPECT_EQ(judged.not_before_s, testing::kStamped_s - 1);
    EXPECT_EQ(judged.not_after_s, testing::kStamped_s + 1);
}

TEST(Rfc3161Anchor, TrustFilesAccuracyCountsOnlyWhenTheTokenSaysNone) {
    TrustedTsa tsa = post_pin();
    tsa.accuracy_default_s = 30;
    TokenPlan plan = post_token(kDigest);
    EXPECT_EQ(judge(plan, tsa).not_after_s, testing::kStamped_s + 1);
    plan.accuracy.reset();
    EXPECT_EQ(judge(plan, tsa).not_after_s, testing::kStamped_s + 30);
}

TEST(Rfc3161Anchor, NoPoliciesMeansAnyAndNoOperatorMeansTheRoot) {
    TrustedTsa tsa = post_pin();
    tsa.policies.clear();
    tsa.operated_by.reset();
    TokenPlan plan = post_token(kDigest);
    plan.policy = "1.2.3";
    const JudgedToken judged = judge(plan, tsa);
    EXPECT_EQ(judged.finding, Finding::proven) << judged.message;
    EXPECT_EQ(judged.operated_by.substr(0, 4), "tsa ");
    EXPECT_EQ(judged.operated_by.size(), 20U);
}

// An intermediate beside the token, or as a pin of its own.
TEST(Rfc3161Anchor, IntermediateMayStandBesideOrBePinned) {
    testing::CertificatePlan middle = testing::post_root();
    middle.subject = "Post Sub CA";
    middle.key = StampKey::p384(0x51);
    TokenPlan plan = post_token(kDigest);
    plan.signer.issuer = middle.subject;
    plan.signer.issuer_key = middle.key;
    const Bytes token = make_token(plan);
    const std::vector<Bytes> beside = {testing::make_certificate(middle)};
    TrustedTsa tsas[] = {post_pin()};
    EXPECT_EQ(judge_token({token, kDigest}, tsas).finding, Finding::tsa_unknown);
    EXPECT_EQ(judge_token({token, kDigest, beside}, tsas).finding, Finding::proven);
    tsas[0].roots = beside;
    EXPECT_EQ(judge_token({token, kDigest}, tsas).finding, Finding::proven);
}

TEST(Rfc3161Anchor, RevocationTakesTokensWithItUnlessTheKeyWasRetiredLater) {
    const Bytes token = make_token(post_token(kDigest));
    const TrustedTsa tsas[] = {post_pin()};
    const auto with_crl = [&](std::uint64_t serial, std::int64_t at_s,
                              std::optional<std::uint8_t> reason) {
        const std::vector<Bytes> crls = {testing::make_crl({std::string(testing::kPostRoot),
                                                            testing::post_root().key,
                                                            testing::kStamped_s + 86400,
                                                            {{serial, at_s, reason}}})};
        return judge_token({token, kDigest, {}, crls}, tsas).finding;
    };
    constexpr std::uint8_t kKeyCompromise = 1;
    constexpr std::uint8_t kSuperseded = 4;
    const std::uint64_t serial = testing::post_tsa().serial;
    const std::int64_t later_s = testing::kStamped_s + 3600;
    EXPECT_EQ(with_crl(serial + 1, later_s, {}), Finding::proven);
    EXPECT_EQ(with_crl(serial, later_s, kSuperseded), Finding::proven);
    EXPECT_EQ(with_crl(serial, testing::kStamped_s, kSuperseded), Finding::tsa_certificate_revoked);
    EXPECT_EQ(with_crl(serial, later_s, kKeyCompromise), Finding::tsa_certificate_revoked);
    EXPECT_EQ(with_crl(serial, later_s, {}), Finding::tsa_certificate_revoked);
    const std::vector<Bytes> strange = {testing::make_crl(
        {std::string(testing::kPostRoot), StampKey::p256(0x66), testing::kStamped_s, {}})};
    EXPECT_EQ(judge_token({token, kDigest, {}, strange}, tsas).finding, Finding::malformed);
}

TEST(Rfc3161Anchor, MembersAreExactlyThese) {
    const Rfc3161Anchor anchor{make_token(post_token(kDigest)), {Bytes{1}}, {Bytes{2}}};
    const auto again = parse_rfc3161_anchor(to_anchor(anchor));
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(*again, anchor);
    Anchor more = to_anchor(anchor);
    more.members.set("nonce", 1);
    EXPECT_FALSE(parse_rfc3161_anchor(more).ok());
    Anchor empty_list = to_anchor(Rfc3161Anchor{{1}, {}, {}});
    empty_list.members.set("crls", json::Value::array());
    EXPECT_FALSE(parse_rfc3161_anchor(empty_list).ok());
}

}  // namespace
}  // namespace fieldseal::anchors
