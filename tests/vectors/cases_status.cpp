// SPDX-License-Identifier: Apache-2.0
// What the snapshots say about the seal, and what they may not say. The statement is entry 2, the
// ordinary closing snapshot entry 4 as of size 4.
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

constexpr std::optional<std::int64_t> kNone;
const Expected kUsual = valid(kNone, kNotAfter_s);
const std::vector<By>& usual_witness() {
    static const std::vector<By> witnesses = {{hub_witness(), kAnchored_s}};
    return witnesses;
}

Day plain_day() {
    return day_of([](StatementClaims&) {});
}

Expected unknown() {
    return cannot_tell("status-unknown", kNone, kNotAfter_s);
}

// Evidence with two snapshots: the day's closing one and a later one.
Evidence with_later(const Day& day, const Office& office, const Status& later) {
    Day grown = day;
    grown.office = office;
    Evidence evidence = grown.evidence();
    const std::uint64_t size = office.size();
    evidence.status.push_back({later.cose(), {office.proof(size - 1, size, usual_witness())}});
    return evidence;
}

void add_missing(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = plain_day();
    Evidence omitted = day.evidence();
    omitted.status.clear();
    out.push_back(make_vector("status-omitted",
                              "No snapshot: a log of hashes cannot prove that no "
                              "revocation exists.",
                              omitted, trust, unknown()));
    Office morning;
    const Status first = morning.add_snapshot({row(permits_seal(), SealState::active, 0)});
    Evidence replayed = day.evidence();
    replayed.status = {{first.cose(), {day.office.proof(0, 5, usual_witness())}}};
    out.push_back(make_vector("status-replayed", "The genuine snapshot from before the statement.",
                              replayed, trust, unknown()));
    Day stale = day;
    stale.office = Office();
    stale.office.add_snapshot({row(permits_seal(), SealState::active, 0)});
    stale.office.add(Digest{0x42});
    stale.index = stale.office.add(stale.statement);
    stale.snapshot_index = stale.office.size();
    stale.snapshot =
        stale.office.add_snapshot_as([](StatusSnapshot& snapshot) { snapshot.as_of_size = 2; });
    out.push_back(make_vector("status-as-of-before-the-statement",
                              "Logged after the statement, "
                              "made before it.",
                              stale.evidence(), trust, unknown()));
    Evidence unlogged = day.evidence();
    unlogged.status[0].proofs.clear();
    out.push_back(make_vector("status-without-a-proof", "The snapshot's place is not proven.",
                              unlogged, trust, unknown()));
    Evidence shared = day.evidence();
    shared.status[0].proofs = {day.office.proof(4, 5)};
    out.push_back(make_vector("status-under-the-statements-checkpoint",
                              "The cosignature stands in the file once: it is of the checkpoint "
                              "that both PROOFs have.",
                              shared, trust, valid(kNone, kNotAfter_s)));
    Day later = day;
    later.office.add(Digest{0x43});
    Evidence unanchored = later.evidence();
    unanchored.proofs = {later.office.proof(2, 5, usual_witness())};
    unanchored.status[0].proofs = {later.office.proof(4, 6)};
    out.push_back(make_vector("status-not-anchored",
                              "The statement meets the policy; the snapshot's PROOF is of another "
                              "checkpoint, and does not.",
                              unanchored, trust, unknown()));
    Evidence reversed = later.evidence();
    reversed.proofs = {later.office.proof(2, 6)};
    reversed.status[0].proofs = {later.office.proof(4, 5, usual_witness()),
                                 later.office.proof(4, 6)};
    out.push_back(make_vector("statement-not-anchored-beside-a-snapshot-that-is",
                              "What a snapshot's PROOF has never counts for the statement.",
                              reversed, trust, pending(kNone, kNone)));
    out.push_back(make_vector("status-pending-with-the-statement",
                              "Neither is anchored yet: that "
                              "is pending, not unknown.",
                              day.evidence({}), trust, pending(kNone, kNone)));
}

