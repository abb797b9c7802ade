// SPDX-License-Identifier: Apache-2.0
// The cryptography of the key file: the data key (DEK) under a way of opening it, the private key
// under the DEK. Argon2id and XChaCha20-Poly1305 by libsodium; fresh random nonces each time.
// THREADS: any; wrapping with a passphrase takes the memory its cost says.
// Errors: denied (the secret does not open it), corrupt (the DEK opens a changed file), exhausted.
#pragma once

#include "node/custody/key_file.h"
#include "node/custody/secret.h"

#include <string_view>

namespace fieldseal::node {

inline constexpr std::size_t kDataKeyBytes = 32;

// A new wrap of `dek` for `file`, whose header must be final. `cost` counts for passphrases only.
Result<Wrap> wrap_data_key(const KeyFile& file, WrapType type, const SecretBytes& dek,
                           const SecretBytes& secret, const Argon2idCost& cost = {});
Result<SecretBytes> unwrap_data_key(const KeyFile& file, const Wrap& wrap,
                                    const SecretBytes& secret);

// 32 bytes made of a random secret, another for each name.
Result<SecretBytes> derive_key(std::string_view name, const SecretBytes& secret);

// Sets file.nonce and file.encrypted_key.
void encrypt_private_key(KeyFile& file, const SecretBytes& dek, const SecretBytes& key);
Result<SecretBytes> decrypt_private_key(const KeyFile& file, const SecretBytes& dek);

}  // namespace fieldseal::node
