// SPDX-License-Identifier: Apache-2.0
// What must be valid: each shows one thing that is allowed.
#include "core/json/json.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

const Expected kUsual = valid(std::nullopt, kNotAfter_s);
const Expected kWithFloor = valid(kNotBefore_s, kNotAfter_s);

Anchor anchor_of(std::string_view type) {
    return {std::string(type),
            json::Value::object({{"type", type}, {"payload", json::Value::array({1, "two"})}})};
}

void add_ordinary(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = ordinary_day();
    out.push_back(make_vector("valid-ordinary",
                              "The ordinary case: floor, statement, snapshot, "
                              "one cosigned checkpoint.",
                              day.evidence(), trust, kWithFloor));
    const Day plain = day_of([](StatementClaims&) {});
    out.push_back(make_vector("valid-without-floor",
                              "A floor is optional; nothing is proven about "
                              "not-before.",
                              plain.evidence(), trust, kUsual));
    const Day no_sha512 = day_of([](StatementClaims& claims) { claims.document_sha512.reset(); });
    out.push_back(make_vector("valid-statement-without-sha512",
                              "The second digest is optional; "
                              "the verifier's own is then not compared.",
                              no_sha512.evidence(), trust, kUsual));
    Vector only_256 = make_vector("valid-document-sha256-only",
                                  "A verifier that was given only "
                                  "the SHA-256 compares only that.",
                                  plain.evidence(), trust, kUsual);
    only_256.document_sha512.reset();
    out.push_back(only_256);
    Evidence hinted = plain.evidence();
    hinted.document = DocumentHint{"another name.txt", 1, "text/plain"};
    out.push_back(make_vector("valid-document-hint-is-not-judged", "The document member is a hint.",
                              hinted, trust, kUsual));
    const std::string compact =
        json::dump(*json::parse(fieldseal::to_json(plain.evidence())), json::Style::compact);
    out.push_back(make_text_vector("valid-compact-json", "White space does not matter.", compact,
                                   fieldseal::to_json(trust), kUsual));
}

void add_algorithms(Vectors& out) {
    Trust trust = ordinary_trust();
    const SealSigner eddsa = SealSigner::eddsa(0x11);
    trust.seals.push_back({eddsa.key(), {std::string(kOfficeOrigin)}, {}, {}});
    // The office's snapshots list the seal that signs.
    const auto day_of_seal = [](const Statement& statement, const SealSigner& seal) {
        Day day;
        day.office.add_snapshot({row(seal, SealState::active, 0)});
        day.statement = statement;
        day.index = day.office.add(statement);
        day.snapshot_index = day.office.size();
        day.snapshot = day.office.add_snapshot_as([](StatusSnapshot&) {});
        return day;
    };
    const Day by_eddsa = day_of_seal(sign(claims_of(eddsa), eddsa), eddsa);
    out.push_back(make_vector("valid-eddsa-seal", "A seal with an Ed25519 key.",
                              by_eddsa.evidence(), trust, kUsual));
    const SealSigner es256 = SealSigner::es256(0x12);
    trust.seals.push_back({es256.key(), {std::string(kOfficeOrigin)}, {}, {}});
    const StatementClaims claims = claims_of(es256);
    const Bytes signature = sign_es256(0x12, StatementTbs::from(claims)->preimage());
    const Day by_es256 = day_of_seal(with_signature(claims, signature), es256);
    out.push_back(make_vector("valid-es256-seal", "A seal with a P-256 key.", by_es256.evidence(),
                              trust, kUsual));
}

void add_tolerated(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    Evidence evidence = day.evidence();
    evidence.proofs[0].anchors = {anchor_of("moon-stone")};
    out.push_back(make_vector("valid-unknown-anchor-type-is-skipped",
                              "An anchor of a type nobody "
                              "knows kills only itself.",
                              evidence, trust, kUsual));
    for (const char* type : {"evm-tx", "evm-receipt", "rfc3161", "sigsum"}) {
        evidence.proofs[0].anchors = {anchor_of(type)};
        out.push_back(make_vector("valid-malformed-" + std::string(type) + "-anchor-is-skipped",
                                  "A malformed anchor kills only itself.", evidence, trust,
                                  kUsual));
    }
    const Evidence with_stranger =
        day.evidence({{stranger(), kAnchored_s}, {hub_witness(), kAnchored_s}});
    out.push_back(make_vector("valid-unknown-cosigner-is-ignored",
                              "Lines by unknown keys are "
                              "ignored.",
                              with_stranger, trust, kUsual));
    Evidence second = day.evidence();
    second.proofs.push_back(second.proofs[0]);
    second.proofs[1].hashes[0][0] ^= 1;
    out.push_back(make_vector("valid-bad-second-proof-kills-only-itself",
                              "One PROOF proves; the "
                              "other has a flipped bit in its path.",
                              second, trust, kUsual));
    std::swap(second.proofs[0], second.proofs[1]);
    out.push_back(make_vector("valid-bad-first-proof-kills-only-itself",
                              "The bad PROOF stands "
                              "first.",
                              second, trust, kUsual));
}