void add_forged(Vectors& out) {
    const Trust trust = ordinary_trust();
    const Day day = plain_day();
    const auto with_snapshot = [&](std::string_view name, std::string_view why,
                                   const std::function<void(StatusSnapshot&)>& edit,
                                   const SealSigner& signer, const Expected& expect) {
        Day other = day;
        other.office = Office();
        other.office.add_snapshot({row(permits_seal(), SealState::active, 0)});
        other.office.add(Digest{0x42});
        other.index = other.office.add(other.statement);
        other.snapshot_index = other.office.size();
        other.snapshot = other.office.add_snapshot_as(edit, signer);
        out.push_back(make_vector(name, why, other.evidence(), trust, expect));
    };
    const auto as_it_is = [](StatusSnapshot&) {};
    with_snapshot("status-by-an-unknown-key", "Signed by a key that is no status key of this log.",
                  as_it_is, SealSigner::eddsa(0x22),
                  cannot_tell("status-key-unknown", kNone, kNotAfter_s));
    with_snapshot(
        "status-by-another-key-under-this-kid",
        "The kid of the status key, the signature "
        "of another.",
        [](StatusSnapshot& snapshot) { snapshot.kid = status_signer().key().kid(); },
        SealSigner::eddsa(0x22), invalid("status-signature-invalid"));
    with_snapshot(
        "status-of-another-log", "A snapshot about the neighbour's log.",
        [](StatusSnapshot& snapshot) { snapshot.origin = kNeighbourOrigin; }, status_signer(),
        invalid("status-origin-mismatch"));
    with_snapshot(
        "status-ahead-of-its-place", "Entry 3 speaks about a log of size 9.",
        [](StatusSnapshot& snapshot) { snapshot.as_of_size = 9; }, status_signer(),
        invalid("status-inconsistent"));
    with_snapshot(
        "status-does-not-list-the-seal",
        "The seal is missing from the snapshot, and "
        "there is no older one in the file.",
        [](StatusSnapshot& snapshot) { snapshot.seals.clear(); }, status_signer(),
        cannot_tell("status-seal-unlisted", kNone, kNotAfter_s));
    Evidence path = day.evidence();
    path.status[0].proofs[0].hashes[0][3] ^= 1;
    out.push_back(make_vector("status-path-bit-flipped", "The snapshot's path does not hold.", path,
                              trust, invalid("inclusion-mismatch")));
    Evidence flipped = day.evidence();
    flipped.status[0].statement.back() ^= 1;
    out.push_back(make_vector("status-signature-bit-flipped", "The snapshot's signature is wrong.",
                              flipped, trust, invalid("status-signature-invalid")));
    Evidence beside = day.evidence();
    beside.status.insert(beside.status.begin(), {Bytes{1, 2, 3}, {}});
    out.push_back(make_vector("status-bad-item-beside-a-good-one",
                              "A snapshot that is none kills "
                              "only itself while a good one is left.",
                              beside, trust, kUsual));
    Trust other_key = trust;
    other_key.logs[0].status_keys = {SealSigner::eddsa(0x22).key()};
    out.push_back(make_vector("status-bad-item-beside-one-by-an-unknown-key",
                              "A snapshot that is none does not turn the missing key of another "
                              "into tampering.",
                              beside, other_key,
                              cannot_tell("status-key-unknown", kNone, kNotAfter_s)));
}

