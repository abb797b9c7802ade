// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/rpc_error.h"

#include <algorithm>
#include <array>

namespace fieldseal::anchor {
namespace {

using enum RpcTrouble;

struct TextRow {
    std::string_view part;  // lower case
    RpcTrouble meaning;
};
// The first row whose part is in the message decides, so the narrow ones stand first.
// Besu: RpcErrorType, TransactionInvalidReason; geth: core/txpool, internal/ethapi; anvil 1.7.
constexpr std::array kTexts = {
    TextRow{"unknown transaction", unknown},
    TextRow{"known transaction", already_there},
    TextRow{"already known", already_there},
    TextRow{"already imported", already_there},
    TextRow{"nonce too low", nonce_used},
    TextRow{"bad nonce", nonce_used},
    TextRow{"replacement transaction underpriced", underpriced_replacement},
    TextRow{"replacement underpriced", underpriced_replacement},
    TextRow{"gas price below", fee_too_low},
    TextRow{"below current base fee", fee_too_low},
    TextRow{"less than block base fee", fee_too_low},
    TextRow{"transaction underpriced", fee_too_low},
    TextRow{"gas tip cap", fee_too_low},
    TextRow{"upfront cost exceeds", no_money},
    TextRow{"insufficient funds", no_money},
    TextRow{"quota", no_money},
    TextRow{"nonce too high", nonce_ahead},
    TextRow{"too distant from current sender nonce", nonce_ahead},
    TextRow{"intrinsic gas", gas},
    TextRow{"exceeds block gas limit", gas},
    TextRow{"gas limit exceeds", gas},
    TextRow{"gas cap", gas},
    TextRow{"cap exceeded", gas},
    TextRow{"floor data gas", gas},
    TextRow{"wrong chainid", wrong_chain},
    TextRow{"chainid is required", wrong_chain},
    TextRow{"chain id", wrong_chain},
    TextRow{"not authorized", not_permitted},
    TextRow{"permission", not_permitted},
    TextRow{"not allowed", not_permitted},
    TextRow{"initial sync", not_ready},
    TextRow{"syncing", not_ready},
    TextRow{"transaction pool not enabled", not_ready},
    TextRow{"indexing is in progress", not_ready},
    TextRow{"pool is full", not_ready},
    TextRow{"txpool is full", not_ready},
    TextRow{"rate limit", not_ready},
    TextRow{"too many requests", not_ready},
    TextRow{"method not found", unknown_method},
    TextRow{"method not enabled", unknown_method},
    TextRow{"does not exist/is not available", unknown_method},
    TextRow{"method not supported", unknown_method},
    TextRow{"failed to decode", malformed},
    TextRow{"empty transaction data", malformed},
    TextRow{"typed transaction too short", malformed},
    TextRow{"invalid block param", malformed},
    TextRow{"invalid params", malformed},
    TextRow{"rlp: ", malformed},
};

struct CodeRow {
    std::int64_t code;
    RpcTrouble meaning;
};
// For messages nobody has seen yet. Only codes that mean one thing everywhere.
constexpr std::array kCodes = {
    CodeRow{-32601, unknown_method},
    CodeRow{-32604, unknown_method},
    CodeRow{-32602, malformed},
    CodeRow{-32700, malformed},
};

}  // namespace

RpcTrouble classify(const RpcError& error) {
    std::string message = error.message;
    std::ranges::transform(message, message.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    for (const TextRow& row : kTexts) {
        if (message.find(row.part) != std::string::npos) return row.meaning;
    }
    for (const CodeRow& row : kCodes) {
        if (row.code == error.code) return row.meaning;
    }
    return unknown;
}

}  // namespace fieldseal::anchor
