// SPDX-License-Identifier: Apache-2.0
// X.509 certificates and revocation lists (RFC 5280) as values: strict DER, bounded, read once.
// Nothing here reads a clock; who asks about a time passes it in (chain.h).
// THREADS: cheap values that share constant state; const use from any.
// ERRORS: invalid_argument for what is no certificate, unsupported for a key we do not use.
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;
struct X509_crl_st;

namespace fieldseal::pki {

inline constexpr std::size_t kCertificateBytesMax = 16 * 1024;
inline constexpr std::size_t kCrlBytesMax = 128 * 1024;
inline constexpr std::size_t kPemBytesMax = 256 * 1024;  // of a file of certificates
inline constexpr std::size_t kPemCertificatesMax = 64;   // in it
inline constexpr std::size_t kNameTextBytesMax = 200;    // of a name for people

class Certificate {
public:
    // Exactly one certificate in DER.
    static Result<Certificate> parse(ByteView der);

    const Bytes& der() const;
    const Digest& sha256() const;  // of der(): what people call its fingerprint
    // RFC 2253 text for people, never to be parsed; cut to kNameTextBytesMax.
    const std::string& subject() const;
    std::int64_t not_before_s() const;  // POSIX seconds; its life begins then
    std::int64_t not_after_s() const;   // and is over then
    bool is_authority() const;
    // Its key as one that verifies statements.
    Result<PublicKey> public_key() const;

    friend bool operator==(const Certificate& a, const Certificate& b) {
        return a.der() == b.der();
    }

    // For the .cpp files of core/pki. Constant, though OpenSSL does not say so.
    x509_st* handle() const;

private:
    struct Impl;
    explicit Certificate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

// The certificates of a PEM text, in its order; at least one. Refuses PEM of anything else: a
// private key that was put into such a file has to be noticed.
Result<std::vector<Certificate>> parse_pem_certificates(std::string_view pem);

class Crl {
public:
    // Exactly one CRL in DER, with a date.
    static Result<Crl> parse(ByteView der);

    const Bytes& der() const;
    std::int64_t this_update_s() const;
    // Whether it speaks about all certificates of its issuer (no critical extension limits it).
    bool is_complete() const;

    X509_crl_st* handle() const;

private:
    struct Impl;
    explicit Crl(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

}  // namespace fieldseal::pki
