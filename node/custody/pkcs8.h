// SPDX-License-Identifier: Apache-2.0
// Private keys as other programs keep them: PKCS#8 (RFC 5208, RFC 5958) as PEM (RFC 7468).
//   "BEGIN ENCRYPTED PRIVATE KEY": PBES2 (RFC 8018) with scrypt (RFC 7914) or PBKDF2, and AES-CBC:
//   what `openssl pkcs8 -topk8` reads and writes. "BEGIN PRIVATE KEY" is not encrypted.
// Taken: EC keys of secp256k1 and P-256 (RFC 5915) and Ed25519 (RFC 8410). RSA keys live in tokens.
// The private number goes from the text into SecretBytes by code of ours: no parser's tree and no
// BIGNUM has a copy of it. OpenSSL sees it as bytes while it decrypts or encrypts.
// TRUST: read_pkcs8 takes bytes a stranger may have written; costs are bounded before they are
// paid. THREADS: any. Errors: invalid_argument (not such a file), denied (wrong passphrase),
// unsupported (another algorithm; says which).
#pragma once

#include "core/result.h"
#include "node/custody/key_types.h"
#include "node/custody/secret.h"

namespace fieldseal::node {

inline constexpr std::size_t kPkcs8BytesMax = 16 * 1024;
inline constexpr std::uint32_t kPbkdf2IterationsMax = 10'000'000;

struct Pkcs8Key {
    KeyAlgorithm algorithm = KeyAlgorithm::es256k;
    SecretBytes secret;  // as engine.h takes it; not checked against its group's order
};

// True when the text says that it is encrypted. For asking a person before reading.
bool is_encrypted_pkcs8(ByteView pem);

// REQUIRES: `passphrase` exactly where the text is encrypted.
Result<Pkcs8Key> read_pkcs8(ByteView pem, const SecretBytes* passphrase);

// Encrypted with scrypt (N 2^14, r 8, p 5) and AES-256-CBC; not at all without a passphrase.
Result<SecretBytes> write_pkcs8(KeyAlgorithm algorithm, const SecretBytes& secret,
                                const PublicKey& public_key, const SecretBytes* passphrase);

}  // namespace fieldseal::node
