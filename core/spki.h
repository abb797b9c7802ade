// SPDX-License-Identifier: Apache-2.0
// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in the one DER form we write, for the keys we accept.
// Bytes only: whether a point lies on its curve is PublicKey's business.
// ERRORS: invalid_argument, unsupported (an algorithm we do not use). THREADS: any.
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"

namespace fieldseal {

struct SpkiParts {
    Algorithm algorithm = Algorithm::es256k;
    Bytes raw;       // point of 65 bytes, Ed25519 key of 32, or RSA modulus without leading zero
    Bytes exponent;  // RSA only, without leading zero
};

// REQUIRES: parts of the lengths above.
Bytes encode_spki(const SpkiParts& parts);

// Refuses every DER that encode_spki would not write: compressed points, explicit curve parameters,
// absent NULL, long lengths, trailing bytes.
Result<SpkiParts> decode_spki(ByteView der);

}  // namespace fieldseal
