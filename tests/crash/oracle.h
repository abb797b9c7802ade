// SPDX-License-Identifier: Apache-2.0
// What must hold after any crash, judged on nodes that were just opened the ordinary way:
//   each acknowledged statement is there exactly once, at the index that was said; nothing is there
//   that nobody ordered; indexes are contiguous and used once; the root recomputes from the
//   statements; every checkpoint we stored and every head the hub cosigned is a prefix of the log;
//   the hub's own log names each of them; an order sent again under its key is one statement.
// REQUIRES: nobody else works on the nodes meanwhile. THREADS: one. Errors: corrupt, with what is
// wrong.
#pragma once

#include "core/result.h"
#include "tests/crash/ledger.h"
#include "tests/support/in_process_node.h"

namespace fieldseal::testing {

Result<void> judge_office(const InProcessNode& office, const Ledger::Facts& facts);
Result<void> judge_hub(const InProcessNode& office, const InProcessNode& hub,
                       const Ledger::Facts& facts);

// Sends every order under a key again that had no answer, and some that had.
// Returns how many were sent.
Result<std::uint64_t> retry_orders(InProcessNode& office, Ledger& ledger);

}  // namespace fieldseal::testing
