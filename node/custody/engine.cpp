// SPDX-License-Identifier: Apache-2.0
#include "node/custody/engine.h"

#include "core/check.h"

#include <sodium.h>

#include <array>
#include <cstdlib>

namespace fieldseal::node {
namespace {

// libsodium rather than the twice as fast Crypto++: it works on the key where it lies, in locked
// memory. A Crypto++ signer keeps a copy in an object of its own, which can be swapped to disk.
class EddsaEngine final : public KeyEngine {
public:
    EddsaEngine(SecretBytes expanded, PublicKey public_key)
        : expanded_(std::move(expanded)), public_key_(std::move(public_key)) {}

    const std::optional<PublicKey>& public_key() const override { return public_key_; }
    Result<Bytes> sign(ByteView message) const override {
        Bytes signature(crypto_sign_BYTES);
        crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                             expanded_.data());
        return signature;
    }

private:
    SecretBytes expanded_;  // seed ‖ public key, libsodium's form
    std::optional<PublicKey> public_key_;
};

class HmacEngine final : public KeyEngine {
public:
    explicit HmacEngine(SecretBytes key) : key_(std::move(key)) {}

    const std::optional<PublicKey>& public_key() const override { return public_key_; }
    Result<Bytes> sign(ByteView message) const override {
        Bytes mac(crypto_auth_hmacsha256_BYTES);
        crypto_auth_hmacsha256(mac.data(), message.data(), message.size(), key_.data());
        return mac;
    }

private:
    SecretBytes key_;
    std::optional<PublicKey> public_key_;
};

}  // namespace

Result<evm::TransactionSignature> KeyEngine::sign_recoverable(const Digest&) const {
    return Error{Errc::unsupported, "only a secp256k1 key signs transactions"};
}

Result<std::unique_ptr<KeyEngine>> make_eddsa_engine(SecretBytes seed) {
    SecretBytes expanded = FIELDSEAL_TRY(SecretBytes::allocate(crypto_sign_SECRETKEYBYTES));
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> point{};
    crypto_sign_seed_keypair(point.data(), expanded.data(), seed.data());
    PublicKey public_key = FIELDSEAL_TRY(PublicKey::eddsa_from_raw32(point));
    return std::unique_ptr<KeyEngine>(new EddsaEngine(std::move(expanded), std::move(public_key)));
}

Result<std::unique_ptr<KeyEngine>> make_hmac_engine(SecretBytes secret) {
    static_assert(kKeySecretBytes == crypto_auth_hmacsha256_KEYBYTES);
    return std::unique_ptr<KeyEngine>(new HmacEngine(std::move(secret)));
}

Result<std::unique_ptr<KeyEngine>> make_engine(KeyAlgorithm algorithm, SecretBytes secret) {
    FIELDSEAL_CHECK(secret.size() == kKeySecretBytes);
    switch (algorithm) {
        case KeyAlgorithm::es256k:
            return make_es256k_engine(std::move(secret));
        case KeyAlgorithm::es256:
            return make_es256_engine(std::move(secret));
        case KeyAlgorithm::eddsa:
            return make_eddsa_engine(std::move(secret));
        case KeyAlgorithm::hmac_sha256:
            return make_hmac_engine(std::move(secret));
        case KeyAlgorithm::ps256:
            return Error{Errc::unsupported,
                         "a PS256 key is kept in a token only: make it with --pkcs11, or choose "
                         "another algorithm"};
    }
    std::abort();
}

Result<SecretBytes> generate_secret(KeyAlgorithm algorithm) {
    // A random scalar is out of range once in 2^32 times for P-256, never in practice for
    // secp256k1.
    constexpr int kDraws = 64;
    for (int draw = 0; draw < kDraws; ++draw) {
        SecretBytes secret = FIELDSEAL_TRY(SecretBytes::random(kKeySecretBytes));
        SecretBytes trial = FIELDSEAL_TRY(SecretBytes::copy_of(secret.view()));
        const auto engine = make_engine(algorithm, std::move(trial));
        if (engine.ok()) return secret;
        if (engine.error().code != Errc::corrupt) return engine.error();
    }
    return Error{Errc::internal, "the random generator gave no usable key in 64 draws"};
}

}  // namespace fieldseal::node
