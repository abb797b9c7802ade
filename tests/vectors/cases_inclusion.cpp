// SPDX-License-Identifier: Apache-2.0
// The path, the checkpoint's log and its signature.
#include "core/encoding.h"
#include "core/hash.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

const Expected kValidWithFloor = valid(kNotBefore_s, kNotAfter_s);

void add_paths(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    const auto with = [&](std::string_view name, std::string_view why, auto change) {
        Evidence evidence = day.evidence();
        change(evidence.proofs[0]);
        out.push_back(make_vector(name, why, evidence, trust, invalid("inclusion-mismatch")));
    };
    with("path-hash-bit-flipped", "One bit of one hash.",
         [](Proof& proof) { proof.hashes[1][31] ^= 0x80; });
    with("path-hashes-swapped", "Two neighbouring hashes exchanged.",
         [](Proof& proof) { std::swap(proof.hashes[0], proof.hashes[1]); });
    with("path-one-hash-short", "The last hash is missing.",
         [](Proof& proof) { proof.hashes.pop_back(); });
    with("path-one-hash-long", "One hash too many.",
         [](Proof& proof) { proof.hashes.push_back(Digest{1}); });
    with("path-empty", "No hashes.", [](Proof& proof) { proof.hashes.clear(); });
    with("path-index-of-a-neighbour", "The statement's path at the next place.",
         [](Proof& proof) { proof.index = 3; });
    with("path-index-is-the-size", "A place outside the tree.",
         [](Proof& proof) { proof.index = 5; });
    with("path-index-is-the-largest-integer", "2^53 - 1.",
         [](Proof& proof) { proof.index = 9007199254740991; });
    Office first;
    first.add(day.statement);
    with("path-index-is-one-in-a-tree-of-one", "No hashes and a single entry, which has place 0.",
         [&](Proof& proof) {
             proof = first.proof(0, 1, {{hub_witness(), kAnchored_s}});
             proof.index = 1;
         });
}

void add_places(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = ordinary_day();
    Evidence none = day.evidence();
    none.proofs.clear();
    out.push_back(make_vector("proofs-none", "A signed statement that no PROOF puts into a log.",
                              none, trust, cannot_tell("proof-missing", kNotBefore_s, {})));
    Day twice = day;
    const std::uint64_t again = twice.office.add(day.statement);
    const std::uint64_t size = twice.office.size();
    Evidence evidence = twice.evidence();
    evidence.proofs = {twice.office.proof(day.index, size, {{hub_witness(), kAnchored_s}}),
                       twice.office.proof(again, size, {{hub_witness(), kAnchored_s}})};
    out.push_back(make_vector("index-conflict-logged-twice",
                              "Two genuine PROOFs give the "
                              "statement two places in one log.",
                              evidence, trust, invalid("index-conflict")));
}

