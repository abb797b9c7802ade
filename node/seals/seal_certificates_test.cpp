// SPDX-License-Identifier: Apache-2.0
// Certificates of seals in a real node: when they are taken, and which statements name them.
#include "node/seals/seal_certificates.h"

#include "core/statement.h"
#include "node/people/audited_routes.h"
#include "tests/support/in_process_node.h"
#include "tests/support/stamp_maker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;
using testing::InProcessNode;

constexpr std::int64_t kHour_s = 3600;

class SealCertificatesTest : public ::testing::Test {
protected:
    // For the seal "default", from and until so many seconds from now.
    Bytes leaf(std::int64_t from_s, std::int64_t until_s) const {
        testing::CertificatePlan plan;
        plan.subject = "Permits";
        plan.issuer = "CA";
        plan.spki = node_.seals->find("default")->key.spki();
        plan.from_s = node_.clock.now_s() + from_s;
        plan.until_s = node_.clock.now_s() + until_s;
        return testing::make_certificate(plan);
    }
    Result<json::Value> import(const Bytes& der) {
        return certificates_.set_certificates("default", testing::to_pem(der));
    }
    // As time does it: the certificate was good when it came.
    void give(const Bytes& der) {
        const auto given =
            node_.seals->update({"default"}, [&](std::vector<SealRecord>& seals, store::Batch&) {
                seals.front().certificates = {der};
                seals.front().leaf = read_leaf(der);
                return Result<void>();
            });
        ASSERT_TRUE(given.ok()) << given.error().message;
    }
    // What a statement made now names.
    std::optional<Digest> named() {
        const auto sealed = node_.seal("document " + std::to_string(documents_++));
        EXPECT_TRUE(sealed.ok());
        const auto statement = parse_statement(sealed->record.cose);
        EXPECT_TRUE(statement.ok());
        return statement->claims.certificate;
    }

    InProcessNode node_;
    CertificateFiles files_{node_.config.data_dir};
    SealCertificates certificates_{{*node_.identity, *node_.seals, *node_.seal_keys,
                                    *node_.keys.keystore, *node_.manager, *node_.status, files_,
                                    node_.clock}};
    int documents_ = 0;
};

TEST_F(SealCertificatesTest, StatementsNameACertificateThatHasBegunAndHasNotEnded) {
    EXPECT_EQ(named(), std::nullopt);
    const Bytes good = leaf(-kHour_s, kHour_s);
    ASSERT_TRUE(import(good).ok());
    EXPECT_EQ(named(), sha256(good));
    // The row has no dates: they are read again.
    const auto again = decode_seal(encode_seal(*node_.seals->find("default")));
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, *node_.seals->find("default"));
}

TEST_F(SealCertificatesTest, ACertificateIsTakenOnlyWithinItsTime) {
    const auto early = import(leaf(kHour_s, 2 * kHour_s));
    EXPECT_EQ(early.error().code, Errc::invalid_argument);
    EXPECT_THAT(early.error().message, HasSubstr("begins on"));
    const auto late = import(leaf(-2 * kHour_s, -kHour_s));
    EXPECT_EQ(late.error().code, Errc::invalid_argument);
    EXPECT_THAT(late.error().message, HasSubstr("ended on"));
    EXPECT_EQ(named(), std::nullopt);
}

TEST_F(SealCertificatesTest, StatementsMadeAfterItEndedDoNotNameIt) {
    give(leaf(-2 * kHour_s, kHour_s));
    EXPECT_NE(named(), std::nullopt);
    give(leaf(-2 * kHour_s, -kHour_s));
    EXPECT_EQ(named(), std::nullopt);
}

TEST_F(SealCertificatesTest, ASealThatIsOverRequestsNoCertificate) {
    const api::CertificateName name{"Permits", "", ""};
    ASSERT_TRUE(certificates_.certificate_request("default", name).ok());
    ASSERT_TRUE(
        node_.manager
            ->act(console_caller(), "default", {api::SealAction::compromise, "lost", std::nullopt})
            .ok());
    const auto refused = certificates_.certificate_request("default", name);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_EQ(refused.error().problem, kSealStateProblem);
    EXPECT_THAT(refused.error().message, HasSubstr("compromised"));
}

}  // namespace
}  // namespace fieldseal::node
