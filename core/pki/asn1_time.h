// SPDX-License-Identifier: Apache-2.0
// Times of ASN.1 as POSIX seconds, without a C library's idea of a time zone. THREADS: pure, any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

struct asn1_string_st;

namespace fieldseal::pki {

// A UTCTime or GeneralizedTime of a certificate or CRL; nullopt when it is malformed.
std::optional<std::int64_t> posix_seconds(const asn1_string_st* time);

// genTime of a time-stamp (RFC 3161 §2.4.2): YYYYMMDDhhmmss[.f…]Z, without trailing zeros in the
// fraction, of at most nine digits. From 1970 on.
struct GeneralizedTime {
    std::int64_t seconds = 0;      // POSIX
    std::int64_t nanoseconds = 0;  // 0 to 999 999 999
};
std::optional<GeneralizedTime> read_generalized_time(std::string_view text);

}  // namespace fieldseal::pki
