// SPDX-License-Identifier: Apache-2.0
// Whether sealing is allowed at all right now, and the sentence that says why not.
//
// Independent reasons, each set and cleared by its owner: `held` after a restore, `stopped` by
// proof of another history of our own log, `storage` low, `clock` set back where the
// configuration says stop. Reading, verifying and anchoring never
// ask here. OWNED BY: the daemon. THREADS: any.
#pragma once

#include "core/result.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::node {

// Rows of the store that close the gate at every start, until somebody lifts them
// (maintenance/gates.h).
inline constexpr std::string_view kHeldMetaName = "held";        // restored, not confirmed yet
inline constexpr std::string_view kStoppedMetaName = "stopped";  // proof of another history

enum class GateReason : std::uint8_t { stopped, held, storage, clock };

class SealGate {
public:
    void close(GateReason reason, std::string why);
    void open(GateReason reason);

    // Errc::held (stopped, held, clock) or Errc::storage_full; the first reason in the order above.
    Result<void> check() const;
    bool is_closed(GateReason reason) const;

private:
    mutable std::mutex mutex_;
    std::array<std::optional<std::string>, 4> reasons_;  // guarded by mutex_
};

}  // namespace fieldseal::node
