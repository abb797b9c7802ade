// SPDX-License-Identifier: Apache-2.0
// The code that lets the first person in: made on the node's console while there is no account, 8
// groups of 4 characters of Crockford's base 32 (no I, L, O, U): 160 random bits. Stored as a
// SHA-256 under "pairing/code", so the row lets nobody in. It dies with its use, after an hour, or
// after a bounded number of tries, each counted durably before the code is looked at.
//
// Reading is kind to people: any case, blanks for hyphens, O for 0, I and L for 1.
// THREADS: one at a time (the mutex of People). DURABLE: on return.
// Errors: unauthenticated (wrong, expired, used), corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "people/rows.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::int64_t kPairingS = 3600;
inline constexpr std::int64_t kPairingAttemptsMax = 100;
inline constexpr std::string_view kPairingRow = "pairing/code";

struct Pairing {
    Digest hash{};
    std::int64_t made_at_s = 0;
    std::int64_t attempts = 0;
    friend bool operator==(const Pairing&, const Pairing&) = default;
};
Bytes encode_pairing(const Pairing& pairing);
Result<Pairing> decode_pairing(ByteView row);

// What was typed, as the 32 characters it means; nothing when it is not a code.
std::optional<std::string> pairing_letters(std::string_view typed);

// A new code, as it is shown to a person; it replaces an older one.
Result<std::string> make_pairing_code(Rows& rows, std::int64_t now_s);
Result<void> check_pairing_code(Rows& rows, std::string_view typed, std::int64_t now_s);

}  // namespace fieldseal::people
