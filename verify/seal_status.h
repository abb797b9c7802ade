// SPDX-License-Identifier: Apache-2.0
// May the seal have signed the statement at its place in the log? Reads the status snapshots of the
// evidence and of the trust file, checks that they tell one story, and applies the newest to the
// statement's index (docs/formats/verdicts.md, step "status"). Order is by index, never by clock.
// THREADS: pure, any.
#pragma once

#include "core/evidence.h"
#include "core/trust.h"
#include "verify/anchor_policy.h"
#include "verify/proof_judge.h"
#include "verify/report.h"

#include <cstdint>
#include <optional>
#include <span>

namespace fieldseal::verify {

// The statement, as far as its seal's status is concerned.
struct LoggedStatement {
    Digest kid{};
    std::uint64_t index = 0;
    bool policy_met = false;
    std::optional<std::int64_t> not_after_s;
    std::span<const JudgedProof> proofs;  // the statement's own
};

// Fills `step` (outcome, reason, message, one detail per snapshot) and returns what the newest
// snapshot says about the seal. REQUIRES: the statement's log is in the trust file.
std::optional<SealStanding> judge_seal_status(std::span<const StatusItem> items,
                                              const LoggedStatement& statement,
                                              const ProofRules& rules, StepReport& step);

}  // namespace fieldseal::verify
