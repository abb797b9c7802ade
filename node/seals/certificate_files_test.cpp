// SPDX-License-Identifier: Apache-2.0
#include "node/seals/certificate_files.h"

#include "core/encoding.h"
#include "tests/support/stamp_maker.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fieldseal::node {
namespace {

using testing::CertificatePlan;
using testing::CrlPlan;
using testing::StampKey;

pki::Certificate certificate(std::uint64_t serial) {
    CertificatePlan plan;
    plan.subject = "Permits";
    plan.issuer = "CA";
    plan.serial = serial;
    plan.from_s = 1'780'000'000;
    plan.until_s = 1'790'000'000;
    return *pki::Certificate::parse(make_certificate(plan));
}

pki::Crl crl(const std::string& issuer, std::int64_t at_s) {
    CrlPlan plan;
    plan.issuer = issuer;
    plan.this_update_s = at_s;
    return *pki::Crl::parse(make_crl(plan));
}

class CertificateFilesTest : public ::testing::Test {
protected:
    fieldseal::testing::TempDirectory directory_;
    CertificateFiles files_{directory_.path()};
};

TEST_F(CertificateFilesTest, KeepChainsByTheirLeaf) {
    const std::vector<pki::Certificate> first = {certificate(1), certificate(2)};
    const std::vector<pki::Certificate> second = {certificate(3)};
    ASSERT_TRUE(files_.put_chain(first).ok());
    ASSERT_TRUE(files_.put_chain(second).ok());
    const auto found = files_.chain(first.front().sha256());
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_EQ(**found, (std::vector<Bytes>{first[0].der(), first[1].der()}));
    EXPECT_TRUE(*files_.chain(second.front().sha256()));
    EXPECT_FALSE(*files_.chain(certificate(4).sha256()));
    EXPECT_FALSE(files_.put_chain({}).ok());
}

TEST_F(CertificateFilesTest, ADamagedChainIsSaid) {
    const std::vector<pki::Certificate> chain = {certificate(1)};
    ASSERT_TRUE(files_.put_chain(chain).ok());
    const std::string path =
        directory_ / ("certificates/" + hex_encode(chain.front().sha256()) + ".pem");
    std::ofstream(path) << "-----BEGIN";
    EXPECT_FALSE(files_.chain(chain.front().sha256()).ok());
}

TEST_F(CertificateFilesTest, KeepTheNewestListOfEachIssuer) {
    const std::vector<Bytes> chain = {certificate(1).der()};
    EXPECT_TRUE(files_.crls_for(chain, 8)->empty());
    ASSERT_TRUE(files_.put_crl(crl("CA", 1'785'000'000)).ok());
    ASSERT_TRUE(files_.put_crl(crl("Other", 1'785'000'000)).ok());
    ASSERT_TRUE(files_.put_crl(crl("CA", 1'786'000'000)).ok());
    EXPECT_EQ(files_.put_crl(crl("CA", 1'784'000'000)).error().code, Errc::conflict);
    EXPECT_EQ(*files_.crls_for(chain, 8), std::vector<Bytes>{crl("CA", 1'786'000'000).der()});
    EXPECT_TRUE(files_.crls_for(chain, 0)->empty());
}

}  // namespace
}  // namespace fieldseal::node
