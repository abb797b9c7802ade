// SPDX-License-Identifier: Apache-2.0
// Genuine parts in the wrong place.
#include "core/hash.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

// The neighbour: the same ministry's other office, pinned as well.
Trust trust_with_neighbour() {
    Trust trust = ordinary_trust();
    TrustedLog neighbour = trust.logs[0];
    neighbour.origin = kNeighbourOrigin;
    neighbour.key = Office(kNeighbourOrigin, 0x04).log().key();
    trust.logs.push_back(neighbour);
    return trust;
}

std::string replace_once(std::string text, std::string_view from, std::string_view to) {
    return text.replace(text.find(from), from.size(), to);
}

void add_document_swaps(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    Vector other = make_vector("swap-document", "Another document under this evidence.",
                               day.evidence(), trust, invalid("document-mismatch"));
    other.document_sha256 = forgery().sha256;
    other.document_sha512 = forgery().sha512;
    out.push_back(other);
    Vector second = make_vector("swap-document-sha512-only",
                                "The SHA-256 fits, the SHA-512 does "
                                "not: both must.",
                                day.evidence(), trust, invalid("document-mismatch"));
    second.document_sha512 = forgery().sha512;
    out.push_back(second);
    const Day no_sha512 = day_of([](StatementClaims& claims) { claims.document_sha512.reset(); });
    Vector first = make_vector("swap-document-sha256-only",
                               "The statement has no second digest to "
                               "compare.",
                               no_sha512.evidence(), trust, invalid("document-mismatch"));
    first.document_sha256 = forgery().sha256;
    first.document_sha512 = forgery().sha512;
    out.push_back(first);
    Vector none = make_vector("document-not-given", "Evidence alone says nothing about a document.",
                              day.evidence(), trust,
                              cannot_tell("document-missing", kNotBefore_s, kNotAfter_s));
    none.document_sha256.reset();
    none.document_sha512.reset();
    out.push_back(none);
}

void add_statement_swaps(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    const Statement again = sign(
        [] {
            StatementClaims claims = claims_of(permits_seal());
            claims.nonce.fill(0x5B);
            return claims;
        }(),
        permits_seal());
    Evidence evidence = day.evidence();
    evidence.statement = again.cose();
    evidence.floor.reset();
    out.push_back(make_vector("swap-statement",
                              "A genuine second statement about the same "
                              "document, under the first one's PROOF.",
                              evidence, trust, invalid("inclusion-mismatch")));
    Evidence copied = day.evidence();
    Office neighbour(kNeighbourOrigin, 0x04);
    neighbour.add(Digest{0x42});
    const std::uint64_t index = neighbour.add(day.statement);
    copied.proofs = {neighbour.proof(index, neighbour.size(), {{hub_witness(), kAnchored_s}})};
    out.push_back(make_vector("swap-statement-copied-into-another-log",
                              "The neighbour logged the "
                              "statement too; it was issued for the office's log.",
                              copied, trust_with_neighbour(), invalid("origin-mismatch")));
    Evidence hub_entry = day.evidence();
    hub_entry.proofs = {hub_proof(day.office, day.office.size(), {{court_witness(), kAnchored_s}})};
    out.push_back(make_vector("swap-hub-proof-as-statement-proof",
                              "The hub's PROOF of the "
                              "checkpoint stands where the statement's PROOF belongs.",
                              hub_entry, trust, invalid("origin-mismatch")));
}

void add_checkpoint_swaps(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    const std::uint64_t size = day.office.size();
    Evidence renamed = day.evidence();
    renamed.proofs[0].checkpoint =
        replace_once(renamed.proofs[0].checkpoint, kOfficeOrigin, kNeighbourOrigin);
    out.push_back(make_vector("swap-root-under-another-origin",
                              "The neighbour's name over the "
                              "office's root.",
                              renamed, trust_with_neighbour(), invalid("origin-mismatch")));
    Evidence cosignature = day.evidence();
    const std::string other = day.office.log().checkpoint(size - 1).text();
    cosignature.proofs[0].checkpoint =
        day.office.note(size) +
        hub_witness().cosign(static_cast<std::uint64_t>(kAnchored_s), other).line();
    out.push_back(make_vector("swap-cosignature-of-another-checkpoint",
                              "The hub's cosignature of "
                              "size 4 under the note of size 5: a bad line by a known key voids "
                              "the note.",
                              cosignature, trust, invalid("cosignature-invalid")));
    Evidence path = day.evidence();
    path.proofs[0].hashes = day.office.log().inclusion(day.index, size - 1);
    out.push_back(make_vector("swap-path-of-another-size", "A genuine path, to the root of size 4.",
                              path, trust, invalid("inclusion-mismatch")));
    Evidence checkpoint = day.evidence();
    checkpoint.proofs[0].checkpoint = day.office.note(size - 1, {{hub_witness(), kAnchored_s}});
    out.push_back(make_vector("swap-checkpoint-of-another-size",
                              "The genuine checkpoint of size "
                              "4 over a path to size 5.",
                              checkpoint, trust, invalid("inclusion-mismatch")));
}

// PROOFs in `logged` that are about something else lose their time, and nothing more.
void add_logged_swaps(Vectors& out, const Day& day) {
    Trust two_times = trust_with_neighbour();
    two_times.policy.time_quorum = 2;
    const std::uint64_t size = day.office.size();
    Evidence evidence = day.evidence();
    evidence.proofs[0].logged = {hub_proof(day.office, size - 1, {{court_witness(), kAnchored_s}})};
    out.push_back(make_vector("swap-hub-proof-of-another-checkpoint",
                              "The hub's PROOF of size 4 "
                              "inside the PROOF of size 5.",
                              evidence, two_times, pending(kNotBefore_s, std::nullopt)));
    Office neighbour(kNeighbourOrigin, 0x04);
    neighbour.add(Digest{0x42});
    evidence.proofs[0].logged = {
        hub_proof(neighbour, neighbour.size(), {{court_witness(), kAnchored_s}})};
    out.push_back(make_vector("swap-hub-proof-of-another-office",
                              "The hub's PROOF of the "
                              "neighbour's checkpoint.",
                              evidence, two_times, pending(kNotBefore_s, std::nullopt)));
    const std::uint64_t index = neighbour.add(day.office.log().checkpoint(size).digest());
    evidence.proofs[0].logged = {
        neighbour.proof(index, neighbour.size(), {{court_witness(), kAnchored_s}})};
    out.push_back(make_vector("swap-statement-log-as-hub",
                              "A checkpoint's digest as entry of a "
                              "log of statements: one log holds one kind of entry.",
                              evidence, two_times, pending(kNotBefore_s, std::nullopt)));
}

}  // namespace

Vectors swap_cases() {
    Vectors out;
    const Day day = ordinary_day();
    add_document_swaps(out, day);
    add_statement_swaps(out, day);
    add_checkpoint_swaps(out, day);
    add_logged_swaps(out, day);
    return out;
}

}  // namespace fieldseal::vectors
