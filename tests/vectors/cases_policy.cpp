// SPDX-License-Identifier: Apache-2.0
// Genuine, and not anchored as the trust file demands.
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {

Vectors policy_cases() {
    Vectors out;
    const Trust trust = ordinary_trust();
    const Day day = ordinary_day();
    const auto add = [&](std::string_view name, std::string_view why, const Evidence& evidence,
                         const Trust& by, std::optional<std::int64_t> not_after_s) {
        out.push_back(make_vector(name, why, evidence, by, pending(kNotBefore_s, not_after_s)));
    };
    add("pending-not-yet-anchored", "Checkpointed and logged, nobody outside has answered.",
        day.evidence({}), trust, {});
    add("pending-only-a-stranger-cosigned", "The only cosignature is by an unknown witness.",
        day.evidence({{stranger(), kAnchored_s}}), trust, {});
    Trust own = trust;
    own.witnesses.push_back({own_witness().key(), "Ministry of Works", {}});
    add("pending-only-the-own-operator-cosigned", "The log's operator is no witness to itself.",
        day.evidence({{own_witness(), kAnchored_s}}), own, {});
    Trust two = trust;
    two.policy = {2, 1};
    add("pending-one-witness-of-two", "One of two witness operators has answered.", day.evidence(),
        two, kNotAfter_s);
    Trust same = two;
    same.witnesses[1].operated_by = "Court of Audit";
    add("pending-two-witnesses-of-one-operator", "Quorums count operators, not keys.",
        day.evidence({{hub_witness(), kAnchored_s}, {court_witness(), kAnchored_s}}), same,
        kNotAfter_s);
    Trust two_times = trust;
    two_times.policy = {1, 2};
    add("pending-stripped-anchors",
        "The PROOF in the hub's log was taken out: one time source of "
        "two is left.",
        day.evidence(), two_times, {});
    // The hub's checkpoint is cosigned, the office's is not: time without append-only.
    const Proof hub =
        hub_proof(day.office, day.office.size(), {{court_witness(), kAnchored_s + 60}});
    Evidence time_only = day.evidence({});
    time_only.proofs[0].logged = {hub};
    time_only.status[0].proofs[0].logged = {hub};
    add("pending-hub-proves-time-only",
        "What stands on the hub's checkpoint says nothing about "
        "the office's log being append-only.",
        time_only, trust, kNotAfter_s + 60);
    Evidence broken_hub = day.evidence();
    broken_hub.proofs[0].logged = {hub};
    broken_hub.proofs[0].logged[0].hashes[0][7] ^= 1;
    add("pending-hub-path-bit-flipped", "A bad PROOF in logged loses its own time.", broken_hub,
        two_times, {});
    Evidence unsigned_hub = day.evidence();
    unsigned_hub.proofs[0].logged = {hub};
    std::string& note = unsigned_hub.proofs[0].logged[0].checkpoint;
    note[note.find("— audit") + 30] ^= 1;
    add("pending-hub-log-line-changed",
        "One letter of the log's line on the hub's checkpoint "
        "differs: the known key's line no longer verifies, and that voids the note.",
        unsigned_hub, two_times, {});
    return out;
}

}  // namespace fieldseal::vectors
