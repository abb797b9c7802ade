// SPDX-License-Identifier: Apache-2.0
#include "core/public_key.h"

#include "core/ecdsa_scalar.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/spki.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <secp256k1.h>
#include <sodium.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>

namespace fieldseal {
namespace {

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bytes openssl_spki(EVP_PKEY* key) {
    unsigned char* out = nullptr;
    const int length = i2d_PUBKEY(key, &out);
    EXPECT_GT(length, 0);
    Bytes spki(out, out + length);
    OPENSSL_free(out);
    return spki;
}

// What OpenSSL signs with a key of its own making, SHA-256.
Bytes openssl_sign(EVP_PKEY* key, ByteView message, int pss_salt = 0) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    EVP_PKEY_CTX* key_context = nullptr;
    EXPECT_EQ(EVP_DigestSignInit(context.get(), &key_context, EVP_sha256(), nullptr, key), 1);
    if (pss_salt != 0) {
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING), 1);
        EXPECT_EQ(EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, pss_salt), 1);
    }
    std::size_t length = 1024;
    Bytes signature(length);
    EXPECT_EQ(
        EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()),
        1);
    signature.resize(length);
    return signature;
}

// r ‖ s from ECDSA-Sig-Value.
EcdsaSignature raw_signature(ByteView der) {
    EcdsaSignature raw{};
    std::size_t at = 2;
    for (std::size_t half = 0; half < 2; ++half) {
        const std::size_t length = der[at + 1];
        ByteView number = der.subspan(at + 2, length);
        at += 2 + length;
        if (number.size() > 32) number = number.subspan(1);
        std::copy(number.begin(), number.end(),
                  raw.begin() + static_cast<std::ptrdiff_t>(32 * (half + 1) - number.size()));
    }
    return raw;
}

Pkey p256_key() {
    return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
}

struct K1Signer {
    struct Freed {
        void operator()(secp256k1_context* made) const { secp256k1_context_destroy(made); }
    };
    std::unique_ptr<secp256k1_context, Freed> context{
        secp256k1_context_create(SECP256K1_CONTEXT_NONE)};
    Digest secret = sha256(as_bytes("a test key, not a secret"));

    Bytes point() const {
        secp256k1_pubkey key;
        EXPECT_EQ(secp256k1_ec_pubkey_create(context.get(), &key, secret.data()), 1);
        Bytes out(kEcPointBytes);
        std::size_t length = out.size();
        secp256k1_ec_pubkey_serialize(context.get(), out.data(), &length, &key,
                                      SECP256K1_EC_UNCOMPRESSED);
        return out;
    }
    EcdsaSignature sign(ByteView message) const {
        const Digest digest = sha256(message);
        secp256k1_ecdsa_signature signature;
        EXPECT_EQ(secp256k1_ecdsa_sign(context.get(), &signature, digest.data(), secret.data(),
                                       nullptr, nullptr),
                  1);
        EcdsaSignature out;
        secp256k1_ecdsa_signature_serialize_compact(context.get(), out.data(), &signature);
        return out;
    }
};

// (r, n - s): also satisfies ECDSA, and is what we refuse.
EcdsaSignature high_s(Curve curve, const EcdsaSignature& low) {
    const auto order =
        hex_decode(curve == Curve::secp256k1
                       ? "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
                       : "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    EcdsaSignature out = low;
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int difference = (*order)[i] - low[32 + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        out[32 + i] = static_cast<std::uint8_t>(difference);
    }
    return out;
}

template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "accepted" : result.error().message;
}

void expect_refused(const Result<void>& result, Errc code, std::string_view why) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code);
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
}

const ByteView kMessage = as_bytes("the bytes that were signed");

