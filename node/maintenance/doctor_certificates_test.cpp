// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/doctor.h"
#include "node/people/audited_routes.h"
#include "node/seals/seal_manager.h"
#include "tests/support/in_process_node.h"
#include "tests/support/stamp_maker.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kHour_s = 3600;

TEST(DoctorCertificates, SaysWhichSealThatStillSealsHasOneThatEnded) {
    testing::InProcessNode node;
    const auto give = [&](std::int64_t until_s) {
        testing::CertificatePlan plan;
        plan.subject = "Permits";
        plan.issuer = "CA";
        plan.from_s = node.clock.now_s() - 2 * kHour_s;
        plan.until_s = node.clock.now_s() + until_s;
        const Bytes der = testing::make_certificate(plan);
        const auto given =
            node.seals->update({"default"}, [&](std::vector<SealRecord>& seals, store::Batch&) {
                seals.front().certificates = {der};
                return Result<void>();
            });
        ASSERT_TRUE(given.ok()) << given.error().message;
    };
    const auto diagnoses = [&] {
        return examine_certificates(*node.store, *node.identity, *node.keys.status, node.clock);
    };
    EXPECT_TRUE(diagnoses().empty());
    give(kHour_s);
    EXPECT_TRUE(diagnoses().empty());
    give(-kHour_s);
    const auto found = diagnoses();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].health, Health::notice);
    EXPECT_NE(found[0].finding.find("ended on"), std::string::npos);
    EXPECT_NE(found[0].fix.find("seal-key csr default"), std::string::npos);
    // A seal that is over needs none.
    const auto retired = node.manager->act(console_caller(), "default",
                                           {api::SealAction::retire, "over", std::nullopt});
    ASSERT_TRUE(retired.ok()) << retired.error().message;
    EXPECT_TRUE(diagnoses().empty());
}

}  // namespace
}  // namespace fieldseal::node
