// SPDX-License-Identifier: Apache-2.0
// Certificates, revocation lists, time-stamp tokens and replies for tests, made from plans in which
// everything can be changed. Deterministic. What OpenSSL's own authority makes is in
// tests/support/tsa. THREADS: pure functions, any.
#pragma once

#include "core/bytes.h"
#include "tests/support/stamp_key.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::testing {

inline constexpr std::string_view kTimeStampingUsage = "1.3.6.1.5.5.7.3.8";
inline constexpr std::string_view kCodeSigningUsage = "1.3.6.1.5.5.7.3.3";

struct CertificatePlan {
    std::string subject;
    StampKey key = StampKey::p256(0x30);
    Bytes spki = {};     // instead of that key's own
    std::string issuer;  // and the key it signs with
    StampKey issuer_key = StampKey::p256(0x30);
    StampHash hash = StampHash::sha256;
    std::uint64_t serial = 1;
    std::int64_t from_s = 0;
    std::int64_t until_s = 0;
    bool is_authority = false;
    std::vector<std::string_view> usages;  // extended; none: no such extension
    bool usages_are_critical = true;
};
Bytes make_certificate(const CertificatePlan& plan);
std::string to_pem(ByteView certificate);

struct RevokedPlan {
    std::uint64_t serial = 0;
    std::int64_t at_s = 0;
    std::optional<std::uint8_t> reason;  // CRLReason
};
struct CrlPlan {
    std::string issuer;
    StampKey issuer_key = StampKey::p256(0x30);
    std::int64_t this_update_s = 0;
    std::vector<RevokedPlan> revoked;
};
Bytes make_crl(const CrlPlan& plan);

struct AccuracyPlan {
    std::optional<std::uint64_t> seconds;
    std::optional<std::uint64_t> millis;
    std::optional<std::uint64_t> micros;
};

struct TokenPlan {
    // TSTInfo.
    std::uint64_t version = 1;
    std::string policy = "1.3.6.1.4.1.99999.1";
    StampHash imprint_hash = StampHash::sha256;
    Bytes imprint;
    std::string time;  // GeneralizedTime
    std::optional<AccuracyPlan> accuracy = AccuracyPlan{1, {}, {}};
    Bytes nonce;       // none when empty
    Bytes extensions;  // content of [1]; none when empty
    // The signer.
    CertificatePlan signer;
    StampHash hash = StampHash::sha256;
    // What stands in the token: the signer's certificate when `with_certificate`, then these.
    bool with_certificate = true;
    std::vector<Bytes> certificates;
    // signingCertificateV2 names these; the signer's own certificate when empty.
    std::vector<Bytes> named;
    bool named_by_sha1 = false;  // signingCertificate instead
    // Edits of what was made, before it is signed.
    std::function<void(Bytes& tst_info)> edit_info;
    std::function<void(std::vector<Bytes>& attributes)> edit_attributes;
    // After.
    std::function<void(Bytes& signature)> edit_signature;
    std::function<void(Bytes& content)> edit_content;  // the TSTInfo as it stands in the token
    std::size_t signers = 1;
};
Bytes make_token(const TokenPlan& plan);

// A reply with that PKIStatus; `failure` is the bit of PKIFailureInfo.
struct ReplyPlan {
    std::uint8_t status = 0;
    std::string text;
    std::optional<std::size_t> failure;
    Bytes token;
};
Bytes make_reply(const ReplyPlan& plan);

}  // namespace fieldseal::testing
