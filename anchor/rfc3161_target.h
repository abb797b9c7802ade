// SPDX-License-Identifier: Apache-2.0
// Kind "rfc3161": has a time-stamping authority stamp our checkpoint's digest and brings home a
// token that verifies offline (docs/formats/anchor-rfc3161.md).
//
// TRUST: nothing the authority says is believed but a token that the verifier's own check takes,
// against the roots and policies of our configuration, with the nonce of this very request and a
// sane time. The nonce lives as long as the connection: after a restart there is nobody left to
// answer the old request, and the new one has another nonce.
// THREADS: one thread per object; draw_nonce is called on it.
#pragma once

#include "anchor/http_client.h"
#include "anchor/target.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fieldseal::anchor {

inline constexpr std::size_t kStampNonceBytes = 16;

struct Rfc3161Settings {
    std::string name;      // the name in our configuration, for messages
    std::string url;       // requests are posted to exactly this address
    TrustedTsa authority;  // its roots, policies and accuracy, as a verifier would pin them
    std::vector<std::pair<std::string, std::string>> auth_headers;
    std::int64_t skew_s = 300;  // how far a token's time may lie ahead of our clock
    TlsSettings tls;
    HttpLimits limits;  // per request; body_bytes_max is set by the adapter
};

// Fresh random bytes, kStampNonceBytes of them.
using DrawNonce = std::function<Bytes()>;

// Errc::invalid_argument names the setting that is wrong and what it must look like.
Result<std::unique_ptr<Target>> open_rfc3161_target(Rfc3161Settings settings, DrawNonce draw_nonce);

}  // namespace fieldseal::anchor
