// SPDX-License-Identifier: Apache-2.0
// Does a certificate lead to one that somebody trusts, at a given time, and what do revocation
// lists say about it? For time-stamping authorities and for seals with certificates.
//
// Path validation is OpenSSL's (RFC 5280 §6), with the time passed in and any of the roots as an
// end, self-signed or not. Which algorithms may vouch is ours: RSA of 2048 to 8192 bits, ECDSA over
// P-256 and P-384, with SHA-256, SHA-384 or SHA-512. Revocation is reported and never decided here:
// what it means depends on what the certificate was used for.
// THREADS: pure functions, any.
#pragma once

#include "core/pki/certificate.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fieldseal::pki {

inline constexpr int kPathCertificatesMax = 8;  // leaf and end included

enum class ChainFinding : std::uint8_t {
    trusted,
    no_path,      // it leads to none of the roots
    out_of_time,  // a certificate of the path was not valid at that time
    refused,      // a rule of RFC 5280 is broken: a signature, a constraint, a CA that is none
    weak,         // a key or signature on the path is of an algorithm that may not vouch
};

// Whether the leaf's own key must be one that may vouch. A seal's need not be: its key is pinned by
// the statement, and public_key.h checks it.
enum class LeafKey : std::uint8_t { strong, any };

struct ChainQuestion {
    const Certificate& leaf;
    std::span<const Certificate> others;  // that may stand between leaf and root; not believed
    std::span<const Certificate> roots;   // believed
    std::int64_t at_s = 0;                // POSIX seconds
    LeafKey leaf_key = LeafKey::strong;
};

struct ChainJudgement {
    ChainFinding finding = ChainFinding::no_path;
    std::string message;            // one sentence for a person
    std::vector<Certificate> path;  // trusted: the leaf first, the root last
};
ChainJudgement judge_chain(const ChainQuestion& question);

// One certificate of a path that a CRL names.
struct Revocation {
    std::size_t place = 0;  // in the path
    std::int64_t at_s = 0;  // the CRL's revocationDate
    // The CA says that the key went out of use and was not lost: unspecified, affiliationChanged,
    // superseded, cessationOfOperation (RFC 3161 §4). Without a reason it does not say so.
    bool is_retirement = false;
};

struct RevocationReport {
    std::vector<Revocation> revocations;
    // What a complete CRL of each certificate but the last says is known as of then; absent when
    // one has none: its state is unknown, which is not the same as good.
    std::optional<std::int64_t> known_as_of_s;
};
// Errc::invalid_argument for a CRL that no issuer in the path signed. REQUIRES: a trusted path.
Result<RevocationReport> read_crls(std::span<const Certificate> path, std::span<const Crl> crls);

// Whether the list has the name of that certificate as its issuer's, and, more than that, whether
// that certificate's key signed it. A name alone proves nothing.
bool is_named_by(const Crl& crl, const Certificate& issuer);
bool is_signed_by(const Crl& crl, const Certificate& issuer);

// Whether the key of this certificate, and the algorithm it is signed with, may vouch.
// Errc::unsupported names the algorithm.
Result<void> check_key(const Certificate& certificate);
Result<void> check_signature_algorithm(const Certificate& certificate);

}  // namespace fieldseal::pki
