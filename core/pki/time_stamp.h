// SPDX-License-Identifier: Apache-2.0
// Time-stamps of RFC 3161 (with RFC 5816): the request, the reply, and the token, which is a CMS
// SignedData (RFC 5652) around a TSTInfo. Reading a token proves nothing; each question about it is
// a function of its own, so that each refusal has its own reason (core/anchors/rfc3161_anchor.h
// asks them in their order).
// THREADS: value types and pure functions, any. ERRORS: invalid_argument for another form.
#pragma once

#include "core/bytes.h"
#include "core/pki/certificate.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::pki {

inline constexpr std::size_t kTokenBytesMax = 32 * 1024;
inline constexpr std::size_t kReplyBytesMax = kTokenBytesMax + 4 * 1024;
inline constexpr std::size_t kTokenCertificatesMax = 16;
inline constexpr std::size_t kNonceBytesMin = 8;
inline constexpr std::size_t kNonceBytesMax = 32;
inline constexpr std::int64_t kAccuracyMax_s = 86400;  // a day; nothing useful is less sure
inline constexpr std::size_t kOidTextBytesMax = 128;

// A dotted OID as the one text of it: "1.3.6.1.4.1.99999.1".
bool is_oid(std::string_view text);

// Request -----------------------------------------------------------------------------------------

struct TimeStampRequest {
    Digest imprint{};    // the digest itself: it is not hashed again
    Bytes nonce;         // kNonceBytesMin to kNonceBytesMax, a big-endian number
    std::string policy;  // to ask for; empty: the authority's own choice
};
// TimeStampReq in DER, with certReq TRUE.
Result<Bytes> encode_request(const TimeStampRequest& request);

// Reply -------------------------------------------------------------------------------------------

enum class ReplyStatus : std::uint8_t {  // PKIStatus, RFC 3161 §2.4.2
    granted = 0,
    granted_with_mods = 1,
    rejection = 2,
    waiting = 3,
    revocation_warning = 4,
    revocation_notification = 5,
};
struct TimeStampReply {
    ReplyStatus status = ReplyStatus::rejection;
    std::vector<std::string> failures;  // names of PKIFailureInfo: "timeNotAvailable"
    std::string text;                   // statusString, joined; the authority's own words
    Bytes token;                        // as received; empty unless granted

    bool is_granted() const { return status <= ReplyStatus::granted_with_mods; }
    // Asking again later may help: the authority has no time, or a fault of its own.
    bool is_passing_trouble() const;
};
// The token is spliced out and not read.
Result<TimeStampReply> parse_reply(ByteView der);

// Token -------------------------------------------------------------------------------------------

class TimeStampToken {
public:
    // One SignedData around one TSTInfo of version 1, with exactly one signer who signed
    // attributes, among them the content's type and digest; strict DER throughout.
    static Result<TimeStampToken> parse(ByteView der);

    const Bytes& der() const;
    // nullopt: an imprint by another algorithm than SHA-256.
    const std::optional<Digest>& imprint() const;
    const std::string& policy() const;          // dotted OID
    const std::optional<Bytes>& nonce() const;  // without leading zeros
    std::int64_t time_s() const;                // genTime, its fraction cut off
    bool has_accuracy() const;
    // genTime less and plus the token's accuracy, or else `default_s`, in whole seconds outward.
    struct Bounds {
        std::int64_t not_before_s = 0;
        std::int64_t not_after_s = 0;
    };
    // nullopt: neither the token nor the caller says how sure the time is, or it is more than
    // kAccuracyMax_s unsure. A `default_s` of 0 says nothing.
    std::optional<Bounds> bounds(std::int64_t default_s) const;

    const std::vector<Certificate>& certificates() const;
    // Who is said to have signed, from the token's certificates or else from `others`.
    std::optional<Certificate> signer(std::span<const Certificate> others) const;

    // Errc::unsupported: algorithms that may not vouch (chain.h).
    Result<void> check_algorithms(const Certificate& signer) const;
    // Errc::corrupt: the signature over the attributes, or the content's digest or type in them.
    Result<void> verify_signature(const Certificate& signer) const;
    // Errc::corrupt: the signed attribute signingCertificate or signingCertificateV2 (RFC 5035) is
    // missing or names other certificates than `path` has.
    Result<void> check_signer_binding(std::span<const Certificate> path) const;

private:
    struct Impl;
    explicit TimeStampToken(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

// Errc::denied: its extended key usage is not time-stamping alone, marked critical (RFC 3161 §2.3),
// or its key usage forbids signatures.
Result<void> check_time_stamping_usage(const Certificate& certificate);

}  // namespace fieldseal::pki
