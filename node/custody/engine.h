// SPDX-License-Identifier: Apache-2.0
// One unlocked private key and the library that works with it. Private to custody/: everybody else
// signs through SigningKey, which knows what is being signed.
// The secret: 32 bytes, a big-endian scalar (ES256K, ES256), a seed (EdDSA) or a MAC key.
// OWNED BY: the SigningKey while it is unlocked; the destructor wipes the secret.
// THREADS: const calls from any number of threads.
// Errors: corrupt (a secret out of range), internal (a library refused).
#pragma once

#include "core/bytes.h"
#include "core/evm/transaction.h"
#include "core/public_key.h"
#include "core/result.h"
#include "node/custody/key_types.h"
#include "node/custody/secret.h"

#include <memory>
#include <optional>

namespace fieldseal::node {

inline constexpr std::size_t kKeySecretBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

class KeyEngine {
public:
    virtual ~KeyEngine() = default;
    // None for a MAC key.
    virtual const std::optional<PublicKey>& public_key() const = 0;
    // False: sign() asks a device, which may take its time, and checks what comes back.
    virtual bool in_process() const { return true; }
    // r ‖ s with low S, an Ed25519 signature of 64 bytes, or a MAC of 32.
    virtual Result<Bytes> sign(ByteView message) const = 0;
    // Over a Keccak-256 digest, for transactions; secp256k1 only. Errors: unsupported.
    virtual Result<evm::TransactionSignature> sign_recoverable(const Digest& digest) const;
};

// REQUIRES: secret.size() == kKeySecretBytes. Errors: unsupported (PS256: made in tokens only).
Result<std::unique_ptr<KeyEngine>> make_engine(KeyAlgorithm algorithm, SecretBytes secret);
Result<std::unique_ptr<KeyEngine>> make_es256k_engine(SecretBytes secret);
Result<std::unique_ptr<KeyEngine>> make_es256_engine(SecretBytes secret);
Result<std::unique_ptr<KeyEngine>> make_eddsa_engine(SecretBytes seed);
Result<std::unique_ptr<KeyEngine>> make_hmac_engine(SecretBytes secret);

// Fresh random bytes that make_engine accepts.
Result<SecretBytes> generate_secret(KeyAlgorithm algorithm);

}  // namespace fieldseal::node
