// SPDX-License-Identifier: Apache-2.0
// What an error of a chain node means. Codes and texts are not standardised, so this is a data
// table (rpc_error.cpp): lower-cased parts of messages as Besu, geth, anvil and relays write them,
// with the code as a hint when no text is known. What the table does not know is tried again, and
// a person is told when it lasts. THREADS: value types; pure functions, any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::anchor {

// The error object of a JSON-RPC answer.
struct RpcError {
    std::int64_t code = 0;
    std::string message;
    bool operator==(const RpcError&) const = default;
};

enum class RpcTrouble : std::uint8_t {
    unknown,                  // try again, then tell a person
    already_there,            // the node has this very transaction: success
    nonce_used,               // look which transaction took it
    fee_too_low,              // below what the node or the block asks
    underpriced_replacement,  // another transaction of this nonce is there and pays as much
    no_money,
    nonce_ahead,  // an earlier transaction is missing
    gas,          // the gas limit is too small or too large
    wrong_chain,
    not_permitted,
    not_ready,  // starting, synchronising, overloaded
    malformed,
    unknown_method,
};
inline constexpr int kRpcTroubleCount = 13;

RpcTrouble classify(const RpcError& error);

}  // namespace fieldseal::anchor
