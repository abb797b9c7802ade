// SPDX-License-Identifier: Apache-2.0
// Signs for tests with every algorithm of public_key.h, under keys made from an obviously fake seed
// (one byte) or, for RSA, made at run time. The product's signers live in node/custody; core/ only
// verifies. Unlike them it signs any bytes, so that tests can make what the product refuses to
// make. THREADS: any after construction.
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"

#include <cstdint>
#include <memory>

namespace fieldseal::testing {

class SealSigner {
public:
    // The same seed gives the same key. ES256K and EdDSA signatures are deterministic too.
    static SealSigner es256k(std::uint8_t seed_byte);
    static SealSigner es256(std::uint8_t seed_byte);
    static SealSigner eddsa(std::uint8_t seed_byte);
    static SealSigner ps256();
    static SealSigner of(Algorithm algorithm, std::uint8_t seed_byte);

    const PublicKey& key() const { return key_; }
    // Low-S for ECDSA, salt of 32 bytes for PS256.
    Bytes sign(ByteView message) const;

private:
    struct Secret;
    SealSigner(PublicKey key, std::shared_ptr<const Secret> secret)
        : key_(std::move(key)), secret_(std::move(secret)) {}

    PublicKey key_;
    std::shared_ptr<const Secret> secret_;
};

}  // namespace fieldseal::testing
