// SPDX-License-Identifier: Apache-2.0
// Keys of certificate authorities and time-stamping authorities for tests and vectors, each made
// from an obviously fake seed byte, that sign the same bytes each time: ECDSA by RFC 6979, RSA by
// PKCS #1 v1.5, Ed25519. THREADS: any after construction.
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace fieldseal::testing {

enum class StampHash : std::uint8_t { sha1, sha256, sha384, sha512 };
std::string_view oid_of(StampHash hash);
Bytes hash_with(StampHash hash, ByteView bytes);

class StampKey {
public:
    static StampKey p256(std::uint8_t seed_byte);
    static StampKey p384(std::uint8_t seed_byte);
    static StampKey secp256k1(std::uint8_t seed_byte);
    static StampKey rsa(std::uint8_t seed_byte, std::size_t bits = 2048);
    static StampKey ed25519(std::uint8_t seed_byte);

    const Bytes& spki() const;
    // The AlgorithmIdentifier of sign()'s signature, and the signature as certificates have it.
    Bytes algorithm(StampHash hash) const;
    Bytes sign(ByteView message, StampHash hash) const;

    struct Secret;

private:
    explicit StampKey(std::shared_ptr<const Secret> secret) : secret_(std::move(secret)) {}
    std::shared_ptr<const Secret> secret_;
};

}  // namespace fieldseal::testing
