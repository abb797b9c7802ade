// SPDX-License-Identifier: Apache-2.0
// The office's errand at the hub, as a witness target does it: newest checkpoint, consistency proof
// from what is anchored, cosignature verified and stored.
// THREADS: one. Errors: corrupt when an answer contradicts an earlier one, io.
#pragma once

#include "core/result.h"
#include "tests/crash/ledger.h"
#include "tests/support/in_process_node.h"

namespace fieldseal::testing {

// Brings the newest checkpoint to the hub and stores what comes back.
// REQUIRES: repeat_last_request was done in this run; without a crash no answer is lost.
Result<void> anchor_newest(InProcessNode& office, InProcessNode& hub, Ledger& ledger);

// The request that was under way when the last run ended, once more: it succeeds, or the hub says
// that it had accepted exactly it.
Result<void> repeat_last_request(InProcessNode& office, InProcessNode& hub, Ledger& ledger);

}  // namespace fieldseal::testing