void expect_refuses_every_flipped_bit(const PublicKey& key, ByteView signature) {
    Bytes flipped = to_bytes(signature);
    for (std::size_t bit = 0; bit < 8 * flipped.size(); bit += 7) {
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(key.verify(kMessage, flipped).ok()) << bit;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    EXPECT_TRUE(key.verify(kMessage, flipped).ok());
}

TEST(PublicKey, KnowsNamesAndCoseNumbers) {
    EXPECT_EQ(cose_number(Algorithm::es256k), -47);
    EXPECT_EQ(cose_number(Algorithm::es256), -7);
    EXPECT_EQ(cose_number(Algorithm::eddsa), -8);
    EXPECT_EQ(cose_number(Algorithm::ps256), -37);
    EXPECT_EQ(algorithm_from_cose(-47), Algorithm::es256k);
    EXPECT_EQ(algorithm_from_cose(-257), std::nullopt);
    EXPECT_EQ(algorithm_from_name("PS256").value_or(Algorithm::es256k), Algorithm::ps256);
    EXPECT_FALSE(algorithm_from_name("es256").ok());
    EXPECT_FALSE(algorithm_from_name("none").ok());
}

TEST(PublicKey, Es256kVerifiesLowSOnly) {
    const K1Signer signer;
    const auto key = PublicKey::es256k_from_point65(signer.point());
    ASSERT_TRUE(key.ok());
    const EcdsaSignature signature = signer.sign(kMessage);
    EXPECT_TRUE(key->verify(kMessage, signature).ok());
    expect_refuses_every_flipped_bit(*key, signature);
    const EcdsaSignature high = high_s(Curve::secp256k1, signature);
    expect_refused(key->verify(kMessage, high), Errc::invalid_argument, "high-S");
    EXPECT_EQ(to_low_s(Curve::secp256k1, high), signature);
    EXPECT_EQ(to_low_s(Curve::secp256k1, signature), signature);
}

TEST(PublicKey, Es256kRefusesOtherLengthsMessagesAndOverflow) {
    const K1Signer signer;
    const auto key = PublicKey::es256k_from_point65(signer.point());
    ASSERT_TRUE(key.ok());
    EcdsaSignature signature = signer.sign(kMessage);
    expect_refused(key->verify(as_bytes("other"), signature), Errc::corrupt, "does not verify");
    expect_refused(key->verify(kMessage, ByteView(signature).first(63)), Errc::invalid_argument,
                   "63 bytes, not 64");
    expect_refused(key->verify(kMessage, {}), Errc::invalid_argument, "0 bytes");
    std::fill_n(signature.begin(), 32, std::uint8_t{0xFF});
    expect_refused(key->verify(kMessage, signature), Errc::invalid_argument, "group order");
    signature.fill(0);
    EXPECT_FALSE(key->verify(kMessage, signature).ok());
}

TEST(PublicKey, Es256VerifiesOpenSslSignaturesWithLowSOnly) {
    const Pkey pair = p256_key();
    const auto key = PublicKey::from_spki(openssl_spki(pair.get()));
    ASSERT_TRUE(key.ok()) << key.error().message;
    EXPECT_EQ(key->algorithm(), Algorithm::es256);
    for (int i = 0; i < 32; ++i) {
        const EcdsaSignature any = raw_signature(openssl_sign(pair.get(), kMessage));
        const EcdsaSignature low = to_low_s(Curve::p256, any);
        EXPECT_TRUE(key->verify(kMessage, low).ok());
        expect_refused(key->verify(kMessage, high_s(Curve::p256, low)), Errc::invalid_argument,
                       "high-S");
    }
    const EcdsaSignature low =
        to_low_s(Curve::p256, raw_signature(openssl_sign(pair.get(), kMessage)));
    expect_refuses_every_flipped_bit(*key, low);
    expect_refused(key->verify(as_bytes("other"), low), Errc::corrupt, "does not verify");
    expect_refused(key->verify(kMessage, EcdsaSignature{}), Errc::corrupt, "does not verify");
}

TEST(PublicKey, EddsaRefusesMalleatedAndSmallOrderSignatures) {
    std::array<std::uint8_t, 32> seed{};
    std::array<std::uint8_t, 32> raw{};
    std::array<std::uint8_t, 64> secret{};
    crypto_sign_seed_keypair(raw.data(), secret.data(), seed.data());
    const auto key = PublicKey::eddsa_from_raw32(raw);
    ASSERT_TRUE(key.ok());
    std::array<std::uint8_t, 64> signature{};
    crypto_sign_detached(signature.data(), nullptr, kMessage.data(), kMessage.size(),
                         secret.data());
    EXPECT_TRUE(key->verify(kMessage, signature).ok());
    expect_refuses_every_flipped_bit(*key, signature);
    // S + L: the same S modulo the group order, little-endian (RFC 8032 §5.1.7 demands S < L).
    const auto order =
        hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    auto malleated = signature;
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        const unsigned sum = malleated[32 + i] + (*order)[i] + carry;
        malleated[32 + i] = static_cast<std::uint8_t>(sum);
        carry = sum >> 8;
    }
    expect_refused(key->verify(kMessage, malleated), Errc::corrupt, "does not verify");
    auto small_r = signature;
    std::fill_n(small_r.begin(), 32, std::uint8_t{0});
    small_r[0] = 1;
    EXPECT_FALSE(key->verify(kMessage, small_r).ok());
}

