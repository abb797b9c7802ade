// SPDX-License-Identifier: Apache-2.0
// A certification request (PKCS #10, RFC 2986): a seal asks a certificate authority for a
// certificate. It is signed by the key it is about (RFC 2986 §3: proof of possession), so a seal's
// key signs it, and nothing else of that shape (docs/adr/0016). Deterministic: one DER for one name
// and key. A signer takes a RequestTbs, never raw bytes; its preimage begins with 30, a statement's
// with 84, so neither is ever taken for the other. THREADS: pure functions, any.
// Errors: invalid_argument (a name's form, a signature's length).
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"
#include "core/result.h"

#include <string>
#include <string_view>

namespace fieldseal::pki {

// The subject. X.520's upper bounds; UTF-8 without control characters; empty parts are left out.
struct RequestedName {
    std::string common_name;   // 1 to 64 characters: "Permits, Ministry of Works"
    std::string organisation;  // at most 64
    std::string country;       // two capital letters
};

class RequestTbs {
public:
    static Result<RequestTbs> from(const PublicKey& key, const RequestedName& name);

    const PublicKey& key() const { return key_; }
    // CertificationRequestInfo, DER: the bytes to be signed. Asks for the key usages
    // digitalSignature and contentCommitment and the purpose document signing (RFC 9336).
    const Bytes& preimage() const { return info_; }

private:
    RequestTbs(PublicKey key, Bytes info) : key_(std::move(key)), info_(std::move(info)) {}

    PublicKey key_;
    Bytes info_;
};

// The request, DER. `signature` as statements have it: r ‖ s, R ‖ S, or RSA's.
Result<Bytes> assemble(const RequestTbs& tbs, ByteView signature);

// "-----BEGIN CERTIFICATE REQUEST-----" …
std::string request_to_pem(ByteView der);

}  // namespace fieldseal::pki
