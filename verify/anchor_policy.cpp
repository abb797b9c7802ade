// SPDX-License-Identifier: Apache-2.0
#include "verify/anchor_policy.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace fieldseal::verify {
namespace {

class Counter {
public:
    explicit Counter(const Trust& trust) : trust_(trust) {}

    // A PROOF about the subject itself (append-only and time) or one further out (time only).
    void add(const JudgedProof& proof, bool about_the_log) {
        if (!proof.stands()) return;
        for (const JudgedCosignature& cosignature : proof.cosignatures) {
            if (cosignature.reason == Reason::cosignature_in_future) tally_.ignored_future = true;
            if (cosignature.reason != Reason::ok) continue;
            const TrustedWitness& witness = *cosignature.witness;
            if (about_the_log && proof.proves()) witnesses_.insert(witness.operated_by);
            add_time({Bound::not_after, upper_bound_s(cosignature.time_s, trust_.skew_s),
                      "cosignature", witness.key.name, witness.operated_by, proof.where});
        }
        for (std::size_t i = 0; i < proof.anchors.size(); ++i) {
            const JudgedAnchor& anchor = proof.anchors[i];
            if (anchor.reason == Reason::anchor_in_future) tally_.ignored_future = true;
            if (anchor.reason != Reason::ok) continue;
            add_time({Bound::not_after, anchor.result.not_after_s, proof.proof->anchors[i].type,
                      anchor.result.source, anchor.result.operated_by, proof.where});
        }
        for (const JudgedProof& logged : proof.logged) add(logged, false);
    }

    PolicyTally finish() && {
        tally_.witness_operators = witnesses_.size();
        tally_.time_operators = earliest_.size();
        const auto time_quorum = static_cast<std::size_t>(trust_.policy.time_quorum);
        tally_.met =
            tally_.witness_operators >= static_cast<std::size_t>(trust_.policy.witness_quorum) &&
            tally_.time_operators >= time_quorum;
        std::vector<std::int64_t> bounds;
        for (const auto& [operated_by, bound] : earliest_) bounds.push_back(bound);
        std::sort(bounds.begin(), bounds.end());
        // A quorum of 0 asks for nothing; what there is still gives a bound.
        const std::size_t rank = std::max<std::size_t>(time_quorum, 1);
        if (bounds.size() >= rank) tally_.not_after_s = bounds[rank - 1];
        return std::move(tally_);
    }

private:
    void add_time(TimeSource source) {
        const auto [place, added] = earliest_.emplace(source.operated_by, source.time_s);
        if (!added) place->second = std::min(place->second, source.time_s);
        tally_.sources.push_back(std::move(source));
    }

    const Trust& trust_;
    PolicyTally tally_;
    std::set<std::string> witnesses_;
    std::map<std::string, std::int64_t> earliest_;  // bound by operator
};

}  // namespace

PolicyTally tally(std::span<const JudgedProof> proofs, const Trust& trust,
                  std::span<const JudgedProof> beside) {
    Counter counter(trust);
    for (const JudgedProof& proof : proofs) {
        counter.add(proof, true);
        if (!proof.stands()) continue;
        for (const JudgedProof& other : beside) {
            // Two that stand and say the same three lines.
            if (other.stands() && other.checkpoint == proof.checkpoint) {
                counter.add(other, proof.proves());
            }
        }
    }
    return std::move(counter).finish();
}

}  // namespace fieldseal::verify
