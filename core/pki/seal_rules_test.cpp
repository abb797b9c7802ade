// SPDX-License-Identifier: Apache-2.0
#include "core/pki/seal_rules.h"

#include "tests/support/stamp_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::pki {
namespace {

using testing::CertificatePlan;
using ::testing::HasSubstr;
using testing::StampKey;

CertificatePlan plan_of(const std::string& subject, StampKey key, const std::string& issuer,
                        StampKey issuer_key, bool is_authority) {
    CertificatePlan plan;
    plan.subject = subject;
    plan.key = std::move(key);
    plan.issuer = issuer;
    plan.issuer_key = std::move(issuer_key);
    plan.from_s = 1'780'000'000;
    plan.until_s = 1'790'000'000;
    plan.is_authority = is_authority;
    return plan;
}

Certificate made(const CertificatePlan& plan) {
    return *Certificate::parse(make_certificate(plan));
}

class SealRules : public ::testing::Test {
protected:
    StampKey root_key_ = StampKey::p256(0x61);
    StampKey middle_key_ = StampKey::p256(0x62);
    StampKey seal_key_ = StampKey::secp256k1(0x63);
    Certificate root_ = made(plan_of("Root", root_key_, "Root", root_key_, true));
    Certificate middle_ = made(plan_of("Middle", middle_key_, "Root", root_key_, true));
    Certificate leaf_ = made(plan_of("Permits", seal_key_, "Middle", middle_key_, false));
    PublicKey key_ = *leaf_.public_key();

    std::string refusal(const std::vector<Certificate>& chain) const {
        const auto checked = check_seal_chain(chain, key_);
        return checked.ok() ? std::string() : checked.error().message;
    }
};

TEST_F(SealRules, AChainIsTheSealsOwnAndThenItsIssuers) {
    EXPECT_EQ(refusal({leaf_}), "");
    EXPECT_EQ(refusal({leaf_, middle_}), "");
    EXPECT_EQ(refusal({leaf_, middle_, root_}), "");
}

TEST_F(SealRules, OtherOrdersAndStrangersAreNamed) {
    EXPECT_THAT(refusal({}), HasSubstr("no certificate"));
    EXPECT_THAT(refusal({middle_, leaf_}), HasSubstr("the seal's own certificate comes first"));
    EXPECT_THAT(refusal({leaf_, root_}), HasSubstr("\"CN=Root\" did not issue the one before"));
    EXPECT_THAT(refusal({leaf_, middle_, leaf_}), HasSubstr("is no authority's"));
    // The same name and another key.
    const Certificate twin = made(plan_of("Middle", StampKey::p256(0x64), "Root", root_key_, true));
    EXPECT_THAT(refusal({leaf_, twin}), HasSubstr("did not issue"));
    const Certificate other =
        made(plan_of("Permits", StampKey::p256(0x65), "Middle", middle_key_, false));
    EXPECT_THAT(refusal({other}), HasSubstr("another key"));
}

TEST_F(SealRules, AnAuthoritysCertificateStandsForNoSeal) {
    const Certificate authority = made(plan_of("Permits", seal_key_, "Middle", middle_key_, true));
    EXPECT_THAT(refusal({authority}), HasSubstr("an authority's"));
}

}  // namespace
}  // namespace fieldseal::pki
