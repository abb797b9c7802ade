// SPDX-License-Identifier: Apache-2.0
// COSE_Sign1 (RFC 9052 §4.2) as our logs hold it: tagged, unprotected map empty, payload present.
//
//     d2 84 <protected bstr> a0 <payload bstr> <signature bstr>
//
// Deterministic, so one object has one encoding, and the entry in a log is SHA-256 of exactly the
// received bytes. The protected header is kept as received and is never re-encoded for
// verification. What the header says is the business of statement.h and status.h. ERRORS:
// invalid_argument. THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

namespace fieldseal::cose {

inline constexpr std::size_t kSign1BytesMax = 64 * 1024;  // of the whole object
inline constexpr std::size_t kSignatureBytesMax = 512;    // RSA of 4096 bits

struct Sign1 {
    Bytes protected_header;
    Bytes payload;
    Bytes signature;
    friend bool operator==(const Sign1&, const Sign1&) = default;
};

Result<Sign1> parse(ByteView bytes);
Bytes encode(const Sign1& object);

// Sig_structure (RFC 9052 §4.4), the bytes that are signed: ["Signature1", protected, h'',
// payload].
Bytes sig_structure(ByteView protected_header, ByteView payload);

// The log entry: SHA-256 of encode(object).
Digest entry(const Sign1& object);

}  // namespace fieldseal::cose
