// SPDX-License-Identifier: Apache-2.0
// One seal, one authority, and the moments that matter: the certificate lives from kBegin to kEnd.
#include "verify/seal_certificate.h"

#include "core/encoding.h"
#include "tests/support/stamp_maker.h"

#include <gtest/gtest.h>

namespace fieldseal::verify {
namespace {

using testing::CertificatePlan;
using testing::CrlPlan;
using testing::StampKey;

constexpr std::int64_t kBegin = 1'780'000'000;
constexpr std::int64_t kEnd = 1'790'000'000;
constexpr std::int64_t kMiddle = 1'785'000'000;
constexpr std::int64_t kCaEnd = 1'900'000'000;
constexpr std::string_view kOrigin = "works.example/office-7/1";
constexpr std::string_view kDocumentSigning = "1.3.6.1.5.5.7.3.36";

CertificatePlan ca_plan() {
    CertificatePlan plan;
    plan.subject = "Ministry CA";
    plan.issuer = "Ministry CA";
    plan.key = plan.issuer_key = StampKey::p256(0x51);
    plan.from_s = kBegin - 1000;
    plan.until_s = kCaEnd;
    plan.is_authority = true;
    return plan;
}

CertificatePlan leaf_plan(StampKey key = StampKey::p256(0x52)) {
    CertificatePlan plan;
    plan.subject = "Permits";
    plan.issuer = "Ministry CA";
    plan.issuer_key = StampKey::p256(0x51);
    plan.key = std::move(key);
    plan.serial = 7;
    plan.from_s = kBegin;
    plan.until_s = kEnd;
    plan.usages = {kDocumentSigning};
    return plan;
}

Bytes crl(std::int64_t at_s, std::vector<testing::RevokedPlan> revoked = {}) {
    CrlPlan plan;
    plan.issuer = "Ministry CA";
    plan.issuer_key = StampKey::p256(0x51);
    plan.this_update_s = at_s;
    plan.revoked = std::move(revoked);
    return make_crl(plan);
}

struct Scene {
    Scene() { use(leaf_plan()); }

    void use(const CertificatePlan& leaf) {
        evidence.certificates = {make_certificate(leaf)};
        claims.certificate = sha256(evidence.certificates.front());
        claims.kid = pki::Certificate::parse(evidence.certificates.front())->public_key()->kid();
    }
    SealCertificates read() const { return read_seal_certificates(evidence, claims); }
    Reason judge() const {
        const auto certificates = read();
        EXPECT_EQ(certificates.reason, Reason::ok) << certificates.message;
        if (!certificates.key) return certificates.reason;
        return judge_certified_seal(certificates, evidence.crls, trust, kOrigin, times).reason;
    }
    static Trust trust_of(const CertificatePlan& ca) {
        Trust trust;
        trust.seal_authorities.push_back({.roots = {make_certificate(ca)},
                                          .origins = {std::string(kOrigin)},
                                          .iss = {},
                                          .purposes = {},
                                          .policies = {},
                                          .revocation = RevocationDemand::none,
                                          .subject = "Ministry"});
        return trust;
    }

