// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/fees.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

EvmFees fees_of(FeeMode mode) {
    EvmFees fees;
    fees.mode = mode;
    fees.priority_fee_wei = 100;
    fees.max_fee_wei = 10'000;
    return fees;
}

TEST(Fees, PayNothingOnAFreeNetworkAndNeverRaiseIt) {
    const EvmFees fees = fees_of(FeeMode::zero);
    EXPECT_EQ(*first_fee(fees, {7, 9}), Fee{}) << "whatever the node asks";
    EXPECT_EQ(raised_fee(fees, Fee{}, {7, 9}), std::nullopt);
    EXPECT_EQ(transaction_type(FeeMode::zero), evm::TransactionType::legacy);
}

TEST(Fees, PayTheGasPriceOnALegacyNetwork) {
    const EvmFees fees = fees_of(FeeMode::legacy);
    EXPECT_EQ(*first_fee(fees, {{}, 800}), (Fee{800, 0}));
    EXPECT_EQ(raised_fee(fees, {800, 0}, {{}, 800}), (Fee{901, 0}));
    EXPECT_EQ(raised_fee(fees, {800, 0}, {{}, 5'000}), (Fee{5'000, 0})) << "what it asks by now";
}

TEST(Fees, LeaveRoomForTheBaseFeeToDouble) {
    const EvmFees fees = fees_of(FeeMode::market);
    EXPECT_EQ(*first_fee(fees, {1'000, 0}), (Fee{2'100, 100}));
    EXPECT_EQ(*first_fee(fees, {9'000, 0}), (Fee{10'000, 100})) << "cut at the ceiling";
    EXPECT_EQ(raised_fee(fees, {2'100, 100}, {1'000, 0}), (Fee{2'363, 113}));
    EXPECT_EQ(raised_fee(fees, {2'100, 100}, {3'000, 0}), (Fee{6'100, 113}));
}

TEST(Fees, NeverPassTheCeiling) {
    for (const FeeMode mode : {FeeMode::legacy, FeeMode::market}) {
        const EvmFees fees = fees_of(mode);
        const auto fee = first_fee(fees, {9'901, 10'001});
        ASSERT_FALSE(fee.ok());
        EXPECT_EQ(fee.error().code, Errc::exhausted);
        EXPECT_EQ(raised_fee(fees, {9'000, 100}, {1, 1}), std::nullopt);
    }
    std::optional<Fee> fee = Fee{1, 1};
    int steps = 0;
    while (fee) {
        EXPECT_LE(fee->max_wei, 10'000U);
        EXPECT_LE(fee->priority_wei, fee->max_wei);
        fee = raised_fee(fees_of(FeeMode::market), *fee, {0, 0});
        ++steps;
    }
    EXPECT_LT(steps, 60);
}

TEST(Fees, RaiseEnoughForEveryNode) {
    for (const std::uint64_t paid : {0ULL, 1ULL, 7ULL, 8ULL, 9ULL, 99ULL, 1'000ULL}) {
        const auto fee = raised_fee(fees_of(FeeMode::market), {paid, paid}, {0, 0});
        ASSERT_TRUE(fee.has_value());
        EXPECT_GE(fee->max_wei * 10, paid * 11) << "geth and Besu ask a tenth more";
        EXPECT_GT(fee->priority_wei, paid);
    }
}

TEST(Fees, SurviveAbsurdAnswers) {
    EvmFees fees = fees_of(FeeMode::market);
    fees.max_fee_wei = UINT64_MAX;
    EXPECT_EQ(*first_fee(fees, {UINT64_MAX, 0}), (Fee{UINT64_MAX, 100}));
    EXPECT_EQ(raised_fee(fees, {UINT64_MAX, UINT64_MAX}, {1, 0}), (Fee{UINT64_MAX, UINT64_MAX}));
}

TEST(Fees, SayWhenTheChainHasNoFeeMarket) {
    const auto fee = first_fee(fees_of(FeeMode::market), {{}, 5});
    ASSERT_FALSE(fee.ok());
    EXPECT_EQ(fee.error().code, Errc::denied);
}

}  // namespace
}  // namespace fieldseal::anchor
