// SPDX-License-Identifier: Apache-2.0
// Counts what vouches for a list of judged PROOFs against the trust file's policy: distinct
// operators of witnesses (append-only) and of time sources (existed by then), and the bound that
// the time rule gives. Cosignatures on checkpoints in `logged` and anchors prove time only.
// THREADS: pure, any.
#pragma once

#include "core/trust.h"
#include "verify/proof_judge.h"
#include "verify/report.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fieldseal::verify {

struct PolicyTally {
    std::size_t witness_operators = 0;
    std::size_t time_operators = 0;
    bool met = false;
    // The time_quorum-th smallest of the operators' earliest bounds; absent below the quorum.
    std::optional<std::int64_t> not_after_s;
    bool ignored_future = false;      // one from the future was left out
    std::vector<TimeSource> sources;  // all that counted, in file order
};

// `beside`: judged PROOFs of something else in the same file. What vouches for a checkpoint vouches
// for every entry in it, so what they hold counts for those of `proofs` that have the same
// checkpoint (docs/adr/0008-one-anchor-for-one-checkpoint.md).
PolicyTally tally(std::span<const JudgedProof> proofs, const Trust& trust,
                  std::span<const JudgedProof> beside = {});

}  // namespace fieldseal::verify
