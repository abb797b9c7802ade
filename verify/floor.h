// SPDX-License-Identifier: Apache-2.0
// The floor: bytes signed by somebody else that the statement refers to by digest, so the signature
// is younger than they are. Two questions: is the evidence's floor the one referred to (form), and
// since when does it say the signature may exist (time)? THREADS: pure, any.
#pragma once

#include "core/evidence.h"
#include "core/statement.h"
#include "verify/proof_judge.h"
#include "verify/report.h"

#include <optional>

namespace fieldseal::verify {

// ok, or floor_unreferenced: no reference, another kind, another digest, or not a floor at all.
Reason check_floor_reference(const std::optional<Floor>& floor,
                             const std::optional<FloorReference>& reference);

struct JudgedFloor {
    Detail detail;
    std::optional<TimeSource> source;  // the lower bound, when there is one
};

// nullopt when there is neither a floor nor a reference. REQUIRES: check_floor_reference was ok.
std::optional<JudgedFloor> judge_floor(const std::optional<Floor>& floor,
                                       const std::optional<FloorReference>& reference,
                                       const ProofRules& rules);

}  // namespace fieldseal::verify
