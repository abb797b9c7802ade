// SPDX-License-Identifier: Apache-2.0
#include "node/seals/certificate_files.h"

#include "core/encoding.h"
#include "node/custody/private_file.h"
#include "tests/support/stamp_maker.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <filesystem>
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

pki::Certificate authority(const std::string& name) {
    CertificatePlan plan;
    plan.subject = plan.issuer = name;
    plan.from_s = 1'780'000'000;
    plan.until_s = 1'790'000'000;
    plan.is_authority = true;
    return *pki::Certificate::parse(make_certificate(plan));
}

constexpr std::int64_t kNow_s = 1'787'000'000;

pki::Crl crl(const std::string& issuer, std::int64_t at_s,
             const StampKey& key = StampKey::p256(0x30)) {
    CrlPlan plan;
    plan.issuer = issuer;
    plan.issuer_key = key;
    plan.this_update_s = at_s;
    return *pki::Crl::parse(make_crl(plan));
}

class CertificateFilesTest : public ::testing::Test {
protected:
    Result<void> put(const std::string& issuer, std::int64_t at_s,
                     const StampKey& key = StampKey::p256(0x30)) {
        return files_.put_crl(crl(issuer, at_s, key), kNow_s);
    }

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
    ASSERT_TRUE(files_.put_chain(std::vector{certificate(1), authority("CA")}).ok());
    ASSERT_TRUE(files_.put_chain(std::vector{certificate(2), authority("Other")}).ok());
    ASSERT_TRUE(put("CA", 1'785'000'000).ok());
    ASSERT_TRUE(put("Other", 1'785'000'000).ok());
    ASSERT_TRUE(put("CA", 1'786'000'000).ok());
    EXPECT_EQ(put("CA", 1'784'000'000).error().code, Errc::conflict);
    EXPECT_EQ(*files_.crls_for(chain, 8), std::vector<Bytes>{crl("CA", 1'786'000'000).der()});
    EXPECT_TRUE(files_.crls_for(chain, 0)->empty());
}

TEST_F(CertificateFilesTest, AListIsKeptOnlyWhenAnAuthorityOfAChainSignedIt) {
    const std::vector<pki::Certificate> rootless = {certificate(1)};
    ASSERT_TRUE(files_.put_chain(rootless).ok());
    const auto unknown = put("CA", kNow_s);
    EXPECT_EQ(unknown.error().code, Errc::invalid_argument);
    EXPECT_NE(unknown.error().message.find("the root included"), std::string::npos);
    ASSERT_TRUE(files_.put_chain(std::vector{certificate(1), authority("CA")}).ok());
    const auto forged = put("CA", kNow_s, StampKey::p256(0x66));
    EXPECT_EQ(forged.error().code, Errc::invalid_argument);
    EXPECT_NE(forged.error().message.find("did not sign it"), std::string::npos);
    EXPECT_TRUE(put("CA", kNow_s).ok());
    EXPECT_FALSE(put("Permits", kNow_s).ok());  // the name of a certificate that is no authority's
}

TEST_F(CertificateFilesTest, AListOfTomorrowIsKeptAndOneOfTheDayAfterIsNot) {
    ASSERT_TRUE(files_.put_chain(std::vector{certificate(1), authority("CA")}).ok());
    const auto ahead = put("CA", kNow_s + kCrlAheadMax_s + 1);
    EXPECT_EQ(ahead.error().code, Errc::invalid_argument);
    EXPECT_NE(ahead.error().message.find("check the clock"), std::string::npos);
    EXPECT_TRUE(put("CA", kNow_s + kCrlAheadMax_s).ok());
}

TEST_F(CertificateFilesTest, AForgedListThatIsThereAlreadyKeepsNothingOut) {
    ASSERT_TRUE(files_.put_chain(std::vector{certificate(1), authority("CA")}).ok());
    ASSERT_TRUE(put("CA", kNow_s - 2).ok());
    for (const auto& entry :
         std::filesystem::directory_iterator(directory_ / std::string("certificates"))) {
        if (entry.path().extension() != ".crl") continue;
        const Bytes forged = crl("CA", kNow_s, StampKey::p256(0x66)).der();
        ASSERT_TRUE(write_private_file(entry.path().string(), forged).ok());
    }
    EXPECT_TRUE(put("CA", kNow_s - 1).ok());
    EXPECT_EQ(*files_.crls_for(std::vector<Bytes>{certificate(1).der()}, 8),
              std::vector<Bytes>{crl("CA", kNow_s - 1).der()});
}

}  // namespace
}  // namespace fieldseal::node
