// SPDX-License-Identifier: Apache-2.0
// A public key that verifies statements, snapshots and certificates' holders: the four algorithms
// of docs/formats/statement.md, one name (kid), one encoding (SubjectPublicKeyInfo), one check
// each.
//
// SPKI is accepted only in the one form we would write: EC points uncompressed with a named curve,
// Ed25519 per RFC 8410, RSA as rsaEncryption with NULL parameters, DER without slack.
// Verification is strict: ECDSA low-S only, Ed25519 by libsodium (refuses S + L, small-order and
// non-canonical points), RSASSA-PSS with SHA-256, MGF1-SHA-256 and a 32-byte salt.
// ERRORS: invalid_argument for a key or signature of the wrong form, corrupt for a signature that
// does not verify. THREADS: a cheap value (the parsed key is shared and constant); const use from
// any.
#pragma once

#include "core/bytes.h"
#include "core/ed25519.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace fieldseal {

enum class Algorithm : std::uint8_t {
    es256k,  // ECDSA over secp256k1 with SHA-256 (RFC 8812)
    es256,   // ECDSA over P-256 with SHA-256 (RFC 9053 §2.1)
    eddsa,   // Ed25519 only (RFC 9053 §2.2)
    ps256,   // RSASSA-PSS with SHA-256, salt 32 (RFC 8230)
};

// The COSE number: -47, -7, -8, -37.
std::int64_t cose_number(Algorithm algorithm);
std::optional<Algorithm> algorithm_from_cose(std::int64_t number);
// "ES256K", "ES256", "EdDSA", "PS256".
std::string_view to_string(Algorithm algorithm);
Result<Algorithm> algorithm_from_name(std::string_view name);

inline constexpr std::size_t kEcPointBytes = 65;  // 04 ‖ x ‖ y
inline constexpr std::size_t kRsaBitsMin = 2048;
inline constexpr std::size_t kRsaBitsMax = 4096;
inline constexpr std::size_t kSpkiBytesMax = 1024;

// The signature's length: 64, or 256 to 512 for PS256 (then it must equal the modulus's).
Result<void> check_signature_size(Algorithm algorithm, std::size_t bytes);

class PublicKey {
public:
    static Result<PublicKey> from_spki(ByteView der);
    static Result<PublicKey> es256k_from_point65(ByteView point);
    static Result<PublicKey> es256_from_point65(ByteView point);
    static Result<PublicKey> eddsa_from_raw32(ByteView raw);
    // Modulus and exponent as unsigned big-endian integers without leading zeros.
    static Result<PublicKey> ps256_from_modulus(ByteView modulus, ByteView exponent);

    Algorithm algorithm() const;
    // SubjectPublicKeyInfo, DER.
    const Bytes& spki() const;
    // SHA-256 of spki(): the key's name everywhere.
    const Digest& kid() const;
    // The 65-byte point, the 32 raw bytes, or for RSA the modulus.
    const Bytes& raw() const;

    // Checks `signature` over `message` (hashed here, as the algorithm says).
    Result<void> verify(ByteView message, ByteView signature) const;

    friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.kid() == b.kid(); }

private:
    struct Impl;
    explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

    std::shared_ptr<const Impl> impl_;  // shared by copies; never changed after construction
};

}  // namespace fieldseal
