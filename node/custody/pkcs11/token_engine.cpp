// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/token_engine.h"

#include "core/ecdsa_scalar.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::node::pkcs11 {
namespace {

class TokenEngine final : public KeyEngine {
public:
    TokenEngine(std::shared_ptr<Token> token, KeyName key, PublicKey public_key,
                std::optional<std::string> pin_file)
        : token_(std::move(token)),
          key_(std::move(key)),
          public_key_(std::move(public_key)),
          pin_file_(std::move(pin_file)) {
        token_->enter();
    }
    ~TokenEngine() override { token_->leave(); }
    TokenEngine(const TokenEngine&) = delete;
    TokenEngine& operator=(const TokenEngine&) = delete;

    const std::optional<PublicKey>& public_key() const override { return public_key_; }
    bool in_process() const override { return false; }

    Result<Bytes> sign(ByteView message) const override {
        Bytes raw = FIELDSEAL_TRY(token_->sign(key_, message, pin_file_));
        auto signature = normalised(public_key_->algorithm(), std::move(raw));
        if (!signature.ok()) return set_aside(signature.error());
        const auto verified = public_key_->verify(message, *signature);
        if (!verified.ok()) return set_aside(verified.error());
        return signature;
    }

private:
    static Error set_aside(const Error& why) {
        return Error{Errc::corrupt,
                     "the token answered with a signature that is not this key's (" + why.message +
                         "): it was thrown away and the key set aside. Look at the token, then "
                         "unlock the seal again"};
    }

    const std::shared_ptr<Token> token_;
    const KeyName key_;
    const std::optional<PublicKey> public_key_;
    const std::optional<std::string> pin_file_;
};

}  // namespace

Result<Bytes> normalised(Algorithm algorithm, Bytes signature) {
    const auto size = check_signature_size(algorithm, signature.size());
    if (!size.ok()) return Error{Errc::corrupt, size.error().message};
    if (algorithm != Algorithm::es256k && algorithm != Algorithm::es256) return signature;
    EcdsaSignature scalars{};
    std::copy(signature.begin(), signature.end(), scalars.begin());
    const auto curve = algorithm == Algorithm::es256k ? Curve::secp256k1 : Curve::p256;
    const EcdsaSignature low = to_low_s(curve, scalars);
    return Bytes(low.begin(), low.end());
}

std::unique_ptr<KeyEngine> make_token_engine(std::shared_ptr<Token> token, KeyName key,
                                             PublicKey public_key,
                                             std::optional<std::string> pin_file) {
    return std::make_unique<TokenEngine>(std::move(token), std::move(key), std::move(public_key),
                                         std::move(pin_file));
}

}  // namespace fieldseal::node::pkcs11