TEST(PublicKey, EddsaRefusesKeysOfSmallOrderAndNonCanonicalKeys) {
    // The neutral element, a point of order 2, one of order 8, y = p + 1, and a non-point.
    for (const char* hex : {"0100000000000000000000000000000000000000000000000000000000000000",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "0200000000000000000000000000000000000000000000000000000000000000"}) {
        const auto raw = hex_decode(hex);
        ASSERT_TRUE(raw.ok());
        EXPECT_EQ(reason(PublicKey::eddsa_from_raw32(*raw)),
                  "public key: not a canonical Ed25519 point of prime order")
            << hex;
    }
    EXPECT_FALSE(PublicKey::eddsa_from_raw32(Bytes(31)).ok());
}

TEST(PublicKey, Ps256TakesSaltOf32BytesOnly) {
    const Pkey pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), EVP_PKEY_free);
    const auto key = PublicKey::from_spki(openssl_spki(pair.get()));
    ASSERT_TRUE(key.ok()) << key.error().message;
    EXPECT_EQ(key->algorithm(), Algorithm::ps256);
    const Bytes signature = openssl_sign(pair.get(), kMessage, 32);
    EXPECT_TRUE(key->verify(kMessage, signature).ok());
    expect_refuses_every_flipped_bit(*key, signature);
    expect_refused(key->verify(kMessage, openssl_sign(pair.get(), kMessage, 20)), Errc::corrupt,
                   "does not verify");
    expect_refused(key->verify(kMessage, openssl_sign(pair.get(), kMessage)), Errc::corrupt,
                   "does not verify");
    Bytes longer = signature;
    longer.push_back(0);
    expect_refused(key->verify(kMessage, longer), Errc::invalid_argument, "modulus");
    expect_refused(key->verify(kMessage, Bytes(64)), Errc::invalid_argument, "not 256 to 512");
}

TEST(PublicKey, Ps256RefusesShortModuliAndOddExponents) {
    Bytes modulus(256, 0xFF);
    const Bytes e = {1, 0, 1};
    EXPECT_TRUE(PublicKey::ps256_from_modulus(modulus, e).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, Bytes{3}).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, Bytes{1, 0, 0}).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, Bytes{1, 0, 0, 0, 1}).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, Bytes{0, 1, 0, 1}).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus(Bytes(513, 0xFF), e).ok());
    EXPECT_FALSE(PublicKey::ps256_from_modulus({}, e).ok());
    modulus[0] = 0x7F;
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, e).ok());
    modulus[0] = 0xFF;
    modulus.back() = 0xFE;
    EXPECT_FALSE(PublicKey::ps256_from_modulus(modulus, e).ok());
}

TEST(PublicKey, NamesAKeyByTheSha256OfItsSpki) {
    const K1Signer signer;
    const auto key = PublicKey::es256k_from_point65(signer.point());
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->kid(), sha256(key->spki()));
    const auto again = PublicKey::from_spki(key->spki());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, *key);
    EXPECT_EQ(again->algorithm(), Algorithm::es256k);
    EXPECT_EQ(again->raw(), signer.point());
}

TEST(PublicKey, AgreesWithOpenSslAboutEverySpki) {
    for (const auto& [type, name] : {std::pair{"EC", "secp256k1"}, std::pair{"EC", "P-256"}}) {
        const Pkey pair(EVP_PKEY_Q_keygen(nullptr, nullptr, type, name), EVP_PKEY_free);
        const Bytes spki = openssl_spki(pair.get());
        const auto key = PublicKey::from_spki(spki);
        ASSERT_TRUE(key.ok()) << key.error().message;
        EXPECT_EQ(key->spki(), spki);
    }
    const Pkey edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    EXPECT_EQ(PublicKey::from_spki(openssl_spki(edwards.get()))->spki(),
              openssl_spki(edwards.get()));
    const Pkey rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{3072}), EVP_PKEY_free);
    EXPECT_EQ(PublicKey::from_spki(openssl_spki(rsa.get()))->spki(), openssl_spki(rsa.get()));
}

TEST(PublicKey, RefusesCompressedPointsAndOtherCurves) {
    const Pkey pair = p256_key();
    EVP_PKEY_set_utf8_string_param(pair.get(), "point-format", "compressed");
    EXPECT_NE(reason(PublicKey::from_spki(openssl_spki(pair.get()))).find("uncompressed"),
              std::string::npos);
    for (const char* curve : {"P-384", "brainpoolP256r1"}) {
        const Pkey other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), EVP_PKEY_free);
        EXPECT_FALSE(PublicKey::from_spki(openssl_spki(other.get())).ok()) << curve;
    }
    const Pkey ed448(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"), EVP_PKEY_free);
    const auto refused = PublicKey::from_spki(openssl_spki(ed448.get()));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::unsupported);
    Bytes hybrid = K1Signer().point();
    hybrid[0] = hybrid.back() % 2 == 0 ? 6 : 7;
    EXPECT_FALSE(PublicKey::es256k_from_point65(hybrid).ok());
}

