// SPDX-License-Identifier: Apache-2.0
#include "node/custody/engine.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace fieldseal::node {
namespace {

SecretBytes secret_of_hex(std::string_view hex) {
    return *SecretBytes::copy_of(*hex_decode(hex));
}

class SigningEngine : public ::testing::TestWithParam<KeyAlgorithm> {
protected:
    std::unique_ptr<KeyEngine> engine_ = *make_engine(GetParam(), *generate_secret(GetParam()));
};

TEST_P(SigningEngine, MakesSignaturesTheStrictVerifierTakes) {
    for (int i = 0; i < 200; ++i) {
        const std::string message = "message " + std::to_string(i);
        const auto signature = engine_->sign(as_bytes(message));
        ASSERT_TRUE(signature.ok());
        EXPECT_EQ(signature->size(), kSignatureBytes);
        // Refuses high S, so this is the low-S test too: half of all raw ECDSA signatures are high.
        const auto verified = engine_->public_key()->verify(as_bytes(message), *signature);
        EXPECT_TRUE(verified.ok()) << verified.error().message;
        EXPECT_FALSE(engine_->public_key()->verify(as_bytes(message + "x"), *signature).ok());
    }
}

TEST_P(SigningEngine, SignsAnEmptyAndALongMessage) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1} << 20}) {
        const Bytes message(size, 0x5a);
        const auto signature = engine_->sign(message);
        ASSERT_TRUE(signature.ok());
        EXPECT_TRUE(engine_->public_key()->verify(message, *signature).ok());
    }
}

TEST_P(SigningEngine, TheKidIsTheDigestOfAnSpkiThatIsParsedBack) {
    const PublicKey& key = *engine_->public_key();
    const auto parsed = PublicKey::from_spki(key.spki());
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->kid(), key.kid());
    EXPECT_EQ(to_string(key.algorithm()), to_string(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, SigningEngine,
                         ::testing::Values(KeyAlgorithm::es256k, KeyAlgorithm::es256,
                                           KeyAlgorithm::eddsa));

TEST(SigningEngines, EcdsaNoncesAreHedgedAndEd25519IsDeterministic) {
    for (const KeyAlgorithm algorithm : {KeyAlgorithm::es256k, KeyAlgorithm::es256}) {
        const auto engine = *make_engine(algorithm, *generate_secret(algorithm));
        std::set<Bytes> signatures;
        for (int i = 0; i < 50; ++i) signatures.insert(*engine->sign(as_bytes("same")));
        EXPECT_EQ(signatures.size(), 50U);
    }
    const auto engine = *make_engine(KeyAlgorithm::eddsa, *generate_secret(KeyAlgorithm::eddsa));
    EXPECT_EQ(*engine->sign(as_bytes("same")), *engine->sign(as_bytes("same")));
}

TEST(SigningEngines, Ed25519ReproducesRfc8032Test2) {
    const auto engine = make_engine(
        KeyAlgorithm::eddsa,
        secret_of_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    ASSERT_TRUE(engine.ok());
    EXPECT_EQ(hex_encode((*engine)->public_key()->raw()),
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    EXPECT_EQ(hex_encode(*(*engine)->sign(Bytes{0x72})),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(SigningEngines, TheScalarOneGivesEachCurvesBasePoint) {
    const std::string one = std::string(63, '0') + "1";
    const auto k1 = make_engine(KeyAlgorithm::es256k, secret_of_hex(one));
    ASSERT_TRUE(k1.ok());
    EXPECT_EQ(hex_encode((*k1)->public_key()->raw()),
              "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
              "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
    const auto r1 = make_engine(KeyAlgorithm::es256, secret_of_hex(one));
    ASSERT_TRUE(r1.ok());
    EXPECT_EQ(hex_encode((*r1)->public_key()->raw()),
              "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
              "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
}

TEST(SigningEngines, RefuseScalarsOutOfRange) {
    const std::string zero(64, '0');
    const std::string all_ones(64, 'f');
    for (const KeyAlgorithm algorithm : {KeyAlgorithm::es256k, KeyAlgorithm::es256}) {
        for (const std::string& hex : {zero, all_ones}) {
            const auto engine = make_engine(algorithm, secret_of_hex(hex));
            ASSERT_FALSE(engine.ok());
            EXPECT_EQ(engine.error().code, Errc::corrupt);
        }
    }
    // The order itself, and the largest scalar below it.
    EXPECT_FALSE(
        make_es256_engine(
            secret_of_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"))
            .ok());
    EXPECT_TRUE(
        make_es256_engine(
            secret_of_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"))
            .ok());
}

TEST(SigningEngines, HmacAgreesWithOpenssl) {
    // From OpenSSL's command line:
    // printf "Hi There" | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b… (32 times)
    std::string key;
    for (int i = 0; i < 32; ++i) key += "0b";
    const auto engine = make_engine(KeyAlgorithm::hmac_sha256, secret_of_hex(key));
    ASSERT_TRUE(engine.ok());
    EXPECT_FALSE((*engine)->public_key());
    EXPECT_EQ(hex_encode(*(*engine)->sign(as_bytes("Hi There"))),
              "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7");
}

}  // namespace
}  // namespace fieldseal::node
