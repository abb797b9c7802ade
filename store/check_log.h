// SPDX-License-Identifier: Apache-2.0
// The part of check() that recomputes one log: entries to leaves to tiles to roots. Written apart
// from log_edge.h on purpose: what wrote the tiles is not what judges them. OWNED BY: check().
// THREADS: one.
#pragma once

#include "core/result.h"
#include "store/check.h"
#include "store/database.h"
#include "store/records.h"

namespace fieldseal::store {

// Judges the first `head.size` entries against `head`, the tile rows, the entry index and the
// checkpoints. Findings go to `report`. Errors: io.
Result<void> check_log(const Database& database, LogId log, const merkle::TreeHead& head,
                       const CheckHooks& hooks, CheckReport& report);

}  // namespace fieldseal::store
