// SPDX-License-Identifier: Apache-2.0
// Is a checkpoint that somebody shows us, signed by our own log key, one of our own history?
//
// This decides between "the target says so" and "proof": sealing stops only for a checkpoint that
// our key validly signed and our log does not extend (DESIGN §7). The node asks again at start,
// with TargetState::alarm_note, whether a restore has healed it. THREADS: pure but for the
// callbacks of LogView. ERRORS: only those of LogView::root_at.
#pragma once

#include "anchor/target.h"
#include "core/result.h"

#include <cstdint>
#include <string_view>

namespace fieldseal::anchor {

enum class History : std::uint8_t {
    not_signed_by_us,  // malformed, another origin, or no valid signature of our log key: worthless
    ours,              // our log has this very root at this size
    beyond,            // larger than our log: we lost entries
    forked,            // within our log, with another root
};

struct SeenCheckpoint {
    History history = History::not_signed_by_us;
    std::uint64_t size = 0;  // unless not_signed_by_us
};

Result<SeenCheckpoint> judge_checkpoint(const LogView& log, std::string_view note);

}  // namespace fieldseal::anchor
