// SPDX-License-Identifier: Apache-2.0
#include "core/ed25519.h"

#include <sodium.h>

namespace fieldseal {

bool verify_ed25519(const Ed25519PublicKey& key, ByteView message,
                    const Ed25519Signature& signature) {
    return crypto_sign_verify_detached(signature.data(), message.data(), message.size(),
                                       key.data()) == 0;
}

}  // namespace fieldseal
