// SPDX-License-Identifier: Apache-2.0
// The recovery code: 256 random bits a person prints, puts in an envelope and types back years
// later.
//   FSR1-XXXX-XXXX-… : 14 groups of 4 characters of Crockford's base 32 (no I, L, O, U) that carry
//   32 secret bytes and 3 bytes of SHA-256("fieldseal-recovery/v1" ‖ secret) against typing
//   mistakes.
// Reading is kind to people: any case, blanks for hyphens, O for 0, I and L for 1.
// THREADS: any. Errors: invalid_argument.
#pragma once

#include "core/result.h"
#include "node/custody/secret.h"

namespace fieldseal::node {

inline constexpr std::size_t kRecoverySecretBytes = 32;

// The printed form, 74 ASCII characters.
Result<SecretBytes> format_recovery_code(const SecretBytes& secret);
Result<SecretBytes> parse_recovery_code(ByteView text);

}  // namespace fieldseal::node
