// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stamp_key.h"

#include "core/check.h"
#include "core/hash.h"
#include "core/spki.h"
#include "tests/support/der_writer.h"
#include "tests/support/seal_signer.h"

#include <cryptopp/eccrypto.h>
#include <cryptopp/nbtheory.h>
#include <cryptopp/oids.h>
#include <cryptopp/osrng.h>
#include <cryptopp/pkcspad.h>
#include <cryptopp/rsa.h>
#include <cryptopp/sha.h>

#include <array>
#include <functional>

namespace fieldseal::testing {
namespace {

using CryptoPP::Integer;

constexpr std::string_view kEcPublicKey = "1.2.840.10045.2.1";
constexpr std::string_view kRsaEncryption = "1.2.840.113549.1.1.1";
constexpr std::string_view kEd25519 = "1.3.101.112";
constexpr std::array<std::string_view, 4> kEcdsaWith = {
    "1.2.840.10045.4.1", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"};
constexpr std::array<std::string_view, 4> kRsaWith = {
    "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12",
    "1.2.840.113549.1.1.13"};
constexpr std::array<std::string_view, 4> kHashes = {
    "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"};

enum class Kind : std::uint8_t { ec, rsa, ed25519 };

// As many bytes of a fixed stream as are asked for.
Bytes stretched(std::uint8_t seed_byte, std::uint8_t use, std::size_t count) {
    Bytes out;
    for (std::uint8_t block = 0; out.size() < count; ++block) {
        append(out, fieldseal::sha256(Bytes{seed_byte, use, block}));
    }
    out.resize(count);
    return out;
}

Bytes bytes_of(const Integer& number, std::size_t size) {
    Bytes out(size);
    number.Encode(out.data(), out.size());
    return out;
}

// r ‖ s to ECDSA-Sig-Value.
Bytes ecdsa_value(ByteView raw) {
    return der_sequence(
        {der_number_of(raw.first(raw.size() / 2)), der_number_of(raw.subspan(raw.size() / 2))});
}

template <class Hash>
Bytes sign_ec(const CryptoPP::OID& curve, const Integer& scalar, ByteView message) {
    typename CryptoPP::ECDSA_RFC6979<CryptoPP::ECP, Hash>::Signer signer;
    signer.AccessKey().Initialize(curve, scalar);
    CryptoPP::AutoSeededRandomPool unused;
    Bytes raw(signer.SignatureLength());
    signer.SignMessage(unused, message.data(), message.size(), raw.data());
    return ecdsa_value(raw);
}

template <class Hash>
Bytes sign_rsa(const CryptoPP::InvertibleRSAFunction& secret, ByteView message) {
    typename CryptoPP::RSASS<CryptoPP::PKCS1v15, Hash>::Signer signer(secret);
    CryptoPP::AutoSeededRandomPool blinding;
    Bytes signature(signer.SignatureLength());
    signer.SignMessage(blinding, message.data(), message.size(), signature.data());
    return signature;
}

// The smallest prime from a fixed number on: the same with every library.
Integer prime_from(std::uint8_t seed_byte, std::uint8_t use, std::size_t bits) {
    Bytes start = stretched(seed_byte, use, bits / 8);
    start.front() |= 0xC0;
    Integer prime(start.data(), start.size());
    FIELDSEAL_CHECK(CryptoPP::FirstPrime(prime, Integer::Power2(bits), 1, 2, nullptr));
    return prime;
}

Bytes ec_spki(std::string_view curve_oid, const CryptoPP::OID& curve, const Integer& scalar,
              std::size_t field_bytes) {
    CryptoPP::DL_PrivateKey_EC<CryptoPP::ECP> secret;
    secret.Initialize(curve, scalar);
    CryptoPP::DL_PublicKey_EC<CryptoPP::ECP> key;
    secret.MakePublicKey(key);
    Bytes point{0x04};
    append(point, bytes_of(key.GetPublicElement().x, field_bytes));
    append(point, bytes_of(key.GetPublicElement().y, field_bytes));
    return der_sequence(
        {der_sequence({der_oid(kEcPublicKey), der_oid(curve_oid)}), der_bits(point)});
}

}  // namespace

struct StampKey::Secret {
    Kind kind = Kind::ec;
    Bytes spki;
    CryptoPP::OID curve;
    Integer scalar;
    CryptoPP::InvertibleRSAFunction rsa;
    std::shared_ptr<const SealSigner> edwards;
};

std::string_view oid_of(StampHash hash) {
    return kHashes.at(static_cast<std::size_t>(hash));
}

Bytes hash_with(StampHash hash, ByteView bytes) {
    const auto digest = [&](CryptoPP::HashTransformation&& function) {
        Bytes out(function.DigestSize());
        function.CalculateDigest(out.data(), bytes.data(), bytes.size());
        return out;
    };
    switch (hash) {
        case StampHash::sha1:
            return digest(CryptoPP::SHA1());
        case StampHash::sha256:
            return digest(CryptoPP::SHA256());
        case StampHash::sha384:
            return digest(CryptoPP::SHA384());
        case StampHash::sha512:
            break;
    }
    return digest(CryptoPP::SHA512());
}

namespace {

StampKey::Secret ec_secret(std::uint8_t seed_byte, std::string_view oid, const CryptoPP::OID& curve,
                           std::size_t field_bytes) {
    StampKey::Secret secret;
    // A byte short of the order, so always below it.
    const Bytes scalar = stretched(seed_byte, 0, field_bytes - 1);
    secret.curve = curve;
    secret.scalar = Integer(scalar.data(), scalar.size());
    secret.spki = ec_spki(oid, curve, secret.scalar, field_bytes);
    return secret;
}

}  // namespace

StampKey StampKey::p256(std::uint8_t seed_byte) {
    return StampKey(std::make_shared<const Secret>(
        ec_secret(seed_byte, "1.2.840.10045.3.1.7", CryptoPP::ASN1::secp256r1(), kDigestBytes)));
}

StampKey StampKey::p384(std::uint8_t seed_byte) {
    return StampKey(std::make_shared<const Secret>(
        ec_secret(seed_byte, "1.3.132.0.34", CryptoPP::ASN1::secp384r1(), 48)));
}

StampKey StampKey::secp256k1(std::uint8_t seed_byte) {
    return StampKey(std::make_shared<const Secret>(
        ec_secret(seed_byte, "1.3.132.0.10", CryptoPP::ASN1::secp256k1(), kDigestBytes)));
}

StampKey StampKey::rsa(std::uint8_t seed_byte, std::size_t bits) {
    const Integer p = prime_from(seed_byte, 1, bits / 2);
    const Integer q = prime_from(seed_byte, 2, bits / 2);
    const Integer e = 65537;
    const Integer d = e.InverseMod(LCM(p - 1, q - 1));
    FIELDSEAL_CHECK(!d.IsZero());
    Secret secret;
    secret.kind = Kind::rsa;
    secret.rsa.Initialize(p * q, e, d, p, q, d % (p - 1), d % (q - 1), q.InverseMod(p));
    const Bytes modulus = bytes_of(p * q, bits / 8);
    secret.spki =
        der_sequence({der_algorithm_null(kRsaEncryption),
                      der_bits(der_sequence({der_number_of(modulus), der_number(65537)}))});
    return StampKey(std::make_shared<const Secret>(std::move(secret)));
}

StampKey StampKey::ed25519(std::uint8_t seed_byte) {
    Secret secret;
    secret.kind = Kind::ed25519;
    secret.edwards = std::make_shared<const SealSigner>(SealSigner::eddsa(seed_byte));
    secret.spki = secret.edwards->key().spki();
    return StampKey(std::make_shared<const Secret>(std::move(secret)));
}

const Bytes& StampKey::spki() const {
    return secret_->spki;
}

Bytes StampKey::algorithm(StampHash hash) const {
    const auto place = static_cast<std::size_t>(hash);
    if (secret_->kind == Kind::ec) return der_algorithm(kEcdsaWith.at(place));
    if (secret_->kind == Kind::rsa) return der_algorithm_null(kRsaWith.at(place));
    return der_algorithm(kEd25519);
}

Bytes StampKey::sign(ByteView message, StampHash hash) const {
    const Secret& secret = *secret_;
    if (secret.kind == Kind::ed25519) return secret.edwards->sign(message);
    const bool is_ec = secret.kind == Kind::ec;
    switch (hash) {
        case StampHash::sha1:
            return is_ec ? sign_ec<CryptoPP::SHA1>(secret.curve, secret.scalar, message)
                         : sign_rsa<CryptoPP::SHA1>(secret.rsa, message);
        case StampHash::sha256:
            return is_ec ? sign_ec<CryptoPP::SHA256>(secret.curve, secret.scalar, message)
                         : sign_rsa<CryptoPP::SHA256>(secret.rsa, message);
        case StampHash::sha384:
            return is_ec ? sign_ec<CryptoPP::SHA384>(secret.curve, secret.scalar, message)
                         : sign_rsa<CryptoPP::SHA384>(secret.rsa, message);
        case StampHash::sha512:
            break;
    }
    return is_ec ? sign_ec<CryptoPP::SHA512>(secret.curve, secret.scalar, message)
                 : sign_rsa<CryptoPP::SHA512>(secret.rsa, message);
}

}  // namespace fieldseal::testing
