// SPDX-License-Identifier: Apache-2.0
// The second factor: time-based one-time passwords (RFC 6238: SHA-1, 6 digits, 30 s) through
// liboath. Codes of the step before and after are taken too, because phones and offline nodes
// disagree about the time; each step counts once.
//
// The shared secret has to be kept readable to check codes. It is stored encrypted
// (XChaCha20-Poly1305) under a key of the node's that is not in the store, and bound to the
// account's name: a copied or backed-up database gives no codes. THREADS: any.
// Errors: denied (does not open: another machine's secret), internal (liboath).
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::size_t kTotpSecretBytes = 20;
inline constexpr std::size_t kTotpDigits = 6;
inline constexpr std::uint32_t kTotpStepS = 30;
inline constexpr std::size_t kTotpWindow = 1;  // steps to either side

// Wipe what these return.
std::string random_totp_secret();
// As people type it: base 32 without padding.
Result<std::string> totp_secret_text(std::string_view secret);
// What a QR code carries: otpauth://totp/fieldseal:anna?secret=…&issuer=fieldseal
std::string totp_uri(std::string_view secret_text, std::string_view account,
                     std::string_view issuer);

// The step whose code this is, if it is within the window and after `last_step`.
Result<std::optional<std::int64_t>> totp_step(std::string_view secret, std::string_view code,
                                              std::int64_t now_s, std::int64_t last_step);

Bytes seal_totp_secret(std::string_view secret, std::string_view account, const Digest& key);
Result<std::string> open_totp_secret(ByteView sealed, std::string_view account, const Digest& key);

}  // namespace fieldseal::people