void add_states(Vectors& out) {
    const Trust trust = ordinary_trust();
    const auto ending = [&](std::string_view name, std::string_view why, SealState state,
                            std::uint64_t since_index, const Expected& expect,
                            std::optional<std::int64_t> invalid_from = {}) {
        out.push_back(make_vector(
            name, why, day_ending(state, since_index, invalid_from).evidence(), trust, expect));
    };
    ending("seal-suspended-after", "Suspended at index 4, the statement is entry 2.",
           SealState::suspended, 4, kUsual);
    ending("seal-suspended-before", "Suspended at index 1.", SealState::suspended, 1,
           cannot_tell("seal-suspended", kNone, kNotAfter_s));
    ending("seal-suspended-at-the-same-index", "After means a larger index.", SealState::suspended,
           2, kUsual);
    ending("seal-retired-after", "Retired at index 4: what it signed stands.", SealState::retired,
           4, kUsual);
    ending("seal-retired-at-the-same-index", "After means a larger index.", SealState::retired, 2,
           kUsual);
    ending("seal-retired-before", "Retired at index 1, the statement is entry 2.",
           SealState::retired, 1, invalid("seal-retired"));
    ending("seal-destroyed-after", "Destroyed at index 4: what it signed stands.",
           SealState::destroyed, 4, kUsual);
    ending("seal-destroyed-before", "Destroyed at index 1.", SealState::destroyed, 1,
           invalid("seal-retired"));
    ending("seal-not-yet-active", "The snapshot after the statement still says pre_active.",
           SealState::pre_active, 0, invalid("seal-not-active"));
    ending("seal-compromised-before", "Reported compromised at index 1.", SealState::compromised, 1,
           invalid("seal-compromised"));
    ending("seal-compromised-since-later", "Compromised from a second after not-after: unaffected.",
           SealState::compromised, 4, kUsual, kNotAfter_s + 1);
    ending("seal-compromised-since-not-after", "Compromised from not-after on: may be affected.",
           SealState::compromised, 4, cannot_tell("seal-compromised-window", kNone, kNotAfter_s),
           kNotAfter_s);
    ending("seal-compromised-since-ever", "Compromised, and nobody knows since when.",
           SealState::compromised, 4, cannot_tell("seal-compromised-window", kNone, kNotAfter_s));
    const Day unanchored = day_ending(SealState::compromised, 4, kNotAfter_s + 1);
    out.push_back(make_vector("seal-compromised-and-not-anchored",
                              "Without a time nothing is older "
                              "than the compromise.",
                              unanchored.evidence({}), trust,
                              cannot_tell("seal-compromised-window", kNone, kNone)));
    const Day replayed = day_ending(SealState::retired, 1);
    Evidence old_news = replayed.evidence();
    old_news.status[0].proofs.clear();
    out.push_back(make_vector("seal-retired-before-by-an-unproven-snapshot",
                              "Bad news needs no "
                              "place in the log: retirement is final.",
                              old_news, trust, invalid("seal-retired")));
}

// Adds a vector in which a second snapshot, edited, follows a day.
auto followed_by(Vectors& out) {
    return [&out](std::string_view name, std::string_view why, const Day& before,
                  const std::function<void(StatusSnapshot&)>& edit, const Expected& expect) {
        Office office = before.office;
        const Status second = office.add_snapshot_as(edit);
        out.push_back(
            make_vector(name, why, with_later(before, office, second), ordinary_trust(), expect));
    };
}

// Two snapshots that tell two stories.
void add_contradictions(Vectors& out) {
    const Day day = plain_day();
    const auto later = followed_by(out);
    later(
        "status-equivocation", "Two snapshots carry number 1.", day,
        [&](StatusSnapshot& snapshot) {
            snapshot.seq = 1;
            snapshot.issued_at += 1;
        },
        invalid("status-equivocation"));
    later(
        "status-previous-is-another", "Number 2 follows a number 1 that nobody was shown.", day,
        [](StatusSnapshot& snapshot) { snapshot.previous = Digest{0x42}; },
        invalid("status-equivocation"));
    const Day retired = day_ending(SealState::retired, 4);
    later(
        "status-revived", "Retired in number 1, active in number 2.", retired,
        [](StatusSnapshot& snapshot) { snapshot.seals[0].state = SealState::active; },
        invalid("status-revived"));
    later(
        "status-seal-vanished", "Listed in number 1, not in number 2.", day,
        [](StatusSnapshot& snapshot) { snapshot.seals.clear(); }, invalid("status-revived"));
    later(
        "status-back-dated-event",
        "Number 1 says active as of size 4; number 2 says retired since "
        "index 3.",
        day,
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0].state = SealState::retired;
            snapshot.seals[0].since_index = 3;
        },
        invalid("status-backdated"));
    later(
        "status-back-dated-by-one",
        "Number 1 says active as of size 4; number 2 says retired since index 4, where number 1 "
        "stands.",
        day,
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0] = row(permits_seal(), SealState::retired, 4);
        },
        invalid("status-backdated"));
}