void add_equivocations(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    // The same log up to the statement, another history after it.
    Day fork = day;
    fork.office = Office();
    fork.office.add_snapshot({row(permits_seal(), SealState::active, 0)});
    fork.office.add(sha256(as_bytes("a stranger's statement")));
    fork.office.add(day.statement);
    fork.office.add(sha256(as_bytes("a statement that was hidden")));
    fork.office.add_snapshot_as([](StatusSnapshot&) {});
    Evidence evidence = day.evidence();
    evidence.proofs.push_back(fork.evidence().proofs[0]);
    out.push_back(make_vector("log-equivocation",
                              "The log signed two trees of size 5; both PROOFs "
                              "are genuine.",
                              evidence, trust, invalid("log-equivocation")));
    Day later = day;
    later.office.add(Digest{0x44});
    evidence.proofs.insert(evidence.proofs.begin(),
                           later.office.proof(day.index, 6, {{hub_witness(), kAnchored_s}}));
    out.push_back(make_vector("log-equivocation-beside-a-good-proof",
                              "A third PROOF, of size 6, is in order; the log lied all the same.",
                              evidence, trust, invalid("log-equivocation")));
    Evidence under_status = day.evidence();
    under_status.status[0].proofs.push_back(
        fork.office.proof(4, 5, {{hub_witness(), kAnchored_s}}));
    out.push_back(make_vector("log-equivocation-beside-a-snapshot",
                              "The second tree stands in the "
                              "status member.",
                              under_status, trust, invalid("log-equivocation")));
    Evidence unsigned_fork = day.evidence();
    Proof other = fork.evidence().proofs[0];
    const std::string genuine = day.office.note(5);
    other.checkpoint =
        fork.office.log().checkpoint(5).text() + "\n" + genuine.substr(genuine.find("\n\n") + 2);
    unsigned_fork.proofs.push_back(other);
    out.push_back(make_vector("fork-that-the-log-did-not-sign",
                              "Anybody can write a second tree "
                              "down; without the log's signature it kills only its PROOF.",
                              unsigned_fork, trust, kValidWithFloor));
    Trust closed = trust;
    closed.logs[0].closed = ClosedLog{{5}, fork.office.log().checkpoint(5).root};
    out.push_back(make_vector("log-closed-with-another-root",
                              "The trust file closed the log at "
                              "this size with another root.",
                              day.evidence(), closed, invalid("log-equivocation")));
    closed.logs[0].closed = ClosedLog{{4}, day.office.log().checkpoint(4).root};
    out.push_back(make_vector("log-closed-before", "The trust file closed the log at size 4.",
                              day.evidence(), closed, invalid("log-closed")));
}

// A hub that shows two histories loses what it proved, and nothing more.
void add_hub_equivocation(Vectors& out, const Day& day) {
    Trust two_times = ordinary_trust();
    two_times.policy.time_quorum = 2;
    const std::vector<By> court = {{court_witness(), kAnchored_s}};
    const Digest digest = day.office.log().checkpoint(5).digest();
    Office fork(kHubOrigin, 0x05);
    fork.add(Digest{0x42});
    const std::uint64_t index = fork.add(digest);
    fork.add(Digest{0x43});
    Evidence evidence = day.evidence();
    evidence.proofs[0].logged = {hub_proof(day.office, 5, court),
                                 fork.proof(index, fork.size(), court)};
    out.push_back(make_vector("hub-equivocation",
                              "The hub signed two trees of size 3; both PROOFs "
                              "are genuine and neither counts.",
                              evidence, two_times, pending(kNotBefore_s, std::nullopt)));
}

void add_logs(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    const auto with = [&](std::string_view name, std::string_view why, auto change,
                          const Expected& expect) {
        Trust changed = trust;
        change(changed);
        out.push_back(make_vector(name, why, day.evidence(), changed, expect));
    };
    with(
        "log-unknown", "The trust file does not pin the log; the cosignature still gives a time.",
        [](Trust& t) { t.logs.erase(t.logs.begin()); },
        cannot_tell("log-unknown", kNotBefore_s, kNotAfter_s));
    with(
        "log-pinned-for-checkpoints", "The trust file pins the office's log as one of checkpoints.",
        [](Trust& t) {
            t.logs[0].kind = LogKind::checkpoints;
            t.logs[0].status_keys.clear();
        },
        invalid("log-kind-mismatch"));
    with(
        "log-key-changed",
        "The trust file pins another key for the log: the line's key ID is "
        "unknown.",
        [](Trust& t) { t.logs[0].key = Office(kOfficeOrigin, 0x33).log().key(); },
        cannot_tell("log-key-unknown", kNotBefore_s, kNotAfter_s));
    Evidence bad_first = day.evidence();
    bad_first.proofs.insert(bad_first.proofs.begin(), bad_first.proofs[0]);
    bad_first.proofs[0].hashes[0][0] ^= 1;
    Trust other_key = trust;
    other_key.logs[0].key = Office(kOfficeOrigin, 0x33).log().key();
    out.push_back(make_vector("log-key-changed-beside-a-bad-proof",
                              "A bad PROOF does not turn the missing key of a good one into "
                              "tampering.",
                              bad_first, other_key,
                              cannot_tell("log-key-unknown", kNotBefore_s, kNotAfter_s)));
    with(
        "trust-file-of-a-stranger", "The trust file knows neither seal nor log.",
        [](Trust& t) { t = Trust{}; }, cannot_tell("seal-unknown", {}, {}));
    with(
        "seal-unknown", "The trust file does not know the seal.", [](Trust& t) { t.seals.clear(); },
        cannot_tell("seal-unknown", kNotBefore_s, kNotAfter_s));
    with(
        "seal-not-authorised-for-this-log", "The seal is pinned for another log.",
        [](Trust& t) { t.seals[0].origins = {std::string(kNeighbourOrigin)}; },
        invalid("seal-not-authorised"));
    with(
        "seal-narrowed-by-iss", "The seal's iss narrows its origins to another one.",
        [](Trust& t) {
            t.seals[0].origins.emplace_back(kNeighbourOrigin);
            t.seals[0].iss = kNeighbourOrigin;
        },
        invalid("seal-not-authorised"));
    with(
        "seal-of-an-unknown-log",
        "The seal is pinned for another log, and the trust file does "
        "not know this one: nothing failed, something is missing.",
        [](Trust& t) {
            t.seals[0].origins = {std::string(kNeighbourOrigin)};
            t.logs.erase(t.logs.begin());
        },
        cannot_tell("log-unknown", kNotBefore_s, kNotAfter_s));
}

