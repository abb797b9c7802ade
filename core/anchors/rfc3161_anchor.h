// SPDX-License-Identifier: Apache-2.0
// Anchors of type `rfc3161`: a time-stamp token whose imprint is the checkpoint's digest
// (docs/formats/anchor-rfc3161.md). Everything is judged as of the token's own time: an authority's
// certificate that has expired since says nothing against a token made before.
// THREADS: value types; pure functions, any.
// ERRORS: invalid_argument for members of another form; a check returns a finding, never an Error.
#pragma once

#include "core/anchors/finding.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/pki/certificate.h"
#include "core/pki/time_stamp.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::anchors {

inline constexpr std::string_view kRfc3161Type = "rfc3161";

inline constexpr std::size_t kRfc3161CertificatesMax = 16;
inline constexpr std::size_t kRfc3161CrlsMax = 16;

struct Rfc3161Anchor {
    Bytes token;                      // as received
    std::vector<Bytes> certificates;  // beside those in the token, X.509 DER
    std::vector<Bytes> crls;          // X.509 DER
    bool operator==(const Rfc3161Anchor&) const = default;
};

// Form and limits, not the truth.
Result<Rfc3161Anchor> parse_rfc3161_anchor(const Anchor& anchor);
// parse_rfc3161_anchor(to_anchor(a)) == a for every `a` within the limits.
Anchor to_anchor(const Rfc3161Anchor& anchor);

// What a token proves: when, and by whose word.
struct JudgedToken {
    Finding finding = Finding::malformed;  // proven, malformed or one of tsa_*
    std::string message;                   // one sentence for a person
    // proven only:
    std::int64_t time_s = 0;        // genTime
    std::int64_t not_before_s = 0;  // less and plus the accuracy
    std::int64_t not_after_s = 0;
    std::string source;       // the authority's name in its certificate
    std::string operated_by;  // what quorums count
};

// `imprint` absent: of whatever was stamped (a floor). The certificates beside and the CRLs as in
// an anchor.
struct TokenQuestion {
    ByteView token;
    std::optional<Digest> imprint;
    std::span<const Bytes> certificates = {};
    std::span<const Bytes> crls = {};
};
JudgedToken judge_token(const TokenQuestion& question, std::span<const TrustedTsa> tsas);

AnchorResult check_rfc3161_anchor(const Anchor& anchor, const note::Checkpoint& checkpoint,
                                  const Trust& trust);

// Whom a token counts as when the trust file names no operator: the root it leads to.
std::string counts_as(const TrustedTsa& tsa, const pki::Certificate& root);

}  // namespace fieldseal::anchors
