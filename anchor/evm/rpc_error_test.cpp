// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/rpc_error.h"

#include <gtest/gtest.h>

#include <set>

namespace fieldseal::anchor {
namespace {

using enum RpcTrouble;

struct Case {
    std::int64_t code;
    const char* message;
    RpcTrouble meaning;
};

// Besu and geth from their sources, anvil 1.7.1 as seen, a relay from its documentation.
constexpr Case kCases[] = {
    {-32000, "Known transaction", already_there},
    {-32000, "already known", already_there},
    {-32003, "transaction already imported", already_there},
    {-32001, "Nonce too low", nonce_used},
    {-32000, "nonce too low: next nonce 7, tx nonce 3", nonce_used},
    {-32003, "nonce too low", nonce_used},
    {-32000, "BAD NONCE", nonce_used},
    {-32000, "Replacement transaction underpriced", underpriced_replacement},
    {-32003, "replacement transaction underpriced", underpriced_replacement},
    {-32009, "Gas price below configured minimum gas price", fee_too_low},
    {-32009, "Gas price below current base fee", fee_too_low},
    {-32000, "transaction gas price below minimum: gas tip cap 0, minimum needed 1", fee_too_low},
    {-32000, "max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1",
     fee_too_low},
    {-32000, "transaction underpriced", fee_too_low},
    {-32003, "max fee per gas less than block base fee", fee_too_low},
    {-32004, "Upfront cost exceeds account balance", no_money},
    {-32000, "insufficient funds for gas * price + value: balance 0", no_money},
    {-32003, "Insufficient funds for gas * price + value", no_money},
    {-32006, "Nonce too high", nonce_ahead},
    {-32000, "Transaction nonce is too distant from current sender nonce", nonce_ahead},
    {-32003, "Intrinsic gas exceeds gas limit", gas},
    {-32005, "Transaction gas limit exceeds block gas limit", gas},
    {-32000, "intrinsic gas too low: gas 21000, minimum needed 22280", gas},
    {-32000, "exceeds block gas limit", gas},
    {-32000, "insufficient gas for floor data gas cost: gas 1, minimum needed 2", gas},
    {-32000, "intrinsic gas too high -- tx.gas_limit > env.block.gas_limit", gas},
    {-32000, "Wrong chainId", wrong_chain},
    {-32000, "ChainId is required", wrong_chain},
    {-32000, "invalid sender: invalid chain id for signer: have 1 want 2", wrong_chain},
    {-32003, "invalid chain id for signer", wrong_chain},
    {-32007, "Sender account not authorized to send transactions", not_permitted},
    {-32008, "Initial sync is still in progress", not_ready},
    {-32002, "Transaction pool not enabled", not_ready},
    {-32000, "transaction indexing is in progress", not_ready},
    {-32000, "txpool is full", not_ready},
    {-32602, "Invalid block param (block not found)", malformed},
    {-32602, "Invalid params", malformed},
    {-32000, "rlp: expected input list for types.LegacyTx", malformed},
    {-32000, "typed transaction too short", malformed},
    {-32602, "Failed to decode transaction", malformed},
    {-32602, "Empty transaction data", malformed},
    {-32601, "Method not found", unknown_method},
    {-32604, "Method not enabled", unknown_method},
    {-32601, "the method eth_x does not exist/is not available", unknown_method},
};

TEST(RpcErrorTable, KnowsWhatEachSoftwareSays) {
    std::set<RpcTrouble> seen = {unknown};
    for (const Case& c : kCases) {
        EXPECT_EQ(classify({c.code, c.message}), c.meaning) << c.message;
        seen.insert(c.meaning);
    }
    EXPECT_EQ(seen.size(), std::size_t{kRpcTroubleCount}) << "each meaning has an example";
}

TEST(RpcErrorTable, TakesTheTextBeforeTheCode) {
    EXPECT_EQ(classify({-32601, "nonce too low"}), nonce_used);
    EXPECT_EQ(classify({-32602, "insufficient FUNDS"}), no_money);
}

TEST(RpcErrorTable, TakesTheCodeWhenTheTextIsNew) {
    EXPECT_EQ(classify({-32601, "nope"}), unknown_method);
    EXPECT_EQ(classify({-32602, "nope"}), malformed);
}

TEST(RpcErrorTable, DoesNotGuess) {
    for (const char* message :
         {"", "execution reverted", "internal error", "Unknown transaction"}) {
        EXPECT_EQ(classify({-32000, message}), unknown) << message;
    }
    EXPECT_EQ(classify({-32000, std::string(100'000, 'n')}), unknown);
}

}  // namespace
}  // namespace fieldseal::anchor