TEST(PublicKey, RefusesPointsOffTheirCurve) {
    Bytes point = K1Signer().point();
    EXPECT_EQ(reason(PublicKey::es256_from_point65(point)), "public key: point is not on P-256");
    point.back() ^= 1;
    EXPECT_EQ(reason(PublicKey::es256k_from_point65(point)),
              "public key: point is not on secp256k1");
    EXPECT_FALSE(PublicKey::es256k_from_point65(ByteView(point).first(64)).ok());
}

TEST(PublicKey, RefusesDerWithSlack) {
    const Pkey rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), EVP_PKEY_free);
    const K1Signer signer;
    for (const Bytes& good : {openssl_spki(rsa.get()), openssl_spki(p256_key().get()),
                              PublicKey::es256k_from_point65(signer.point())->spki()}) {
        Bytes trailing = good;
        trailing.push_back(0);
        EXPECT_FALSE(PublicKey::from_spki(trailing).ok());
        for (std::size_t length = 0; length < good.size(); ++length) {
            EXPECT_FALSE(PublicKey::from_spki(ByteView(good).first(length)).ok());
        }
    }
    // Every single-bit change of the RSA key's frame (not of its numbers) is refused.
    const Bytes good = openssl_spki(rsa.get());
    for (std::size_t bit = 0; bit < 8 * 32; ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_FALSE(PublicKey::from_spki(bad).ok()) << bit;
    }
}

// Point and signature of a published example, in hexadecimal.
struct Published {
    std::string_view point;
    std::string_view message;
    std::string_view signature;
};

EcdsaSignature ecdsa_signature(std::string_view hex) {
    const auto bytes = hex_decode(hex);
    EcdsaSignature signature{};
    EXPECT_EQ(bytes->size(), signature.size());
    std::copy(bytes->begin(), bytes->end(), signature.begin());
    return signature;
}

TEST(PublicKey, VerifiesRfc6979AppendixA25OnceItsSIsLow) {
    const Published sample = {
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
        "sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"};
    const auto key = PublicKey::es256_from_point65(*hex_decode(sample.point));
    ASSERT_TRUE(key.ok());
    const EcdsaSignature published = ecdsa_signature(sample.signature);
    expect_refused(key->verify(as_bytes(sample.message), published), Errc::invalid_argument,
                   "high-S");
    EXPECT_TRUE(key->verify(as_bytes(sample.message), to_low_s(Curve::p256, published)).ok());
}

TEST(PublicKey, VerifiesTheWellKnownSecp256k1SignatureOfSecretOne) {
    const Published known = {
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
        "Satoshi Nakamoto",
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
        "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"};
    const auto key = PublicKey::es256k_from_point65(*hex_decode(known.point));
    ASSERT_TRUE(key.ok());
    EXPECT_TRUE(key->verify(as_bytes(known.message), ecdsa_signature(known.signature)).ok());
}

TEST(PublicKey, VerifiesTest2OfRfc8032Section71) {
    const auto raw = hex_decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const auto signature = hex_decode(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    const auto key = PublicKey::eddsa_from_raw32(*raw);
    ASSERT_TRUE(key.ok());
    EXPECT_TRUE(key->verify(Bytes{0x72}, *signature).ok());
    EXPECT_FALSE(key->verify(Bytes{0x73}, *signature).ok());
}

TEST(PublicKey, VerifiesFromManyThreadsAtOnce) {
    const Pkey pair = p256_key();
    const auto key = PublicKey::from_spki(openssl_spki(pair.get()));
    ASSERT_TRUE(key.ok());
    const EcdsaSignature signature =
        to_low_s(Curve::p256, raw_signature(openssl_sign(pair.get(), kMessage)));
    std::vector<std::jthread> threads;
    std::atomic<int> verified = 0;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, copy = *key] {
            for (int round = 0; round < 50; ++round) {
                if (copy.verify(kMessage, signature).ok()) ++verified;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(verified, 200);
}

TEST(EcdsaScalar, KnowsTheExactMiddle) {
    EcdsaSignature signature{};
    const auto middle =
        hex_decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");
    std::copy(middle->begin(), middle->end(), signature.begin() + 32);
    EXPECT_TRUE(is_low_s(Curve::secp256k1, signature));
    signature.back() += 1;
    EXPECT_FALSE(is_low_s(Curve::secp256k1, signature));
    EcdsaSignature lowered = signature;
    lowered.back() -= 1;
    EXPECT_EQ(to_low_s(Curve::secp256k1, signature), lowered);
}

}  // namespace
}  // namespace fieldseal
