// SPDX-License-Identifier: Apache-2.0
// Text forms of bytes and integers. Decoders accept exactly what the encoders write: one text per
// value.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal {

// Lower-case hexadecimal. Upper case and odd lengths are refused.
std::string hex_encode(ByteView bytes);
Result<Bytes> hex_decode(std::string_view text);
Result<Digest> hex_decode_digest(std::string_view text);

// Standard base64 with padding, RFC 4648 §4. Non-canonical forms (stray pad bits, missing padding,
// line breaks) are refused.
std::string base64_encode(ByteView bytes);
Result<Bytes> base64_decode(std::string_view text);
Result<Digest> base64_decode_digest(std::string_view text);

// Decimal without sign, leading zeros or spaces; at most UINT64_MAX.
Result<std::uint64_t> parse_decimal(std::string_view text);

// A digest from bytes of exactly 32 octets.
Result<Digest> to_digest(ByteView bytes);

// True for well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
bool is_utf8(std::string_view text);

// `text` cut to `limit` bytes with "…" and control bytes escaped: safe to quote in a message.
std::string quoted(std::string_view text, std::size_t limit = 80);

// RFC 3339 in UTC from POSIX seconds ("2026-11-23T14:30:00Z"), proleptic Gregorian.
std::string rfc3339(std::int64_t posix_s);

}  // namespace fieldseal