void add_lines(Vectors& out, const Day& day) {
    const Trust trust = ordinary_trust();
    const std::string text = day.office.log().checkpoint(5).text() + "\n";
    const std::string cosignature =
        hub_witness()
            .cosign(static_cast<std::uint64_t>(kAnchored_s), text.substr(0, text.size() - 1))
            .line();
    Evidence evidence = day.evidence();
    evidence.proofs[0].checkpoint = text + cosignature;
    out.push_back(make_vector("checkpoint-without-the-logs-line", "Only the hub's line is left.",
                              evidence, trust, invalid("checkpoint-unsigned")));
    const note::VerifierKey& log_key = day.office.log().key();
    evidence.proofs[0].checkpoint =
        text + note::signature_line(log_key.name, log_key.id(), Bytes(63, 7)) + cosignature;
    out.push_back(make_vector("checkpoint-signature-of-63-bytes",
                              "The log's line holds a "
                              "signature of the wrong length.",
                              evidence, trust, invalid("checkpoint-signature-invalid")));
    const std::string line = day.office.log().signer().sign(text.substr(0, text.size() - 1));
    evidence.proofs[0].checkpoint = text + line + line + cosignature;
    out.push_back(make_vector("checkpoint-log-line-twice", "The log's line stands there twice.",
                              evidence, trust, invalid("checkpoint-signature-invalid")));
    std::string flipped = day.evidence().proofs[0].checkpoint;
    const std::string root = base64_encode(day.office.log().checkpoint(5).root);
    Digest other = day.office.log().checkpoint(5).root;
    other[0] ^= 1;
    flipped.replace(flipped.find(root), root.size(), base64_encode(other));
    evidence.proofs[0].checkpoint = flipped;
    out.push_back(make_vector("checkpoint-root-bit-flipped",
                              "One bit of the root: the path no "
                              "longer leads there.",
                              evidence, trust, invalid("inclusion-mismatch")));
    std::string larger = day.evidence().proofs[0].checkpoint;
    larger.replace(larger.find("\n5\n"), 3, "\n6\n");
    evidence.proofs[0].checkpoint = larger;
    // Entry 2 has paths of one length and shape under 5 and 6 entries.
    out.push_back(make_vector("checkpoint-size-raised",
                              "The path holds for size 6 too; the "
                              "signatures do not.",
                              evidence, trust, invalid("checkpoint-signature-invalid")));
}

}  // namespace

Vectors inclusion_cases() {
    Vectors out;
    const Day day = ordinary_day();
    add_paths(out, day);
    add_places(out);
    add_equivocations(out, day);
    add_hub_equivocation(out, day);
    add_logs(out, day);
    add_lines(out, day);
    return out;
}

}  // namespace fieldseal::vectors
