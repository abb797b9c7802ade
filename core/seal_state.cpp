// SPDX-License-Identifier: Apache-2.0
#include "core/seal_state.h"

#include "core/encoding.h"

#include <array>
#include <string>

namespace fieldseal {
namespace {

struct StateName {
    SealState state;
    std::string_view name;
};
constexpr std::array kStates = {
    StateName{SealState::pre_active, "pre_active"},   StateName{SealState::active, "active"},
    StateName{SealState::suspended, "suspended"},     StateName{SealState::retired, "retired"},
    StateName{SealState::compromised, "compromised"}, StateName{SealState::destroyed, "destroyed"}};

}  // namespace

std::string_view to_string(SealState state) {
    for (const StateName& known : kStates) {
        if (known.state == state) return known.name;
    }
    return "unknown";
}

Result<SealState> seal_state_from_name(std::string_view name) {
    for (const StateName& known : kStates) {
        if (known.name == name) return known.state;
    }
    return Error{Errc::invalid_argument,
                 "seal state " + fieldseal::quoted(name) +
                     " is not pre_active, active, suspended, retired, compromised or destroyed"};
}

bool is_terminal(SealState state) {
    return state == SealState::retired || state == SealState::compromised ||
           state == SealState::destroyed;
}

bool may_follow(SealState from, SealState to) {
    if (from == to) return true;
    switch (from) {
        case SealState::pre_active:
            return to != SealState::suspended;
        case SealState::active:
            return to != SealState::pre_active;
        case SealState::suspended:
            return to != SealState::pre_active;
        // A key that signs no more can still turn out to have leaked before.
        case SealState::retired:
            return to == SealState::compromised || to == SealState::destroyed;
        case SealState::destroyed:
            return to == SealState::compromised;
        case SealState::compromised:
            break;
    }
    return false;
}

}  // namespace fieldseal