// The second snapshot moves a state or a date: what may move, and what may not.
void add_later_states(Vectors& out) {
    const Day day = plain_day();
    const Day retired = day_ending(SealState::retired, 4);
    const auto later = followed_by(out);
    later(
        "status-not-yet-active-again", "Active in number 1, pre_active in number 2.", day,
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0] = row(permits_seal(), SealState::pre_active, 5);
        },
        invalid("status-revived"));
    later(
        "status-compromise-dated-later",
        "A compromise may be dated earlier when more is known, never later.",
        day_ending(SealState::compromised, 4, kNotAfter_s + 1),
        [](StatusSnapshot& snapshot) { *snapshot.seals[0].invalid_from += 1; },
        invalid("status-revived"));
    later(
        "status-compromise-dated-earlier",
        "Then it is dated earlier, and reaches the statement's time.",
        day_ending(SealState::compromised, 4, kNotAfter_s + 1),
        [](StatusSnapshot& snapshot) { *snapshot.seals[0].invalid_from -= 1; },
        cannot_tell("seal-compromised-window", kNone, kNotAfter_s));
    later(
        "status-retirement-moved", "Retired since 4 in number 1, since 5 in number 2.", retired,
        [](StatusSnapshot& snapshot) { snapshot.seals[0].since_index = 5; },
        invalid("status-backdated"));
    later(
        "status-size-goes-back", "Number 2 is as of a smaller log than number 1.", day,
        [](StatusSnapshot& snapshot) { snapshot.as_of_size = 3; }, invalid("status-backdated"));
    later(
        "status-suspended-later-and-active-again",
        "A suspension may end; the second snapshot is "
        "the newest.",
        day_ending(SealState::suspended, 4),
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0] = row(permits_seal(), SealState::active, 5);
        },
        kUsual);
    later(
        "status-newest-decides",
        "Active in number 1, suspended since 5 in number 2: the statement "
        "is older.",
        day,
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0] = row(permits_seal(), SealState::suspended, 5);
        },
        kUsual);
}

// What the verifier itself has heard since.
void add_from_trust(Vectors& out) {
    const Day day = plain_day();
    const auto with_trusted = [&](std::string_view name, std::string_view why,
                                  const std::function<void(StatusSnapshot&)>& edit,
                                  const Expected& expect) {
        Office office = day.office;
        office.add(Digest{0x43});
        const Status later = office.add_snapshot_as(edit);
        Trust trust = ordinary_trust();
        trust.logs[0].status = {{later.cose(), {}}};
        out.push_back(make_vector(name, why, day.evidence(), trust, expect));
    };
    with_trusted(
        "status-in-the-trust-file-is-newer",
        "The trust file's own snapshot says "
        "compromised; it overrides the evidence's.",
        [](StatusSnapshot& snapshot) {
            snapshot.seals[0] = row(permits_seal(), SealState::compromised, 6);
        },
        cannot_tell("seal-compromised-window", kNone, kNotAfter_s));
    with_trusted(
        "status-in-the-trust-file-agrees", "A newer snapshot that still says active.",
        [](StatusSnapshot&) {}, kUsual);
    Evidence omitted = day.evidence();
    omitted.status.clear();
    Trust trust = ordinary_trust();
    trust.logs[0].status = {
        {day.snapshot.cose(), {day.office.proof(day.snapshot_index, 5, usual_witness())}}};
    out.push_back(make_vector("status-only-in-the-trust-file",
                              "The snapshot and its PROOF stand in "
                              "the trust file.",
                              omitted, trust, kUsual));
}

}  // namespace

Vectors status_cases() {
    Vectors out;
    add_missing(out);
    add_forged(out);
    add_states(out);
    add_contradictions(out);
    add_later_states(out);
    add_from_trust(out);
    return out;
}

}  // namespace fieldseal::vectors