void add_hub(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = day_of([](StatementClaims&) {});
    const std::uint64_t size = day.office.size();
    Trust two_times = trust;
    two_times.policy.time_quorum = 2;
    Evidence logged = day.evidence();
    const Proof hub = hub_proof(day.office, size, {{court_witness(), kAnchored_s + 60}});
    logged.proofs[0].logged = {hub};
    logged.status[0].proofs[0].logged = {hub};
    out.push_back(make_vector("valid-hub-cosignature-counts-for-time",
                              "The court's cosignature on "
                              "the hub's checkpoint is the second time source of the office's.",
                              logged, two_times, valid(std::nullopt, kNotAfter_s + 60)));
    Trust unknown_hub = two_times;
    unknown_hub.logs.pop_back();
    out.push_back(make_vector("valid-unknown-hub-still-proves-time",
                              "The hub's log key is not "
                              "pinned: the path alone carries the court's time.",
                              logged, unknown_hub, valid(std::nullopt, kNotAfter_s + 60)));
}

void add_quorums(Vectors& out) {
    const Day day = day_of([](StatementClaims&) {});
    const std::uint64_t size = day.office.size();
    Trust two = ordinary_trust();
    two.policy = {2, 2};
    const Evidence both =
        day.evidence({{hub_witness(), kAnchored_s}, {court_witness(), kAnchored_s + 1000}});
    out.push_back(make_vector("valid-second-smallest-time-of-two",
                              "Quorum 2: the second smallest "
                              "of the operators' bounds.",
                              both, two, valid(std::nullopt, kNotAfter_s + 1000)));
    Trust one_time = two;
    one_time.policy.time_quorum = 1;
    out.push_back(make_vector("valid-smallest-time-of-two",
                              "Time quorum 1: the smallest of the "
                              "operators' bounds.",
                              both, one_time, kUsual));
    // The hub answered for size 5, the court for size 6: each has its own PROOF.
    Day later = day;
    later.office.add(Digest{0x77});
    Evidence apart = day.evidence();
    apart.proofs.push_back(
        later.office.proof(later.index, size + 1, {{court_witness(), kAnchored_s + 500}}));
    apart.status[0].proofs.push_back(
        later.office.proof(later.snapshot_index, size + 1, {{court_witness(), kAnchored_s + 500}}));
    out.push_back(make_vector("valid-two-witnesses-at-two-sizes",
                              "Each target answers for its own "
                              "checkpoint; the quorum counts over all PROOFs.",
                              apart, two, valid(std::nullopt, kNotAfter_s + 500)));
    Evidence twice = day.evidence({{hub_witness(), kAnchored_s + 700}});
    twice.proofs.push_back(
        later.office.proof(later.index, size + 1, {{hub_witness(), kAnchored_s}}));
    out.push_back(make_vector("valid-one-operator-at-two-times",
                              "The earliest bound of an operator counts.", twice, ordinary_trust(),
                              kUsual));
    Trust none = ordinary_trust();
    none.policy = {0, 0};
    out.push_back(make_vector("valid-policy-of-zero", "A trust file may ask for no anchors at all.",
                              day.evidence({}), none, valid(std::nullopt, std::nullopt)));
}

void add_closed(Vectors& out) {
    const Day day = day_of([](StatementClaims&) {});
    Trust trust = ordinary_trust();
    const auto head = day.office.log().checkpoint(day.office.size());
    trust.logs[0].closed = ClosedLog{head.size, head.root};
    out.push_back(make_vector("valid-log-closed-at-this-size",
                              "The log was closed with this very "
                              "checkpoint.",
                              day.evidence(), trust, kUsual));
}

}  // namespace

Vectors valid_cases() {
    Vectors out;
    add_ordinary(out);
    add_algorithms(out);
    add_tolerated(out);
    add_hub(out);
    add_quorums(out);
    add_closed(out);
    return out;
}

}  // namespace fieldseal::vectors
