// SPDX-License-Identifier: Apache-2.0
// The low-S rule of ECDSA signatures of 64 bytes (r ‖ s), for both curves we accept.
//
// (r, s) and (r, n - s) both satisfy ECDSA; statements are hashed into logs, so one of the two must
// be the only form: s <= (n - 1) / 2. Tokens return either half; a signer normalises before it
// stores, a verifier refuses. Works on public values only; not constant time. THREADS: any.
#pragma once

#include "core/bytes.h"

#include <array>
#include <cstdint>

namespace fieldseal {

inline constexpr std::size_t kEcdsaSignatureBytes = 64;
using EcdsaSignature = std::array<std::uint8_t, kEcdsaSignatureBytes>;

enum class Curve : std::uint8_t { secp256k1, p256 };

// True when s <= (n - 1) / 2. Says nothing about r.
bool is_low_s(Curve curve, const EcdsaSignature& signature);

// The same signature with s in the lower half. REQUIRES: s <= n, as every signer returns.
EcdsaSignature to_low_s(Curve curve, const EcdsaSignature& signature);

}  // namespace fieldseal
