// SPDX-License-Identifier: Apache-2.0
// The COSE header labels and CWT claim numbers our objects use, with the document that assigned
// each. THREADS: constants.
#pragma once

#include <cstdint>

namespace fieldseal::cose {

inline constexpr std::int64_t kAlg = 1;                    // RFC 9052 §3.1
inline constexpr std::int64_t kKid = 4;                    // RFC 9052 §3.1
inline constexpr std::int64_t kCwtClaims = 15;             // RFC 9597 §2
inline constexpr std::int64_t kTyp = 16;                   // RFC 9596 §2
inline constexpr std::int64_t kX5t = 34;                   // RFC 9360 §2
inline constexpr std::int64_t kPayloadHashAlg = 258;       // RFC 9995
inline constexpr std::int64_t kPreimageContentType = 259;  // RFC 9995

inline constexpr std::int64_t kCwtIssuer = 1;    // RFC 8392 §3.1.1
inline constexpr std::int64_t kCwtSubject = 2;   // RFC 8392 §3.1.2
inline constexpr std::int64_t kCwtIssuedAt = 6;  // RFC 8392 §3.1.6

inline constexpr std::int64_t kSha256 = -16;  // RFC 9054 §2.1, as a hash algorithm

}  // namespace fieldseal::cose
