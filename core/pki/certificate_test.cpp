// SPDX-License-Identifier: Apache-2.0
#include "core/pki/certificate.h"

#include "core/hash.h"
#include "tests/support/stamp_scene.h"

#include <gtest/gtest.h>

namespace fieldseal::pki {
namespace {

using testing::CertificatePlan;
using testing::make_certificate;
using testing::to_pem;

TEST(Certificate, GivesWhatItsPlanSays) {
    const CertificatePlan plan = testing::post_root();
    const Bytes der = make_certificate(plan);
    const auto certificate = Certificate::parse(der);
    ASSERT_TRUE(certificate.ok()) << certificate.error().message;
    EXPECT_EQ(certificate->subject(), "CN=Post Root CA");
    EXPECT_EQ(certificate->not_before_s(), plan.from_s);
    EXPECT_EQ(certificate->not_after_s(), plan.until_s);
    EXPECT_TRUE(certificate->is_authority());
    EXPECT_EQ(certificate->sha256(), fieldseal::sha256(der));
    EXPECT_EQ(certificate->der(), der);
    const auto key = certificate->public_key();
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->spki(), plan.key.spki());
    EXPECT_EQ(key->algorithm(), Algorithm::es256);
}

TEST(Certificate, DatesBeyond2049Hold) {
    CertificatePlan plan = testing::post_root();
    plan.until_s = 4102444800;  // 2100-01-01
    EXPECT_EQ(Certificate::parse(make_certificate(plan))->not_after_s(), 4102444800);
}

TEST(Certificate, NothingElseAndNothingMoreIsTaken) {
    Bytes der = make_certificate(testing::post_tsa());
    for (std::size_t size = 0; size < der.size(); size += 37) {
        EXPECT_FALSE(Certificate::parse(ByteView(der).first(size)).ok()) << size;
    }
    der.push_back(0);
    EXPECT_FALSE(Certificate::parse(der).ok());
    EXPECT_FALSE(Certificate::parse(Bytes{0x30, 0x00}).ok());
    EXPECT_FALSE(Certificate::parse(Bytes(kCertificateBytesMax + 1, 0x30)).ok());
}

TEST(PemCertificates, AllOfThemInTheirOrder) {
    const Bytes root = make_certificate(testing::post_root());
    const Bytes tsa = make_certificate(testing::post_tsa());
    const auto read =
        parse_pem_certificates("what people write above\n" + to_pem(tsa) + to_pem(root));
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0].der(), tsa);
    EXPECT_EQ((*read)[1].der(), root);
}

TEST(PemCertificates, PrivateKeysAndOtherThingsAreRefused) {
    const std::string good = to_pem(make_certificate(testing::post_root()));
    EXPECT_FALSE(parse_pem_certificates("").ok());
    EXPECT_FALSE(parse_pem_certificates("no PEM at all").ok());
    EXPECT_FALSE(parse_pem_certificates(good.substr(0, good.size() / 2)).ok());
    const std::string begin = "-----BEGIN ";
    const std::string end = "-----END ";
    const auto block = [&](const std::string& name) {
        return begin + name + "-----\nMAA=\n" + end + name + "-----\n";
    };
    const auto key = parse_pem_certificates(good + block("EC PRIVATE KEY"));
    ASSERT_FALSE(key.ok());
    EXPECT_NE(key.error().message.find("private key"), std::string::npos);
    EXPECT_FALSE(parse_pem_certificates(good + block("PUBLIC KEY")).ok());
    EXPECT_FALSE(parse_pem_certificates(block("CERTIFICATE")).ok());
}

TEST(Crl, IsReadStrictly) {
    Bytes der = testing::make_crl({"Post Root CA", testing::post_root().key, 1767225600, {}});
    const auto crl = Crl::parse(der);
    ASSERT_TRUE(crl.ok()) << crl.error().message;
    EXPECT_EQ(crl->this_update_s(), 1767225600);
    EXPECT_TRUE(crl->is_complete());
    der.push_back(0);
    EXPECT_FALSE(Crl::parse(der).ok());
    EXPECT_FALSE(Crl::parse(make_certificate(testing::post_root())).ok());
}

}  // namespace
}  // namespace fieldseal::pki
