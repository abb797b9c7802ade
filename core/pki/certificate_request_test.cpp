// SPDX-License-Identifier: Apache-2.0
// OpenSSL reads what is written here; tests/integration/keys_test.py asks its command line too.
#include "core/pki/certificate_request.h"

#include "tests/support/seal_signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace fieldseal::pki {
namespace {

using ::testing::HasSubstr;
using testing::SealSigner;

using Request = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;

Request read(const Bytes& der) {
    const unsigned char* at = der.data();
    Request request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())), X509_REQ_free);
    if (request && at != der.data() + der.size()) request.reset();
    return request;
}

std::string subject_of(X509_REQ* request) {
    char text[256];
    X509_NAME_oneline(X509_REQ_get_subject_name(request), text, sizeof text);
    return text;
}

const RequestedName kName = {"Permits", "Ministry of Works", "DE"};

TEST(CertificateRequest, IsVerifiedByOpensslForEveryAlgorithm) {
    for (const SealSigner& signer :
         {SealSigner::es256k(7), SealSigner::es256(7), SealSigner::eddsa(7)}) {
        const auto tbs = RequestTbs::from(signer.key(), kName);
        ASSERT_TRUE(tbs.ok()) << tbs.error().message;
        const auto der = assemble(*tbs, signer.sign(tbs->preimage()));
        ASSERT_TRUE(der.ok()) << der.error().message;
        const Request request = read(*der);
        ASSERT_TRUE(request) << to_string(signer.key().algorithm());
        EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
        EXPECT_EQ(X509_REQ_verify(request.get(), key), 1) << to_string(signer.key().algorithm());
        EXPECT_EQ(subject_of(request.get()), "/C=DE/O=Ministry of Works/CN=Permits");
    }
}

TEST(CertificateRequest, AsksForDocumentSigning) {
    const SealSigner signer = SealSigner::es256(7);
    const auto tbs = RequestTbs::from(signer.key(), {"Permits", "", ""});
    const Request request = read(*assemble(*tbs, signer.sign(tbs->preimage())));
    ASSERT_TRUE(request);
    EXPECT_EQ(subject_of(request.get()), "/CN=Permits");
    STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(request.get());
    ASSERT_EQ(sk_X509_EXTENSION_num(extensions), 2);
    int critical = 0;
    auto* usage = static_cast<ASN1_BIT_STRING*>(
        X509V3_get_d2i(extensions, NID_key_usage, &critical, nullptr));
    ASSERT_NE(usage, nullptr);
    EXPECT_EQ(critical, 1);
    EXPECT_EQ(ASN1_BIT_STRING_get_bit(usage, 0), 1);
    EXPECT_EQ(ASN1_BIT_STRING_get_bit(usage, 1), 1);
    ASN1_BIT_STRING_free(usage);
    auto* purposes = static_cast<EXTENDED_KEY_USAGE*>(
        X509V3_get_d2i(extensions, NID_ext_key_usage, nullptr, nullptr));
    ASSERT_EQ(sk_ASN1_OBJECT_num(purposes), 1);
    char oid[64];
    OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(purposes, 0), 1);
    EXPECT_STREQ(oid, "1.3.6.1.5.5.7.3.36");
    sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

TEST(CertificateRequest, AnotherSignatureIsNotVerified) {
    const SealSigner signer = SealSigner::es256(7);
    const auto tbs = RequestTbs::from(signer.key(), kName);
    Bytes signature = signer.sign(tbs->preimage());
    signature[5] ^= 1;
    const Request request = read(*assemble(*tbs, signature));
    ASSERT_TRUE(request);
    EXPECT_NE(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())), 1);
    EXPECT_FALSE(assemble(*tbs, ByteView(signature).first(63)).ok());
}

// What a seal signs is never taken for something else it signs.
TEST(CertificateRequest, BeginsUnlikeAStatement) {
    const auto tbs = RequestTbs::from(SealSigner::es256(7).key(), kName);
    EXPECT_EQ(tbs->preimage().front(), 0x30);
}

TEST(CertificateRequest, NamesHaveAForm) {
    const PublicKey key = SealSigner::es256(7).key();
    EXPECT_TRUE(RequestTbs::from(key, {std::string(64, 'a'), "", ""}).ok());
    std::string umlauts;
    for (int i = 0; i < 64; ++i) umlauts += "ä";
    EXPECT_TRUE(RequestTbs::from(key, {umlauts, "", ""}).ok());
    for (const RequestedName& wrong :
         {RequestedName{"", "", ""}, RequestedName{std::string(65, 'a'), "", ""},
          RequestedName{"a\nb", "", ""}, RequestedName{"\xff", "", ""},
          RequestedName{"a", std::string(65, 'a'), ""}, RequestedName{"a", "", "de"},
          RequestedName{"a", "", "DEU"}}) {
        EXPECT_EQ(RequestTbs::from(key, wrong).error().code, Errc::invalid_argument);
    }
}

TEST(CertificateRequest, PemHasLinesOf64) {
    const std::string pem = request_to_pem(Bytes(100, 0));
    EXPECT_THAT(pem, HasSubstr("-----BEGIN CERTIFICATE REQUEST-----\nAAAA"));
    EXPECT_EQ(pem.find('\n', pem.find('\n') + 1) - pem.find('\n') - 1, 64U);
}

}  // namespace
}  // namespace fieldseal::pki
