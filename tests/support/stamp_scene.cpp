// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stamp_scene.h"

#include "tests/support/time_text.h"

namespace fieldseal::testing {
namespace {

constexpr std::uint8_t kRootSeed = 0x31;
constexpr std::uint8_t kTsaSeed = 0x32;

}  // namespace

CertificatePlan post_root() {
    CertificatePlan plan;
    plan.subject = kPostRoot;
    plan.key = StampKey::p256(kRootSeed);
    plan.issuer = kPostRoot;
    plan.issuer_key = plan.key;
    plan.from_s = kStamped_s - 2 * kStampYear_s;
    plan.until_s = kStamped_s + 10 * kStampYear_s;
    plan.is_authority = true;
    return plan;
}

CertificatePlan post_tsa() {
    CertificatePlan plan;
    plan.subject = kPostTsa;
    plan.key = StampKey::p256(kTsaSeed);
    plan.issuer = kPostRoot;
    plan.issuer_key = StampKey::p256(kRootSeed);
    plan.serial = 7;
    plan.from_s = kStamped_s - kStampYear_s;
    plan.until_s = kStamped_s + kStampYear_s;
    plan.usages = {kTimeStampingUsage};
    return plan;
}

TokenPlan post_token(ByteView imprint, std::int64_t time_s) {
    TokenPlan plan;
    plan.policy = kPostPolicy;
    plan.imprint = to_bytes(imprint);
    plan.time = generalized_time(time_s);
    plan.signer = post_tsa();
    return plan;
}

TrustedTsa post_pin() {
    TrustedTsa tsa;
    tsa.roots = {make_certificate(post_root())};
    tsa.policies = {std::string(kPostPolicy)};
    tsa.operated_by = std::string(kPostOperator);
    return tsa;
}

}  // namespace fieldseal::testing
