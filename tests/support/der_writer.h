// SPDX-License-Identifier: Apache-2.0
// Writes DER by hand, so that tests can make every certificate, list and token that OpenSSL would
// refuse to make, the same bytes each time. THREADS: pure functions, any.
#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

Bytes der(std::uint8_t tag, ByteView content);
Bytes der_joined(std::initializer_list<Bytes> parts);
Bytes der_sequence(std::initializer_list<Bytes> parts);
// SET OF, its items in the order of their encodings.
Bytes der_set(std::vector<Bytes> items);
Bytes der_oid(std::string_view dotted);
Bytes der_number(std::uint64_t value);
Bytes der_number_of(ByteView magnitude);
Bytes der_octets(ByteView content);
Bytes der_bits(ByteView content);
Bytes der_null();
Bytes der_true();
// "20260101000000Z".
Bytes der_generalized_time(std::string_view text);
// As certificates have it: UTCTime until 2049.
Bytes der_time(std::int64_t posix_s);
// An algorithm's identifier without parameters, and with NULL.
Bytes der_algorithm(std::string_view oid);
Bytes der_algorithm_null(std::string_view oid);

}  // namespace fieldseal::testing
