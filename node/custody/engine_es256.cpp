// SPDX-License-Identifier: Apache-2.0
// ES256 by OpenSSL (its nonce mixes key, message and fresh random bytes). The scalar stays in our
// locked memory: an EVP_PKEY is made for each signature, from OpenSSL's own locked heap
// (set up by harden_process), and cleared with it. DER is turned into r ‖ s and S made low here.
#include "core/pki/owned.h"
#include "node/custody/engine.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

namespace fieldseal::node {
namespace {

constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kDerSignatureBytesMax = 72;

using Number = pki::Owned<BIGNUM, BN_clear_free>;
using Group = pki::Owned<EC_GROUP, EC_GROUP_free>;
using Point = pki::Owned<EC_POINT, EC_POINT_free>;
using NumberContext = pki::Owned<BN_CTX, BN_CTX_free>;
using Pkey = pki::Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = pki::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = pki::Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcdsaSignature = pki::Owned<ECDSA_SIG, ECDSA_SIG_free>;

Error refused(std::string_view step) {
    return Error{Errc::internal, "OpenSSL refused a P-256 operation: " + std::string(step)};
}

class Es256Engine final : public KeyEngine {
public:
    Es256Engine(Group group, SecretBytes native_scalar, PublicKey public_key)
        : group_(std::move(group)),
          scalar_(std::move(native_scalar)),
          public_key_(std::move(public_key)) {}

    const std::optional<PublicKey>& public_key() const override { return public_key_; }

    Result<Bytes> sign(ByteView message) const override {
        const Pkey key = FIELDSEAL_TRY(make_pkey());
        const DigestContext context(EVP_MD_CTX_new());
        std::array<std::uint8_t, kDerSignatureBytesMax> der{};
        std::size_t size = der.size();
        if (!context ||
            EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
            EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) != 1) {
            return refused("sign");
        }
        return raw_low_s(ByteView(der).first(size));
    }

private:
    Result<Pkey> make_pkey() const {
        char group_name[] = "prime256v1";
        Bytes point = public_key_->raw();
        // The parameter is only read; OpenSSL's signature is not const.
        auto* scalar = const_cast<std::uint8_t*>(scalar_.data());
        OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group_name, 0),
            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
            OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, scalar, scalar_.size()),
            OSSL_PARAM_construct_end()};
        const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
        EVP_PKEY* key = nullptr;
        if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
            EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters) != 1) {
            return refused("load the key");
        }
        return Pkey(key);
    }

    // FORMATS §1: only the lower of the two valid S values is ever written.
    Result<Bytes> raw_low_s(ByteView der) const {
        const std::uint8_t* cursor = der.data();
        const EcdsaSignature signature(
            d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(der.size())));
        const BIGNUM* order = EC_GROUP_get0_order(group_.get());
        const Number half(BN_dup(order));
        const Number s(signature ? BN_dup(ECDSA_SIG_get0_s(signature.get())) : nullptr);
        if (!half || !s || BN_rshift1(half.get(), order) != 1) return refused("read the signature");
        if (BN_cmp(s.get(), half.get()) > 0 && BN_sub(s.get(), order, s.get()) != 1) {
            return refused("normalise the signature");
        }
        Bytes out(kSignatureBytes);
        constexpr int kWidth = static_cast<int>(kCoordinateBytes);
        if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out.data(), kWidth) != kWidth ||
            BN_bn2binpad(s.get(), out.data() + kCoordinateBytes, kWidth) != kWidth) {
            return refused("write the signature");
        }
        return out;
    }

    Group group_;
    SecretBytes
        scalar_;  // little-endian, as OSSL_PARAM takes integers on every machine we build for
    std::optional<PublicKey> public_key_;
};

}  // namespace

Result<std::unique_ptr<KeyEngine>> make_es256_engine(SecretBytes secret) {
    Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const NumberContext context(BN_CTX_secure_new());
    const Number scalar(BN_secure_new());
    const Point point(group ? EC_POINT_new(group.get()) : nullptr);
    if (!context || !scalar || !point) return refused("allocate");
    if (!BN_bin2bn(secret.data(), static_cast<int>(secret.size()), scalar.get())) {
        return refused("read the scalar");
    }
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(group.get())) >= 0) {
        return Error{Errc::corrupt, "the private key is not a number P-256 can use"};
    }
    std::array<std::uint8_t, kEcPointBytes> uncompressed{};
    const bool made = EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr,
                                   context.get()) == 1 &&
                      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                                         uncompressed.data(), uncompressed.size(),
                                         context.get()) == uncompressed.size();
    if (!made) return refused("compute the public key");
    PublicKey public_key = FIELDSEAL_TRY(PublicKey::es256_from_point65(uncompressed));
    std::reverse(secret.data(), secret.data() + secret.size());
    return std::unique_ptr<KeyEngine>(
        new Es256Engine(std::move(group), std::move(secret), std::move(public_key)));
}

}  // namespace fieldseal::node
