// SPDX-License-Identifier: Apache-2.0
#include "verify/proof_judge.h"

#include "core/encoding.h"
#include "core/merkle/proof.h"
#include "verify/anchor_reason.h"

#include <algorithm>

namespace fieldseal::verify {
namespace {

// How a check ended, with the sentence for a person.
struct Ending {
    Reason reason = Reason::ok;
    std::string message;

    bool fails() const { return info(reason).effect == Effect::fails; }
};

Ending ends(Reason reason, std::string message = {}) {
    if (message.empty()) message = info(reason).meaning;
    return {reason, std::move(message)};
}

// Did the log sign this checkpoint, and may it?
Ending check_log(const note::SignedNote& signed_note, const note::Checkpoint& checkpoint,
                 LogKind kind, const ProofRules& rules) {
    const TrustedLog* log = rules.trust.find_log(checkpoint.origin);
    if (log == nullptr) {
        return ends(Reason::log_unknown,
                    "the trust file does not know the log " + quoted(checkpoint.origin));
    }
    if (log->kind != kind) return ends(Reason::log_kind_mismatch);
    const auto line = note::verify_note(signed_note, log->key);
    if (!line && line.error().code == Errc::not_found) {
        const bool named = std::any_of(
            signed_note.signatures.begin(), signed_note.signatures.end(),
            [&](const note::SignatureLine& other) { return other.name == checkpoint.origin; });
        return ends(named ? Reason::log_key_unknown : Reason::checkpoint_unsigned);
    }
    if (!line) return ends(Reason::checkpoint_signature_invalid, line.error().message);
    if (log->closed && checkpoint.size > log->closed->size) return ends(Reason::log_closed);
    if (rules.heads.equivocates(checkpoint)) return ends(Reason::log_equivocation);
    return ends(Reason::ok);
}

// May this verified cosignature count?
Reason weigh(const TrustedWitness& witness, std::int64_t time_s, const ProofRules& rules) {
    if (witness.operated_by == rules.operated_by) return Reason::witness_same_operator;
    const bool future = rules.now_s && lower_bound_s(time_s, rules.trust.skew_s) > *rules.now_s;
    return future ? Reason::cosignature_in_future : Reason::ok;
}

JudgedAnchor judge_anchor(const Anchor& anchor, const note::Checkpoint& checkpoint,
                          const ProofRules& rules) {
    JudgedAnchor judged{anchors::check_anchor(anchor, checkpoint, rules.trust)};
    judged.reason = reason_of(judged.result.finding);
    if (judged.reason != Reason::ok) return judged;
    if (judged.result.operated_by == rules.operated_by) {
        judged.reason = Reason::anchor_same_operator;
    } else if (rules.now_s &&
               lower_bound_s(judged.result.not_after_s, rules.trust.skew_s) > *rules.now_s) {
        judged.reason = Reason::anchor_in_future;
    }
    return judged;
}

// Reads every signature line but the log's own. A bad line by a trusted witness voids the note.
Ending read_cosignatures(const note::SignedNote& signed_note, const ProofRules& rules,
                         JudgedProof& judged) {
    for (const note::SignatureLine& line : signed_note.signatures) {
        const TrustedWitness* witness = rules.trust.find_witness(line.name, line.key_id);
        if (witness == nullptr) {
            if (line.name != judged.checkpoint->origin) judged.unknown_signers.push_back(line.name);
            continue;
        }
        const auto cosignature =
            note::open_cosignature(signed_note.signatures, signed_note.text, witness->key);
        if (!cosignature) return ends(Reason::cosignature_invalid, cosignature.error().message);
        const std::int64_t time_s = clamped_time_s(cosignature->time_s);
        judged.cosignatures.push_back({witness, time_s, weigh(*witness, time_s, rules)});
    }
    return ends(Reason::ok);
}

// What the PROOFs of one list have in common.
struct Siblings {
    const Digest& entry;
    LogKind kind;
    std::set<std::string> in_conflict;  // origins that two of them give different places in
};

// The checks of one PROOF in the order of docs/formats/verdicts.md. The first failure ends; what is
// missing is remembered while the checks go on.
Ending check_proof(const Proof& proof, const Siblings& siblings, const ProofRules& rules,
                   JudgedProof& judged) {
    const auto signed_note = note::parse_note(proof.checkpoint);
    if (!signed_note) return ends(Reason::checkpoint_malformed, signed_note.error().message);
    const auto checkpoint = note::parse_checkpoint(signed_note->text);
    if (!checkpoint) return ends(Reason::checkpoint_malformed, checkpoint.error().message);
    judged.checkpoint = *checkpoint;
    if (siblings.kind == LogKind::statement && checkpoint->origin != rules.origin) {
        return ends(Reason::origin_mismatch, "issued for the log " + quoted(rules.origin) +
                                                 ", found in " + quoted(checkpoint->origin));
    }
    if (siblings.in_conflict.contains(checkpoint->origin)) return ends(Reason::index_conflict);
    const auto path = merkle::verify_inclusion({proof.index}, checkpoint->head(),
                                               merkle::leaf_hash(siblings.entry), proof.hashes);
    if (!path) return ends(Reason::inclusion_mismatch, path.error().message);
    const Ending log = check_log(*signed_note, *checkpoint, siblings.kind, rules);
    if (log.fails()) return log;
    const Ending cosignatures = read_cosignatures(*signed_note, rules, judged);
    return cosignatures.fails() ? cosignatures : log;
}

// Origins for which the PROOFs of one list name different places.
std::set<std::string> conflicting_origins(std::span<const Proof> proofs) {
    std::map<std::string, std::uint64_t> places;
    std::set<std::string> conflicts;
    for (const Proof& proof : proofs) {
        const auto note = note::parse_checkpoint_note(proof.checkpoint);
        if (!note) continue;
        const auto [place, added] = places.emplace(note->checkpoint.origin, proof.index);
        if (!added && place->second != proof.index) conflicts.insert(note->checkpoint.origin);
    }
    return conflicts;
}

// Recursion is bounded by the nesting limit of evidence.
std::vector<JudgedProof> judge_list(std::span<const Proof> proofs, const Siblings& siblings,
                                    const ProofRules& rules, const std::string& where) {
    std::vector<JudgedProof> list;
    for (const Proof& proof : proofs) {
        JudgedProof judged;
        judged.proof = &proof;
        judged.where = where + "[" + std::to_string(list.size()) + "]";
        Ending ending = check_proof(proof, siblings, rules, judged);
        judged.reason = ending.reason;
        judged.message = std::move(ending.message);
        if (judged.stands()) {
            const Digest digest = judged.checkpoint->digest();
            for (const Anchor& anchor : proof.anchors) {
                judged.anchors.push_back(judge_anchor(anchor, *judged.checkpoint, rules));
            }
            const Siblings below{digest, LogKind::checkpoints, conflicting_origins(proof.logged)};
            judged.logged = judge_list(proof.logged, below, rules, judged.where + ".logged");
        }
        list.push_back(std::move(judged));
    }
    return list;
}

}  // namespace

SignedHeads::SignedHeads(const Trust& trust) : trust_(trust) {
    for (const TrustedLog& log : trust.logs) {
        if (log.closed) roots_[{log.origin, log.closed->size.value}].insert(log.closed->root);
    }
}

void SignedHeads::add(std::span<const Proof> proofs) {
    for (const Proof& proof : proofs) {
        add_note(proof.checkpoint);
        add(proof.logged);
    }
}

void SignedHeads::add_note(std::string_view note) {
    const auto signed_note = note::parse_note(note);
    if (!signed_note) return;
    const auto checkpoint = note::parse_checkpoint(signed_note->text);
    if (!checkpoint) return;
    const TrustedLog* log = trust_.find_log(checkpoint->origin);
    if (log == nullptr || !note::verify_note(*signed_note, log->key)) return;
    roots_[{checkpoint->origin, checkpoint->size.value}].insert(checkpoint->root);
}

bool SignedHeads::equivocates(std::string_view origin) const {
    return std::any_of(roots_.begin(), roots_.end(), [&](const auto& head) {
        return head.first.first == origin && head.second.size() > 1;
    });
}

bool SignedHeads::equivocates(const note::Checkpoint& checkpoint) const {
    const auto head = roots_.find({checkpoint.origin, checkpoint.size.value});
    return head != roots_.end() && head->second.size() > 1;
}

std::vector<JudgedProof> judge_proofs(std::span<const Proof> proofs, const Digest& entry,
                                      const ProofRules& rules, const std::string& where) {
    const Siblings siblings{entry, LogKind::statement, conflicting_origins(proofs)};
    return judge_list(proofs, siblings, rules, where);
}

Reason inclusion_reason(std::span<const JudgedProof> proofs) {
    if (proofs.empty()) return Reason::proof_missing;
    if (first_proving(proofs) != nullptr) return Reason::ok;
    // What stands would prove with the missing key: a bad neighbour must not turn that into
    // "invalid".
    const auto standing = std::find_if(proofs.begin(), proofs.end(),
                                       [](const JudgedProof& proof) { return proof.stands(); });
    return standing != proofs.end() ? standing->reason : proofs.front().reason;
}

const JudgedProof* first_proving(std::span<const JudgedProof> proofs) {
    const auto found = std::find_if(proofs.begin(), proofs.end(),
                                    [](const JudgedProof& proof) { return proof.proves(); });
    return found == proofs.end() ? nullptr : &*found;
}

std::int64_t clamped_time_s(std::uint64_t time_s) {
    return static_cast<std::int64_t>(
        std::min(time_s, static_cast<std::uint64_t>(json::kIntegerMax)));
}

std::int64_t upper_bound_s(std::int64_t time_s, std::int64_t skew_s) {
    return std::min(time_s + skew_s, json::kIntegerMax);
}

std::int64_t lower_bound_s(std::int64_t time_s, std::int64_t skew_s) {
    return std::max(time_s - skew_s, std::int64_t{0});
}

}  // namespace fieldseal::verify
