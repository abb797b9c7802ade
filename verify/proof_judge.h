// SPDX-License-Identifier: Apache-2.0
// Judges PROOFs: does the path lead to the root, did the log sign it, did witnesses cosign it, and
// what else vouches for that checkpoint. A PROOF ends in one Reason: ok (the pinned log proves it),
// one that misses (the path holds, something about the log could not be checked) or one that fails.
// THREADS: pure, any. OWNED BY: a judged PROOF points into the Evidence and the Trust.
#pragma once

#include "core/anchors/anchor_check.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/trust.h"
#include "verify/report.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::verify {

// A verified cosignature line, whether or not it counts.
struct JudgedCosignature {
    const TrustedWitness* witness = nullptr;
    std::int64_t time_s = 0;
    Reason reason = Reason::ok;  // ok, or why it does not count
};

// What a check found out about an anchor, and whether it counts.
struct JudgedAnchor {
    anchors::AnchorResult result;
    Reason reason = Reason::ok;  // ok, or why it does not count
};

struct JudgedProof {
    const Proof* proof = nullptr;
    std::string where;
    Reason reason = Reason::not_checked;
    std::string message;
    std::optional<note::Checkpoint> checkpoint;
    std::vector<JudgedCosignature> cosignatures;
    std::vector<std::string> unknown_signers;  // names on lines that no trusted key made
    std::vector<JudgedAnchor> anchors;         // one for each of proof->anchors
    std::vector<JudgedProof> logged;

    // The pinned log holds the subject.
    bool proves() const { return reason == Reason::ok; }
    // The path holds and nothing about the note is wrong: enough for time.
    bool stands() const { return proves() || info(reason).effect == Effect::misses; }
};

// Which trees a pinned log signed, over the whole file. Two roots of one size are an equivocation.
class SignedHeads {
public:
    explicit SignedHeads(const Trust& trust);

    // Every checkpoint in these PROOFs and below, whatever their paths say.
    void add(std::span<const Proof> proofs);

    bool equivocates(std::string_view origin) const;
    bool equivocates(const note::Checkpoint& checkpoint) const;

private:
    void add_note(std::string_view note);

    const Trust& trust_;
    std::map<std::pair<std::string, std::uint64_t>, std::set<Digest>> roots_;
};

// What all PROOFs of one evidence file are judged by.
struct ProofRules {
    const Trust& trust;
    const SignedHeads& heads;
    std::string origin;       // of the statement's log
    std::string operated_by;  // who runs that log; empty when the log is unknown
    std::optional<std::int64_t> now_s;
};

// PROOFs about `entry` in the statement's own log. `where` is their list's name.
std::vector<JudgedProof> judge_proofs(std::span<const Proof> proofs, const Digest& entry,
                                      const ProofRules& rules, const std::string& where);

// The reason for which a list of PROOFs proves nothing: the first that misses, else the first that
// fails, proof_missing for none. Ok when one proves.
Reason inclusion_reason(std::span<const JudgedProof> proofs);

// The first PROOF that proves, or nullptr.
const JudgedProof* first_proving(std::span<const JudgedProof> proofs);

// A cosignature's time as a bound; times beyond 2^53 - 1 count as that.
std::int64_t upper_bound_s(std::int64_t time_s, std::int64_t skew_s);
std::int64_t lower_bound_s(std::int64_t time_s, std::int64_t skew_s);
std::int64_t clamped_time_s(std::uint64_t time_s);

}  // namespace fieldseal::verify
