// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/fees.h"

#include <algorithm>
#include <limits>
#include <string>

namespace fieldseal::anchor {
namespace {

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
    return a > kMost - b ? kMost : a + b;
}

std::uint64_t raised(std::uint64_t wei) {
    return plus(wei, plus(wei / 8, 1));
}

// Room for the base fee to double before the transaction is mined, if the ceiling allows it.
Fee market_fee(const EvmFees& fees, std::uint64_t base_fee) {
    const std::uint64_t roomy = plus(plus(base_fee, base_fee), fees.priority_fee_wei);
    const std::uint64_t most = std::min(roomy, fees.max_fee_wei);
    return {most, std::min(fees.priority_fee_wei, most)};
}

}  // namespace

evm::TransactionType transaction_type(FeeMode mode) {
    return mode == FeeMode::market ? evm::TransactionType::fee_market
                                   : evm::TransactionType::legacy;
}

Result<Fee> first_fee(const EvmFees& fees, const FeeQuote& quote) {
    if (fees.mode == FeeMode::zero) return Fee{};
    if (fees.mode == FeeMode::market && !quote.base_fee_wei) {
        return Error{Errc::denied,
                     "this chain has no fee market (no base fee in its newest block); set the "
                     "target's fees to legacy or zero"};
    }
    const std::uint64_t asked = fees.mode == FeeMode::legacy
                                    ? quote.gas_price_wei
                                    : plus(*quote.base_fee_wei, fees.priority_fee_wei);
    if (asked > fees.max_fee_wei) {
        return Error{Errc::exhausted, "the chain asks " + std::to_string(asked) +
                                          " wei per gas, more than the target's ceiling of " +
                                          std::to_string(fees.max_fee_wei) +
                                          "; nothing is sent until it asks less"};
    }
    if (fees.mode == FeeMode::legacy) return Fee{asked, 0};
    return market_fee(fees, *quote.base_fee_wei);
}

std::optional<Fee> raised_fee(const EvmFees& fees, const Fee& paid, const FeeQuote& quote) {
    if (fees.mode == FeeMode::zero) return {};
    Fee fee{raised(paid.max_wei), 0};
    if (fees.mode == FeeMode::market) fee.priority_wei = raised(paid.priority_wei);
    if (const auto now = first_fee(fees, quote); now.ok()) {
        fee.max_wei = std::max(fee.max_wei, now->max_wei);
        fee.priority_wei = std::max(fee.priority_wei, now->priority_wei);
    }
    if (fee.max_wei > fees.max_fee_wei) return {};
    fee.priority_wei = std::min(fee.priority_wei, fee.max_wei);
    return fee;
}

}  // namespace fieldseal::anchor
