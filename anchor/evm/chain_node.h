// SPDX-License-Identifier: Apache-2.0
// The network behind a target's endpoints, asked one question at a time. The endpoint that works is
// kept; another is tried when it fails. Before an endpoint is asked anything in a step, it must
// show the pinned network (chain id and genesis hash).
//
// TRUST: what is returned is what a node says; block.h and capture.h make proofs of it.
// THREADS: one thread per object. ERRORS: those of json_rpc.h, joined over the endpoints; denied
// also for another network than the pinned one; corrupt for a malformed answer.
#pragma once

#include "anchor/evm/json_rpc.h"
#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace fieldseal::anchor {

struct NetworkPin {
    std::uint64_t chain_id = 0;
    Digest genesis_hash{};
};

// Where a node says that a transaction is.
struct BlockPlace {
    std::uint64_t number = 0;
    Digest hash{};
    bool operator==(const BlockPlace&) const = default;
};

struct NewestBlock {
    std::uint64_t number = 0;
    std::optional<std::uint64_t> base_fee_wei;  // absent before London
    json::Value block;                          // without its transactions in full
};

class ChainNode {
public:
    ChainNode(JsonRpc rpc, const NetworkPin& pin)
        : rpc_(std::move(rpc)), pin_(pin), standing_(rpc_.endpoints(), Standing::unchecked) {}

    // A new step: every endpoint may be asked again, and has to show its network again.
    void begin(std::stop_token stop);
    // The endpoint in use told a lie: it is not asked again in this step. False when none is left.
    bool distrust();
    // The endpoint in use does not want what another might take: that one is asked first from now.
    void turn_to_next() { current_ = (current_ + 1) % rpc_.endpoints(); }
    std::string name() const { return rpc_.name(current_); }
    std::int64_t retry_after_ms() const { return rpc_.retry_after_ms(); }

    // An error object of the node is part of the reply unless it means "not now, not here": then
    // the next endpoint is asked.
    Result<RpcReply> call(const RpcCall& call);
    // As call(); any error object is an Error.
    Result<json::Value> ask(const RpcCall& call);

    Result<NewestBlock> newest_block();
    // Transactions of `account` in the newest block.
    Result<std::uint64_t> transaction_count(const evm::Address& account);
    Result<std::uint64_t> gas_price_wei();
    // nullopt: not in a block that this node knows.
    Result<std::optional<BlockPlace>> place_of(const Digest& transaction);
    // In a block or in the pool of this node.
    Result<bool> knows(const Digest& transaction);
    // Null when the node has no such block (any more). `full`: with whole transactions.
    Result<json::Value> block(const Digest& hash, bool full);
    Result<json::Value> block(std::uint64_t number);

private:
    enum class Standing : std::uint8_t { unchecked, good, out };

    Result<void> check_network(std::size_t endpoint);
    Result<json::Value> ask_one(std::size_t endpoint, const RpcCall& call);
    Result<RpcReply> call_one(std::size_t endpoint, const RpcCall& call);

    JsonRpc rpc_;
    NetworkPin pin_;
    std::stop_token stop_;
    std::vector<Standing> standing_;  // in this step
    std::size_t current_ = 0;
};

// One endpoint's network against the pin; for `fieldseal target test` as well.
Result<void> compare_network(const NetworkPin& pin, std::uint64_t chain_id, const Digest& genesis);

}  // namespace fieldseal::anchor
