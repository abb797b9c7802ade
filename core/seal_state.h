// SPDX-License-Identifier: Apache-2.0
// The life of a seal's key, as status snapshots record it (docs/formats/status.md), and the one
// table of which state may follow which. ERRORS: invalid_argument for an unknown name. THREADS:
// any.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string_view>

namespace fieldseal {

enum class SealState : std::uint8_t {
    pre_active = 0,   // known, may not sign yet
    active = 1,       // signs
    suspended = 2,    // stopped for now
    retired = 3,      // terminal: signs no more; what it signed stands
    compromised = 4,  // terminal: the key left our hands
    destroyed = 5,    // terminal: the key is gone; what it signed stands
};
// "pre_active", "active", …
std::string_view to_string(SealState state);
Result<SealState> seal_state_from_name(std::string_view name);

// True for states that never go back: retired, compromised, destroyed.
bool is_terminal(SealState state);
// May a seal go from one state to another? The table is in docs/formats/status.md; a state may
// stay.
bool may_follow(SealState from, SealState to);

}  // namespace fieldseal