    Evidence evidence;
    StatementClaims claims;
    Trust trust = trust_of(ca_plan());
    ProvenTimes times{kMiddle - 100, kMiddle};
};

TEST(SealCertificate, LeadsToAnAuthorityAtTheProvenTime) {
    EXPECT_EQ(Scene().judge(), Reason::ok);
}

TEST(SealCertificate, ItsOwnKeyMayBeOneThatVouchesForNothing) {
    Scene scene;
    for (const StampKey& key : {StampKey::secp256k1(0x53), StampKey::ed25519(0x53)}) {
        scene.use(leaf_plan(key));
        EXPECT_EQ(scene.judge(), Reason::ok);
    }
}

TEST(SealCertificate, BelongsToTheStatement) {
    Scene scene;
    EXPECT_EQ(scene.read().reason, Reason::ok);
    scene.claims.certificate.reset();
    EXPECT_EQ(scene.read().reason, Reason::certificate_unreferenced);
    scene.claims.certificate = sha256(Bytes{1});
    EXPECT_EQ(scene.read().reason, Reason::certificate_mismatch);
    scene = Scene();
    scene.claims.kid[0] ^= 1;
    EXPECT_EQ(scene.read().reason, Reason::certificate_mismatch);
    scene = Scene();
    scene.evidence.certificates.push_back(Bytes{0x30, 0});
    EXPECT_EQ(scene.read().reason, Reason::certificate_malformed);
    scene = Scene();
    scene.evidence.certificates.clear();
    EXPECT_EQ(scene.read().reason, Reason::ok) << "a pinned seal needs none";
    EXPECT_FALSE(scene.read().key);
    scene.evidence.crls.push_back(crl(kMiddle));
    EXPECT_EQ(scene.read().reason, Reason::certificate_unreferenced);
}

TEST(SealCertificate, AnotherAuthorityKnowsNothingOfIt) {
    Scene scene;
    CertificatePlan other = ca_plan();
    other.key = other.issuer_key = StampKey::p256(0x54);
    scene.trust = Scene::trust_of(other);
    EXPECT_EQ(scene.judge(), Reason::seal_unknown);
    // And does not speak against what a second one knows.
    scene.trust.seal_authorities.push_back(Scene::trust_of(ca_plan()).seal_authorities.front());
    EXPECT_EQ(scene.judge(), Reason::ok);
}

TEST(SealCertificate, IsForTheLogsThatTheTrustFileSays) {
    Scene scene;
    scene.trust.seal_authorities.front().origins = {"other.example/office-1/1"};
    EXPECT_EQ(scene.judge(), Reason::seal_not_authorised);
}

TEST(SealCertificate, HasThePurposesThatAreAskedFor) {
    Scene scene;
    scene.trust.seal_authorities.front().purposes = {std::string(kDocumentSigning)};
    EXPECT_EQ(scene.judge(), Reason::ok);
    scene.trust.seal_authorities.front().purposes = {"1.3.6.1.5.5.7.3.8"};
    EXPECT_EQ(scene.judge(), Reason::certificate_purpose);
    scene.trust.seal_authorities.front().purposes.clear();
    scene.trust.seal_authorities.front().policies = {"1.2.3"};
    EXPECT_EQ(scene.judge(), Reason::certificate_purpose);
    scene.trust.seal_authorities.front().policies.clear();
    CertificatePlan authority = leaf_plan();
    authority.is_authority = true;
    scene.use(authority);
    EXPECT_EQ(scene.judge(), Reason::certificate_purpose);
}

TEST(SealCertificate, WaitsForAProvenTime) {
    Scene scene;
    scene.times = {kMiddle, std::nullopt};
    EXPECT_EQ(scene.judge(), Reason::certificate_time_unproven);
}

TEST(SealCertificate, IsJudgedByTheIntervalAndItsLife) {
    struct Case {
        std::optional<std::int64_t> not_before;
        std::int64_t not_after;
        Reason reason;
    };
    for (const Case& each : {
             Case{kBegin + 1, kEnd - 1, Reason::ok},
             Case{std::nullopt, kEnd - 1, Reason::ok},
             Case{kEnd - 1, kEnd + 1, Reason::certificate_window},
             Case{std::nullopt, kEnd + 1, Reason::certificate_window},
             Case{kEnd + 1, kEnd + 2, Reason::certificate_out_of_time},
             Case{kBegin - 10, kBegin - 1, Reason::certificate_out_of_time},
             Case{std::nullopt, kBegin - 1, Reason::certificate_out_of_time},
             Case{kBegin - 10, kBegin + 1, Reason::ok},
         }) {
        Scene scene;
        scene.times = {each.not_before, each.not_after};
        EXPECT_EQ(scene.judge(), each.reason)
            << each.not_before.value_or(0) << " " << each.not_after;
    }
}

TEST(SealCertificate, RevocationCountsWithinAndBeforeTheInterval) {
    struct Case {
        std::int64_t revoked_s;
        Reason reason;
    };
    for (const Case& each :
         {Case{kMiddle - 200, Reason::certificate_revoked},
          Case{kMiddle - 101, Reason::certificate_revoked},
          Case{kMiddle - 100, Reason::certificate_window},
          Case{kMiddle - 50, Reason::certificate_window}, Case{kMiddle, Reason::certificate_window},
          Case{kMiddle + 1, Reason::ok}}) {
        Scene scene;
        scene.evidence.crls = {crl(kMiddle + 1000, {{7, each.revoked_s, std::nullopt}})};
        EXPECT_EQ(scene.judge(), each.reason) << each.revoked_s;
    }
    Scene other;
    other.evidence.crls = {crl(kMiddle + 1000, {{8, kMiddle - 200, std::nullopt}})};
    EXPECT_EQ(other.judge(), Reason::ok) << "somebody else's certificate";
}

TEST(SealCertificate, WhereRevocationIsAskedForAListMustBeNewEnough) {
    Scene scene;
    scene.trust.seal_authorities.front().revocation = RevocationDemand::required;
    EXPECT_EQ(scene.judge(), Reason::certificate_status_unknown);
    scene.evidence.crls = {crl(kMiddle - 1)};
    EXPECT_EQ(scene.judge(), Reason::certificate_status_unknown);
    scene.evidence.crls = {crl(kMiddle)};
    EXPECT_EQ(scene.judge(), Reason::ok);
    // A stranger's list is no list, and no harm.
    CrlPlan strange;
    strange.issuer = "Ministry CA";
    strange.issuer_key = StampKey::p256(0x55);
    strange.this_update_s = kMiddle + 1;
    strange.revoked = {{7, kMiddle - 200, std::nullopt}};
    scene.evidence.crls = {make_crl(strange), Bytes{1, 2, 3}};
    EXPECT_EQ(scene.judge(), Reason::certificate_status_unknown);
    scene.evidence.crls.push_back(crl(kMiddle));
    EXPECT_EQ(scene.judge(), Reason::ok);
}

}  // namespace
}  // namespace fieldseal::verify
