// SPDX-License-Identifier: Apache-2.0
// Which algorithms may vouch in certificates and time-stamps, for the .cpp files of core/pki. Out
// are SHA-1 and MD5 (collisions), Ed25519 and RSASSA-PSS (in time-stamps, programs of others do not
// agree about them), other curves. Numbers are OpenSSL's NIDs. THREADS: pure functions, any.
#pragma once

#include "core/pki/certificate.h"

#include <optional>
#include <string>

namespace fieldseal::pki {

inline constexpr int kRsaKeyBitsMin = 2048;
inline constexpr int kRsaKeyBitsMax = 8192;

// RSA of those sizes, or EC on a named P-256 or P-384. Errc::unsupported says what it is.
Result<void> check_key_of(x509_st* certificate);
bool is_rsa(x509_st* certificate);

bool may_digest(int digest_nid);
// RSA PKCS #1 v1.5 or ECDSA, with one of those digests.
bool may_sign_certificates(int signature_nid);
// The same for a CMS SignerInfo, where rsaEncryption stands for "RSA with the digest named beside".
bool may_sign_messages(int signature_nid, int digest_nid, bool with_rsa);
std::string algorithm_name(int nid);

// A value of its own of a certificate that OpenSSL owns; nullopt when it is none of ours.
std::optional<Certificate> copy_of(x509_st* certificate);

}  // namespace fieldseal::pki
