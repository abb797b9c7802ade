// SPDX-License-Identifier: Apache-2.0
// The office network's own certificate authority: one P-256 CA that may vouch for the names of this
// node and for nothing else (critical name constraints), and the server certificates under it.
// Keys and certificates come and go as PEM; where they lie is papers.h's. OWNED BY: `fieldseal
// lan`. THREADS: any. Time and randomness: `now_s` is passed in, keys come from OpenSSL. ERRORS:
// invalid_argument (names, lifetimes), corrupt (a PEM of the wrong form), conflict (key and
// certificate do not belong together, a name outside the constraints), internal (OpenSSL refused).
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "node/custody/secret.h"
#include "node/lan/host_name.h"

#include <cstdint>
#include <string>
#include <vector>

namespace fieldseal::node::lan {

inline constexpr std::size_t kNamesMax = 32;                    // as many as `[edge] names` takes
inline constexpr std::size_t kCertificateBytesMax = 64 * 1024;  // a file with a chain
inline constexpr std::size_t kPrivateKeyBytesMax = 16 * 1024;
inline constexpr std::int64_t kAuthorityDays = 3650;
inline constexpr std::int64_t kServerDays = 397;     // what browsers accept from anybody
inline constexpr std::int64_t kServerDaysMax = 825;  // Apple's limit for an office's own CA
// A clock that is a little behind must not refuse a certificate made this minute.
inline constexpr std::int64_t kBackdatedSeconds = 24 * 3600;

struct Identity {
    SecretBytes private_key;  // PKCS #8, PEM
    std::string certificate;  // PEM; for a server, its CA's is not appended
};

struct CertificateFacts {
    std::vector<HostName> names;  // subjectAltName; empty for a CA
    std::string subject;
    std::int64_t not_before_s = 0;
    std::int64_t not_after_s = 0;
    Digest sha256{};  // of the DER: what browsers show as its fingerprint
    bool is_authority = false;
};

Result<Identity> make_authority(const std::vector<HostName>& names, std::int64_t now_s);
// `days` is cut to the CA's own end.
Result<Identity> make_server(const Identity& authority, const std::vector<HostName>& names,
                             std::int64_t days, std::int64_t now_s);

// Of the first certificate in a PEM file.
Result<CertificateFacts> read_certificate(std::string_view pem);
// The private key is the one the certificate speaks of.
Result<void> check_pair(std::string_view certificate_pem, ByteView private_key_pem);
// The certificate is good for this name. As a browser checks it: subjectAltName only.
Result<void> check_covers(std::string_view certificate_pem, const HostName& name);

// "AB:CD:…", as browsers and openssl print a fingerprint.
std::string fingerprint_text(const Digest& digest);

}  // namespace fieldseal::node::lan
