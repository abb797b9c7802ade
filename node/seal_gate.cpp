// SPDX-License-Identifier: Apache-2.0
#include "node/seal_gate.h"

namespace fieldseal::node {
namespace {

constexpr std::string_view kClockProblem = "clock-set-back";

}  // namespace

void SealGate::close(GateReason reason, std::string why) {
    const std::scoped_lock lock(mutex_);
    reasons_[static_cast<std::size_t>(reason)] = std::move(why);
}

void SealGate::open(GateReason reason) {
    const std::scoped_lock lock(mutex_);
    reasons_[static_cast<std::size_t>(reason)].reset();
}

Result<void> SealGate::check() const {
    const std::scoped_lock lock(mutex_);
    for (const GateReason reason :
         {GateReason::stopped, GateReason::held, GateReason::storage, GateReason::clock}) {
        const auto& why = reasons_[static_cast<std::size_t>(reason)];
        if (!why) continue;
        const bool is_clock = reason == GateReason::clock;
        return Error{reason == GateReason::storage ? Errc::storage_full : Errc::held, *why,
                     is_clock ? kClockProblem : std::string_view()};
    }
    return {};
}

bool SealGate::is_closed(GateReason reason) const {
    const std::scoped_lock lock(mutex_);
    return reasons_[static_cast<std::size_t>(reason)].has_value();
}

}  // namespace fieldseal::node
