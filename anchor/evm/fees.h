// SPDX-License-Identifier: Apache-2.0
// What an anchoring transaction pays, and by how much a replacement raises it (chain.md §2.7). On a
// free network nothing is ever paid or raised: the same bytes are sent again.
// THREADS: value types; pure functions, any.
#pragma once

#include "anchor/evm/evm_target.h"
#include "core/evm/transaction.h"
#include "core/result.h"

#include <cstdint>
#include <optional>

namespace fieldseal::anchor {

struct Fee {
    std::uint64_t max_wei = 0;       // per gas; the gas price of a legacy transaction
    std::uint64_t priority_wei = 0;  // market only
    bool operator==(const Fee&) const = default;
};

// What the chain asks at the moment.
struct FeeQuote {
    std::optional<std::uint64_t> base_fee_wei;  // of the newest block
    std::uint64_t gas_price_wei = 0;            // legacy only
};

evm::TransactionType transaction_type(FeeMode mode);

// The fee of a first transaction. ERRORS: exhausted when the chain asks more than the ceiling;
// denied when it has no fee market and the mode needs one.
Result<Fee> first_fee(const EvmFees& fees, const FeeQuote& quote);
// A fee that replaces `paid`: an eighth more and one wei (nodes ask a tenth), and at least what the
// chain asks now. nullopt at the ceiling, and always on a free network.
std::optional<Fee> raised_fee(const EvmFees& fees, const Fee& paid, const FeeQuote& quote);

}  // namespace fieldseal::anchor
