// SPDX-License-Identifier: Apache-2.0
// ES256K by libsecp256k1: constant time, low S by construction, nonce by RFC 6979 hedged with 32
// fresh random bytes. Plain RFC 6979 signs the same message twice with the same nonce, and one
// glitch between the two reveals the key (draft-irtf-cfrg-det-sigs-with-noise §1); with the extra
// bytes a broken random generator costs nothing and a glitch reveals nothing.
//
// Transactions are signed by plain RFC 6979 on purpose: one nonce of an account must never have two
// transactions that differ in nothing but the signature, not even after a restored backup. A glitch
// is caught instead: SigningKey recovers the account before it hands a signature out.
#include "core/hash.h"
#include "node/custody/engine.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

#include <array>

namespace fieldseal::node {
namespace {

constexpr std::size_t kNonceDataBytes = 32;
constexpr int kParityMax = 1;  // recovery ids 2 and 3: r was reduced, no transaction can say so

struct ContextDeleter {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
};
using Context = std::unique_ptr<secp256k1_context, ContextDeleter>;

class Es256kEngine final : public KeyEngine {
public:
    Es256kEngine(Context context, SecretBytes scalar, PublicKey public_key)
        : context_(std::move(context)),
          scalar_(std::move(scalar)),
          public_key_(std::move(public_key)) {}

    const std::optional<PublicKey>& public_key() const override { return public_key_; }

    Result<Bytes> sign(ByteView message) const override {
        const Digest digest = sha256(message);
        std::array<std::uint8_t, kNonceDataBytes> fresh{};
        randombytes_buf(fresh.data(), fresh.size());
        secp256k1_ecdsa_signature signature;
        const int made =
            secp256k1_ecdsa_sign(context_.get(), &signature, digest.data(), scalar_.data(),
                                 secp256k1_nonce_function_rfc6979, fresh.data());
        sodium_memzero(fresh.data(), fresh.size());
        if (made != 1) return Error{Errc::internal, "libsecp256k1 refused to sign"};
        Bytes out(kSignatureBytes);
        secp256k1_ecdsa_signature_serialize_compact(context_.get(), out.data(), &signature);
        return out;
    }

    Result<evm::TransactionSignature> sign_recoverable(const Digest& digest) const override {
        secp256k1_ecdsa_recoverable_signature signature;
        if (secp256k1_ecdsa_sign_recoverable(context_.get(), &signature, digest.data(),
                                             scalar_.data(), secp256k1_nonce_function_rfc6979,
                                             nullptr) != 1) {
            return Error{Errc::internal, "libsecp256k1 refused to sign"};
        }
        evm::TransactionSignature out;
        int recovery_id = 0;
        secp256k1_ecdsa_recoverable_signature_serialize_compact(context_.get(), out.rs.data(),
                                                                &recovery_id, &signature);
        if (recovery_id > kParityMax) {
            return Error{Errc::internal,
                         "the signature has recovery id " + std::to_string(recovery_id) +
                             ", which no transaction can carry; change its fee and sign again"};
        }
        out.y_parity = static_cast<std::uint8_t>(recovery_id);
        return out;
    }

private:
    Context context_;  // const use is safe from any thread; blinded once, when unlocked
    SecretBytes scalar_;
    std::optional<PublicKey> public_key_;
};

}  // namespace

Result<std::unique_ptr<KeyEngine>> make_es256k_engine(SecretBytes secret) {
    Context context(secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY));
    if (!context) return Error{Errc::exhausted, "no memory left for a signing context"};
    SecretBytes blinding = FIELDSEAL_TRY(SecretBytes::random(32));
    if (secp256k1_context_randomize(context.get(), blinding.data()) != 1) {
        return Error{Errc::internal, "libsecp256k1 refused to blind its context"};
    }
    secp256k1_pubkey point;
    if (secp256k1_ec_pubkey_create(context.get(), &point, secret.data()) != 1) {
        return Error{Errc::corrupt, "the private key is not a number secp256k1 can use"};
    }
    std::array<std::uint8_t, kEcPointBytes> uncompressed{};
    std::size_t size = uncompressed.size();
    secp256k1_ec_pubkey_serialize(context.get(), uncompressed.data(), &size, &point,
                                  SECP256K1_EC_UNCOMPRESSED);
    PublicKey public_key = FIELDSEAL_TRY(PublicKey::es256k_from_point65(uncompressed));
    return std::unique_ptr<KeyEngine>(
        new Es256kEngine(std::move(context), std::move(secret), std::move(public_key)));
}

}  // namespace fieldseal::node
