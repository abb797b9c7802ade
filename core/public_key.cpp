// SPDX-License-Identifier: Apache-2.0
// One small class per library call; each is built once per key and shared by all copies of the key.
#include "core/public_key.h"

#include "core/check.h"
#include "core/ecdsa_scalar.h"
#include "core/ed25519.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/pki/owned.h"
#include "core/spki.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <secp256k1.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

namespace fieldseal {
namespace {

constexpr int kPssSaltBytes = 32;
constexpr std::size_t kRsaExponentBytesMax = 4;
constexpr std::uint32_t kRsaExponentMin = 65537;

using Pkey = pki::Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = pki::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using ParamBuilder = pki::Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = pki::Owned<OSSL_PARAM, OSSL_PARAM_free>;
using Number = pki::Owned<BIGNUM, BN_free>;

Error bad_key(std::string_view why) {
    return {Errc::invalid_argument, "public key: " + std::string(why)};
}

Error bad_form(Algorithm algorithm, std::string_view why) {
    return {Errc::invalid_argument,
            std::string(to_string(algorithm)) + " signature: " + std::string(why)};
}

Error no_match(Algorithm algorithm) {
    return {Errc::corrupt,
            std::string(to_string(algorithm)) + " signature does not verify under this key"};
}

// OpenSSL keeps a queue of errors per thread; a refused input must not leave one behind.
template <class T>
T cleared(T result) {
    ERR_clear_error();
    return result;
}

Pkey pkey_from(const char* type, OSSL_PARAM* params) {
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        return cleared(Pkey());
    }
    return Pkey(key);
}

// ECDSA-Sig-Value (RFC 3279 §2.2.3) from r ‖ s: what EVP_PKEY_verify wants.
Bytes der_signature(const EcdsaSignature& signature) {
    Bytes numbers;
    for (const std::size_t start : {std::size_t{0}, std::size_t{32}}) {
        ByteView number = ByteView(signature).subspan(start, 32);
        while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
        const bool pad = number[0] >= 0x80;
        numbers.push_back(0x02);
        numbers.push_back(static_cast<std::uint8_t>(number.size() + (pad ? 1 : 0)));
        if (pad) numbers.push_back(0);
        append(numbers, number);
    }
    Bytes out = {0x30, static_cast<std::uint8_t>(numbers.size())};
    append(out, numbers);
    return out;
}

class Es256k {
public:
    static Result<Es256k> open(ByteView point) {
        static const bool kTested = (secp256k1_selftest(), true);  // aborts on a broken build
        FIELDSEAL_CHECK(kTested);
        Es256k key;
        if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &key.point_, point.data(),
                                      point.size()) != 1) {
            return bad_key("point is not on secp256k1");
        }
        return key;
    }

    Result<void> verify(ByteView message, const EcdsaSignature& signature) const {
        secp256k1_ecdsa_signature parsed;
        if (secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &parsed,
                                                    signature.data()) != 1) {
            return bad_form(Algorithm::es256k, "r or s is not below the group order");
        }
        const Digest digest = sha256(message);
        if (secp256k1_ecdsa_verify(secp256k1_context_static, &parsed, digest.data(), &point_) !=
            1) {
            return no_match(Algorithm::es256k);
        }
        return {};
    }

private:
    secp256k1_pubkey point_{};
};

class Es256 {
public:
    static Result<Es256> open(ByteView point) {
        const ParamBuilder builder(OSSL_PARAM_BLD_new());
        FIELDSEAL_CHECK(builder);
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size());
        const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
        Es256 key;
        key.key_ = pkey_from("EC", params.get());
        if (!key.key_) return bad_key("point is not on P-256");
        return key;
    }

    Result<void> verify(ByteView message, const EcdsaSignature& signature) const {
        const Digest digest = sha256(message);
        const Bytes der = der_signature(signature);
        const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
            EVP_PKEY_verify(context.get(), der.data(), der.size(), digest.data(), digest.size()) !=
                1) {
            return cleared(no_match(Algorithm::es256));
        }
        return {};
    }

private:
    Pkey key_;
};

class Eddsa {
public:
    static Result<Eddsa> open(ByteView raw) {
        Eddsa key;
        std::copy(raw.begin(), raw.end(), key.raw_.begin());
        // Canonical, on the curve, in the prime-order subgroup, not of small order: then every
        // strict verifier (ours, @noble/curves) agrees about every signature under this key.
        if (crypto_core_ed25519_is_valid_point(key.raw_.data()) != 1) {
            return bad_key("not a canonical Ed25519 point of prime order");
        }
        return key;
    }

