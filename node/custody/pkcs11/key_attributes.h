// SPDX-License-Identifier: Apache-2.0
// A key of ours in Cryptoki's attributes: which curve we ask for, and what a token gives back as a
// public key. Tokens disagree: CKA_EC_POINT is a DER OCTET STRING around the point (PKCS#11 v2.40
// §2.3.3) or the point itself; an Ed25519 curve is named by RFC 8410's object identifier or by a
// PrintableString (PKCS#11 v3.0 §2.3.10). Pure: bytes in, bytes out.
// TRUST: a token's answers are outside bytes. THREADS: any. Errors: corrupt (not a key we can use).
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"
#include "core/result.h"
#include "node/custody/key_types.h"

#include <vector>

namespace fieldseal::node::pkcs11 {

// The most bytes one attribute of a public key has: an RSA modulus of 4096 bits, with room.
inline constexpr std::size_t kAttributeBytesMax = 1024;

// CKA_EC_PARAMS for a new key, in the order to try. Empty for RSA.
std::vector<Bytes> curve_parameters(KeyAlgorithm algorithm);

struct PublicAttributes {
    Bytes ec_parameters;  // CKA_EC_PARAMS
    Bytes ec_point;       // CKA_EC_POINT
    Bytes modulus;        // CKA_MODULUS
    Bytes exponent;       // CKA_PUBLIC_EXPONENT
};

// The key these make, checked to be one of `algorithm`.
Result<PublicKey> public_key_of(KeyAlgorithm algorithm, const PublicAttributes& attributes);

// The one of our algorithms that a statement names. REQUIRES: not hmac_sha256.
Algorithm signature_algorithm(KeyAlgorithm algorithm);

}  // namespace fieldseal::node::pkcs11
