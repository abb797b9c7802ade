// SPDX-License-Identifier: Apache-2.0
// Ed25519 verification through libsodium, which refuses what RFC 8032 §5.1.7 and strict verifiers
// refuse: S not below the group order, small-order and non-canonical points. core/ never signs.
// THREADS: any.
#pragma once

#include "core/bytes.h"

#include <array>

namespace fieldseal {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;
using Ed25519PublicKey = std::array<std::uint8_t, kEd25519KeyBytes>;
using Ed25519Signature = std::array<std::uint8_t, kEd25519SignatureBytes>;

bool verify_ed25519(const Ed25519PublicKey& key, ByteView message,
                    const Ed25519Signature& signature);

}  // namespace fieldseal