    Result<void> verify(ByteView message, ByteView signature) const {
        Ed25519Signature fixed;
        std::copy(signature.begin(), signature.end(), fixed.begin());
        if (!verify_ed25519(raw_, message, fixed)) {
            return no_match(Algorithm::eddsa);
        }
        return {};
    }

private:
    Ed25519PublicKey raw_{};
};

class Ps256 {
public:
    static Result<Ps256> open(const SpkiParts& parts) {
        FIELDSEAL_TRY(check_numbers(parts));
        const Number modulus(number(parts.raw));
        const Number exponent(number(parts.exponent));
        const ParamBuilder builder(OSSL_PARAM_BLD_new());
        FIELDSEAL_CHECK(builder && modulus && exponent);
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
        const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
        Ps256 key;
        key.modulus_bytes_ = parts.raw.size();
        key.key_ = pkey_from("RSA", params.get());
        if (!key.key_) return bad_key("RSA numbers are not a key");
        return key;
    }

    Result<void> verify(ByteView message, ByteView signature) const {
        if (signature.size() != modulus_bytes_) {
            return bad_form(Algorithm::ps256, "not as long as the key's modulus");
        }
        const Digest digest = sha256(message);
        const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        if (!context || !init(context.get()) ||
            EVP_PKEY_verify(context.get(), signature.data(), signature.size(), digest.data(),
                            digest.size()) != 1) {
            return cleared(no_match(Algorithm::ps256));
        }
        return {};
    }

private:
    static Result<void> check_numbers(const SpkiParts& parts) {
        const Bytes& n = parts.raw;
        if (n.empty() || n[0] == 0 || n.size() < kRsaBitsMin / 8 || n.size() > kRsaBitsMax / 8 ||
            (n.size() == kRsaBitsMin / 8 && n[0] < 0x80)) {
            return bad_key("RSA modulus is not of 2048 to 4096 bits");
        }
        if ((n.back() & 1U) == 0) return bad_key("RSA modulus is even");
        const Bytes& e = parts.exponent;
        std::uint32_t exponent = 0;
        for (const std::uint8_t byte : e) exponent = (exponent << 8) | byte;
        if (e.empty() || e[0] == 0 || e.size() > kRsaExponentBytesMax ||
            exponent < kRsaExponentMin || (exponent & 1U) == 0) {
            return bad_key("RSA exponent is not odd and within 65537 to 2^32 - 1");
        }
        return {};
    }

    static BIGNUM* number(ByteView bytes) {
        return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    }

    static bool init(EVP_PKEY_CTX* context) {
        static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        return kSha256 != nullptr && EVP_PKEY_verify_init(context) == 1 &&
               EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, kSha256) == 1 &&
               EVP_PKEY_CTX_set_rsa_mgf1_md(context, kSha256) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, kPssSaltBytes) == 1;
    }

    Pkey key_;
    std::size_t modulus_bytes_ = 0;
};

using AnyKey = std::variant<Es256k, Es256, Eddsa, Ps256>;

Result<AnyKey> open_key(const SpkiParts& parts) {
    switch (parts.algorithm) {
        case Algorithm::es256k:
            return AnyKey(FIELDSEAL_TRY(Es256k::open(parts.raw)));
        case Algorithm::es256:
            return AnyKey(FIELDSEAL_TRY(Es256::open(parts.raw)));
        case Algorithm::eddsa:
            return AnyKey(FIELDSEAL_TRY(Eddsa::open(parts.raw)));
        case Algorithm::ps256:
            break;
    }
    return AnyKey(FIELDSEAL_TRY(Ps256::open(parts)));
}

constexpr std::array kAlgorithms = {Algorithm::es256k, Algorithm::es256, Algorithm::eddsa,
                                    Algorithm::ps256};

}  // namespace

std::int64_t cose_number(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::es256k:
            return -47;
        case Algorithm::es256:
            return -7;
        case Algorithm::eddsa:
            return -8;
        case Algorithm::ps256:
            break;
    }
    return -37;
}

std::optional<Algorithm> algorithm_from_cose(std::int64_t number) {
    for (const Algorithm algorithm : kAlgorithms) {
        if (cose_number(algorithm) == number) return algorithm;
    }
    return std::nullopt;
}

std::string_view to_string(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::es256k:
            return "ES256K";
        case Algorithm::es256:
            return "ES256";
        case Algorithm::eddsa:
            return "EdDSA";
        case Algorithm::ps256:
            break;
    }
    return "PS256";
}

Result<Algorithm> algorithm_from_name(std::string_view name) {
    for (const Algorithm algorithm : kAlgorithms) {
        if (to_string(algorithm) == name) return algorithm;
    }
    return Error{Errc::unsupported,
                 "algorithm " + quoted(name) + " is not ES256K, ES256, EdDSA or PS256"};
}

