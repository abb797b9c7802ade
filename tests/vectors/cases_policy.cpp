// SPDX-License-Identifier: Apache-2.0
// Genuine, and not anchored as the trust file demands.
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

namespace fieldseal::vectors {
namespace {

class PolicyCases {
public:
    Vectors take() && {
        add_missing();
        add_operators();
        add_hub();
        add_void_notes();
        return std::move(out_);
    }

private:
    void add(std::string_view name, std::string_view why, const Evidence& evidence, const Trust& by,
             std::optional<std::int64_t> not_after_s) {
        out_.push_back(make_vector(name, why, evidence, by, pending(kNotBefore_s, not_after_s)));
    }

    static Trust trust_with(AnchorPolicy policy) {
        Trust trust = ordinary_trust();
        trust.policy = policy;
        return trust;
    }

    void add_missing() {
        add("pending-not-yet-anchored", "Checkpointed and logged, nobody outside has answered.",
            day_.evidence({}), trust_, {});
        add("pending-only-a-stranger-cosigned", "The only cosignature is by an unknown witness.",
            day_.evidence({{stranger(), kAnchored_s}}), trust_, {});
        add("pending-stripped-anchors",
            "The PROOF in the hub's log was taken out: one time source "
            "of two is left.",
            day_.evidence(), trust_with({1, 2}), {});
    }

    void add_operators() {
        Trust own = trust_;
        own.witnesses.push_back({own_witness().key(), "Ministry of Works", {}});
        add("pending-only-the-own-operator-cosigned", "The log's operator is no witness to itself.",
            day_.evidence({{own_witness(), kAnchored_s}}), own, {});
        Trust two = trust_with({2, 1});
        add("pending-one-witness-of-two", "One of two witness operators has answered.",
            day_.evidence(), two, kNotAfter_s);
        two.witnesses[1].operated_by = "Court of Audit";
        add("pending-two-witnesses-of-one-operator", "Quorums count operators, not keys.",
            day_.evidence({{hub_witness(), kAnchored_s}, {court_witness(), kAnchored_s}}), two,
            kNotAfter_s);
    }

    void add_hub() {
        // The hub's checkpoint is cosigned, the office's is not: time without append-only.
        const Proof hub =
            hub_proof(day_.office, day_.office.size(), {{court_witness(), kAnchored_s + 60}});
        Evidence time_only = day_.evidence({});
        time_only.proofs[0].logged = {hub};
        time_only.status[0].proofs[0].logged = {hub};
        add("pending-hub-proves-time-only",
            "What stands on the hub's checkpoint says nothing "
            "about the office's log being append-only.",
            time_only, trust_, kNotAfter_s + 60);
        Evidence broken_hub = day_.evidence();
        broken_hub.proofs[0].logged = {hub};
        broken_hub.proofs[0].logged[0].hashes[0][7] ^= 1;
        add("pending-hub-path-bit-flipped", "A bad PROOF in logged loses its own time.", broken_hub,
            trust_with({1, 2}), {});
        Evidence unsigned_hub = day_.evidence();
        unsigned_hub.proofs[0].logged = {hub};
        std::string& note = unsigned_hub.proofs[0].logged[0].checkpoint;
        note[note.find("— audit") + 30] ^= 1;
        add("pending-hub-log-line-changed",
            "One letter of the log's line on the hub's checkpoint "
            "differs: the known key's line no longer verifies, and that voids the note.",
            unsigned_hub, trust_with({1, 2}), {});
    }

    // The first PROOF proves and is not cosigned; what the second adds is the question.
    void add_void_notes() {
        const std::string text = day_.office.log().checkpoint(5).text();
        const std::string hub_line = hub_witness().cosign(kAnchored_s, text).line();
        Evidence evidence = day_.evidence({});
        evidence.proofs.push_back(evidence.proofs[0]);
        const testing::NoteSigner other_key(kOfficeOrigin, note::KeyType::ed25519, 0x33);
        evidence.proofs[1].checkpoint = text + "\n" + other_key.sign(text) + hub_line;
        add("pending-cosigned-note-without-the-pinned-log-key",
            "The hub's line stands on a note "
            "that another key signed in the log's name: time, and not append-only.",
            evidence, trust_, kNotAfter_s);
        note::Cosignature broken = court_witness().cosign(kAnchored_s, text);
        broken.signature[0] ^= 1;
        evidence.proofs[1].checkpoint = day_.office.note(5) + hub_line + broken.line();
        add("pending-good-line-on-a-void-note",
            "The court's bad line voids the note, the hub's "
            "good one with it.",
            evidence, trust_, {});
    }

    Trust trust_ = ordinary_trust();
    Day day_ = ordinary_day();
    Vectors out_;
};

}  // namespace

Vectors policy_cases() {
    return PolicyCases().take();
}

}  // namespace fieldseal::vectors
