// SPDX-License-Identifier: Apache-2.0
#include "tests/support/seal_signer.h"

#include "core/check.h"
#include "core/ecdsa_scalar.h"
#include "core/hash.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <secp256k1.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <variant>

namespace fieldseal::testing {
namespace {

template <auto kFree>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Secp256k1 = std::unique_ptr<secp256k1_context, Freed<secp256k1_context_destroy>>;
using EdwardsSecret = std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES>;

Digest scalar_from(std::uint8_t seed_byte) {
    const Bytes seed(kDigestBytes, seed_byte);
    return sha256(seed);
}

Bytes spki_of(EVP_PKEY* key) {
    unsigned char* out = nullptr;
    const int length = i2d_PUBKEY(key, &out);
    FIELDSEAL_CHECK(length > 0);
    Bytes spki(out, out + length);
    OPENSSL_free(out);
    return spki;
}

// A P-256 pair of a fixed scalar, through the provider interface of OpenSSL 3.
Pkey p256_pair(const Digest& scalar) {
    const std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>> group(
        EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const std::unique_ptr<EC_POINT, Freed<EC_POINT_free>> point(EC_POINT_new(group.get()));
    const std::unique_ptr<BIGNUM, Freed<BN_free>> secret(
        BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr));
    FIELDSEAL_CHECK(
        EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr) == 1);
    std::array<std::uint8_t, kEcPointBytes> encoded;
    FIELDSEAL_CHECK(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                       encoded.data(), encoded.size(), nullptr) == encoded.size());
    const std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                     encoded.size());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
    const std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>> params(
        OSSL_PARAM_BLD_to_param(builder.get()));
    const std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* pair = nullptr;
    FIELDSEAL_CHECK(EVP_PKEY_fromdata_init(context.get()) == 1);
    FIELDSEAL_CHECK(EVP_PKEY_fromdata(context.get(), &pair, EVP_PKEY_KEYPAIR, params.get()) == 1);
    return Pkey(pair);
}

// r ‖ s from ECDSA-Sig-Value, in the lower half.
Bytes raw_low_s(ByteView der) {
    EcdsaSignature raw{};
    std::size_t at = 2;
    for (const std::size_t end : {std::size_t{32}, std::size_t{64}}) {
        const std::size_t length = der[at + 1];
        ByteView number = der.subspan(at + 2, length);
        at += 2 + length;
        if (number.size() > 32) number = number.subspan(1);
        std::copy_backward(number.begin(), number.end(),
                           raw.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return to_bytes(to_low_s(Curve::p256, raw));
}

Bytes sign_evp(EVP_PKEY* pair, ByteView message) {
    const bool pss = EVP_PKEY_is_a(pair, "RSA") == 1;
    const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* options = nullptr;
    FIELDSEAL_CHECK(EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, pair) == 1);
    if (pss) {
        FIELDSEAL_CHECK(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1);
        FIELDSEAL_CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    Bytes signature(kRsaBitsMax / 8);
    std::size_t length = signature.size();
    FIELDSEAL_CHECK(EVP_DigestSign(context.get(), signature.data(), &length, message.data(),
                                   message.size()) == 1);
    signature.resize(length);
    return pss ? signature : raw_low_s(signature);
}

Bytes sign_secp256k1(const Digest& secret, ByteView message) {
    const Secp256k1 context(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
    const Digest digest = sha256(message);
    secp256k1_ecdsa_signature signature;
    FIELDSEAL_CHECK(secp256k1_ecdsa_sign(context.get(), &signature, digest.data(), secret.data(),
                                         nullptr, nullptr) == 1);
    Bytes out(kEcdsaSignatureBytes);
    secp256k1_ecdsa_signature_serialize_compact(context.get(), out.data(), &signature);
    return out;
}

Bytes sign_edwards(const EdwardsSecret& secret, ByteView message) {
    Bytes out(kEd25519SignatureBytes);
    crypto_sign_detached(out.data(), nullptr, message.data(), message.size(), secret.data());
    return out;
}

PublicKey checked(Result<PublicKey> key) {
    FIELDSEAL_CHECK(key.ok());
    return *std::move(key);
}

}  // namespace

struct SealSigner::Secret {
    std::variant<Digest, Pkey, EdwardsSecret> any;
};

SealSigner SealSigner::es256k(std::uint8_t seed_byte) {
    const Secp256k1 context(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
    const Digest secret = scalar_from(seed_byte);
    secp256k1_pubkey point;
    FIELDSEAL_CHECK(secp256k1_ec_pubkey_create(context.get(), &point, secret.data()) == 1);
    std::array<std::uint8_t, kEcPointBytes> encoded;
    std::size_t length = encoded.size();
    secp256k1_ec_pubkey_serialize(context.get(), encoded.data(), &length, &point,
                                  SECP256K1_EC_UNCOMPRESSED);
    return {checked(PublicKey::es256k_from_point65(encoded)),
            std::make_shared<const Secret>(Secret{secret})};
}

SealSigner SealSigner::es256(std::uint8_t seed_byte) {
    Pkey pair = p256_pair(scalar_from(seed_byte));
    PublicKey key = checked(PublicKey::from_spki(spki_of(pair.get())));
    return {std::move(key), std::make_shared<const Secret>(Secret{std::move(pair)})};
}

SealSigner SealSigner::eddsa(std::uint8_t seed_byte) {
    std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed;
    seed.fill(seed_byte);
    Ed25519PublicKey raw;
    EdwardsSecret secret;
    crypto_sign_seed_keypair(raw.data(), secret.data(), seed.data());
    return {checked(PublicKey::eddsa_from_raw32(raw)),
            std::make_shared<const Secret>(Secret{secret})};
}

SealSigner SealSigner::ps256() {
    Pkey pair(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", kRsaBitsMin));
    FIELDSEAL_CHECK(pair != nullptr);
    PublicKey key = checked(PublicKey::from_spki(spki_of(pair.get())));
    return {std::move(key), std::make_shared<const Secret>(Secret{std::move(pair)})};
}

SealSigner SealSigner::of(Algorithm algorithm, std::uint8_t seed_byte) {
    switch (algorithm) {
        case Algorithm::es256k:
            return es256k(seed_byte);
        case Algorithm::es256:
            return es256(seed_byte);
        case Algorithm::eddsa:
            return eddsa(seed_byte);
        case Algorithm::ps256:
            break;
    }
    return ps256();
}

Bytes SealSigner::sign(ByteView message) const {
    if (const auto* scalar = std::get_if<Digest>(&secret_->any)) {
        return sign_secp256k1(*scalar, message);
    }
    if (const auto* pair = std::get_if<Pkey>(&secret_->any)) return sign_evp(pair->get(), message);
    return sign_edwards(*std::get_if<EdwardsSecret>(&secret_->any), message);
}

}  // namespace fieldseal::testing
