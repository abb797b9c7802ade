// SPDX-License-Identifier: Apache-2.0
// The certificates of a seal (docs/formats/verdicts.md §3.1): do they belong to the statement, and
// do they lead to an authority that the trust file believes, at the time that is proven?
// THREADS: pure functions, any. Errors: none; a finding is a Reason.
#pragma once

#include "core/evidence.h"
#include "core/pki/certificate.h"
#include "core/statement.h"
#include "core/trust.h"
#include "verify/report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::verify {

// The certificates as the evidence has them. `reason` other than ok ends the step `form`.
struct SealCertificates {
    Reason reason = Reason::ok;
    std::string message;
    std::vector<pki::Certificate> chain;  // leaf first; empty when there are none
    std::optional<PublicKey> key;         // of the leaf, equal to the statement's kid
};
SealCertificates read_seal_certificates(const Evidence& evidence, const StatementClaims& claims);

// When the signature was made, as far as it is proven.
struct ProvenTimes {
    std::optional<std::int64_t> not_before_s;
    std::optional<std::int64_t> not_after_s;
};

struct CertifiedSeal {
    Reason reason = Reason::seal_unknown;
    std::string message;
    const TrustedSealAuthority* authority = nullptr;  // that it leads to
    std::vector<Detail> details;                      // one for each authority of the trust file
};
// REQUIRES: certificates with a key.
CertifiedSeal judge_certified_seal(const SealCertificates& certificates,
                                   const std::vector<Bytes>& crls, const Trust& trust,
                                   std::string_view origin, const ProvenTimes& times);

}  // namespace fieldseal::verify