Result<void> check_signature_size(Algorithm algorithm, std::size_t bytes) {
    if (algorithm == Algorithm::ps256) {
        if (bytes >= kRsaBitsMin / 8 && bytes <= kRsaBitsMax / 8) return {};
        return bad_form(algorithm, std::to_string(bytes) + " bytes, not 256 to 512");
    }
    static_assert(kEcdsaSignatureBytes == kEd25519SignatureBytes);
    if (bytes == kEcdsaSignatureBytes) return {};
    return bad_form(algorithm, std::to_string(bytes) + " bytes, not 64");
}

struct PublicKey::Impl {
    SpkiParts parts;
    Bytes spki;
    Digest kid{};
    AnyKey key;
};

namespace {

// Stands between the factories and the private constructor: everything but making the PublicKey.
template <class Impl>
Result<std::shared_ptr<const Impl>> make_impl(SpkiParts parts) {
    AnyKey key = FIELDSEAL_TRY(open_key(parts));
    Bytes spki = encode_spki(parts);
    const Digest kid = sha256(spki);
    return std::shared_ptr<const Impl>(
        new Impl{std::move(parts), std::move(spki), kid, std::move(key)});
}

Result<SpkiParts> point_parts(Algorithm algorithm, ByteView point) {
    if (point.size() != kEcPointBytes || point[0] != 0x04) {
        return bad_key("EC point is not 65 bytes, uncompressed (04 ‖ x ‖ y)");
    }
    return SpkiParts{algorithm, to_bytes(point), {}};
}

}  // namespace

Result<PublicKey> PublicKey::from_spki(ByteView der) {
    auto parts = FIELDSEAL_TRY(decode_spki(der));
    return PublicKey(FIELDSEAL_TRY(make_impl<Impl>(std::move(parts))));
}

Result<PublicKey> PublicKey::es256k_from_point65(ByteView point) {
    auto parts = FIELDSEAL_TRY(point_parts(Algorithm::es256k, point));
    return PublicKey(FIELDSEAL_TRY(make_impl<Impl>(std::move(parts))));
}

Result<PublicKey> PublicKey::es256_from_point65(ByteView point) {
    auto parts = FIELDSEAL_TRY(point_parts(Algorithm::es256, point));
    return PublicKey(FIELDSEAL_TRY(make_impl<Impl>(std::move(parts))));
}

Result<PublicKey> PublicKey::eddsa_from_raw32(ByteView raw) {
    if (raw.size() != kEd25519KeyBytes) return bad_key("Ed25519 key is not 32 bytes");
    SpkiParts parts{Algorithm::eddsa, to_bytes(raw), {}};
    return PublicKey(FIELDSEAL_TRY(make_impl<Impl>(std::move(parts))));
}

Result<PublicKey> PublicKey::ps256_from_modulus(ByteView modulus, ByteView exponent) {
    SpkiParts parts{Algorithm::ps256, to_bytes(modulus), to_bytes(exponent)};
    return PublicKey(FIELDSEAL_TRY(make_impl<Impl>(std::move(parts))));
}

Algorithm PublicKey::algorithm() const {
    return impl_->parts.algorithm;
}
const Bytes& PublicKey::spki() const {
    return impl_->spki;
}
const Digest& PublicKey::kid() const {
    return impl_->kid;
}
const Bytes& PublicKey::raw() const {
    return impl_->parts.raw;
}

namespace {

Result<void> verify_ecdsa(const AnyKey& key, ByteView message, ByteView bytes) {
    EcdsaSignature signature;
    std::copy(bytes.begin(), bytes.end(), signature.begin());
    const auto* secp256k1 = std::get_if<Es256k>(&key);
    const Curve curve = secp256k1 != nullptr ? Curve::secp256k1 : Curve::p256;
    if (!is_low_s(curve, signature)) {
        return bad_form(secp256k1 != nullptr ? Algorithm::es256k : Algorithm::es256,
                        "s is in the upper half of the group order (high-S)");
    }
    if (secp256k1 != nullptr) return secp256k1->verify(message, signature);
    return std::get_if<Es256>(&key)->verify(message, signature);
}

}  // namespace

Result<void> PublicKey::verify(ByteView message, ByteView signature) const {
    FIELDSEAL_TRY(check_signature_size(algorithm(), signature.size()));
    if (const auto* eddsa = std::get_if<Eddsa>(&impl_->key))
        return eddsa->verify(message, signature);
    if (const auto* ps256 = std::get_if<Ps256>(&impl_->key))
        return ps256->verify(message, signature);
    return verify_ecdsa(impl_->key, message, signature);
}

}  // namespace fieldseal
