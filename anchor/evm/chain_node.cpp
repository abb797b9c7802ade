// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/chain_node.h"

#include "anchor/evm/json_fields.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kNodeMessageBytes = 200;  // quoted of a node's error

json::Value parameters(std::initializer_list<json::Value> values) {
    return json::Value::array(values);
}

Error as_error(std::string_view method, const RpcError& error) {
    const std::string text = std::string(method) + ": it answered " + std::to_string(error.code) +
                             ", " + quoted(error.message, kNodeMessageBytes);
    switch (classify(error)) {
        case RpcTrouble::not_ready:
            return {Errc::exhausted, text};
        case RpcTrouble::not_permitted:
        case RpcTrouble::unknown_method:
            return {Errc::denied, text};
        default:
            return {Errc::corrupt, text};
    }
}

bool is_of_this_endpoint(const RpcError& error) {
    const RpcTrouble trouble = classify(error);
    return trouble == RpcTrouble::not_ready || trouble == RpcTrouble::unknown_method;
}

// Of several failures the one that lets us come back soonest: one reachable node is enough.
int rank(Errc code) {
    switch (code) {
        case Errc::exhausted:
            return 0;
        case Errc::unavailable:
            return 1;
        case Errc::corrupt:
            return 2;
        case Errc::denied:
            return 3;
        default:
            return -1;  // our own trouble: no other endpoint helps
    }
}

// The failures of one call, endpoint by endpoint.
class Failures {
public:
    void add(const std::string& endpoint, const Error& error) {
        text_ += (text_.empty() ? "" : "; ") + endpoint + ": " + error.message;
        if (!code_ || rank(error.code) < rank(*code_)) code_ = error.code;
    }
    Error joined() const {
        if (!code_) return {Errc::corrupt, "no endpoint is left that tells the truth"};
        return {*code_, text_};
    }

private:
    std::optional<Errc> code_;
    std::string text_;
};

}  // namespace

Result<void> compare_network(const NetworkPin& pin, std::uint64_t chain_id, const Digest& genesis) {
    if (chain_id != pin.chain_id) {
        return Error{Errc::denied, "another network: it has the chain id " +
                                       std::to_string(chain_id) + ", pinned is " +
                                       std::to_string(pin.chain_id) +
                                       "; correct the address or the pin"};
    }
    if (genesis != pin.genesis_hash) {
        return Error{Errc::denied, "another network: its genesis block is 0x" +
                                       hex_encode(genesis) + ", pinned is 0x" +
                                       hex_encode(pin.genesis_hash) +
                                       "; correct the address or the pin"};
    }
    return {};
}

void ChainNode::begin(std::stop_token stop) {
    stop_ = std::move(stop);
    std::ranges::fill(standing_, Standing::unchecked);
}

bool ChainNode::distrust() {
    standing_[current_] = Standing::out;
    return std::ranges::any_of(standing_, [](Standing s) { return s != Standing::out; });
}

Result<json::Value> ChainNode::ask_one(std::size_t endpoint, const RpcCall& call) {
    RpcReply reply = FIELDSEAL_TRY(rpc_.call(endpoint, call, stop_));
    if (reply.error) return as_error(call.method, *reply.error);
    return std::move(reply.result);
}

Result<void> ChainNode::check_network(std::size_t endpoint) {
    const auto id = FIELDSEAL_TRY(ask_one(endpoint, {"eth_chainId", parameters({})}));
    const auto genesis =
        FIELDSEAL_TRY(ask_one(endpoint, {"eth_getBlockByNumber", parameters({"0x0", false})}));
    return compare_network(pin_, FIELDSEAL_TRY(read_quantity(id, "eth_chainId")),
                           FIELDSEAL_TRY(JsonFields(genesis, "genesis block").hash("hash")));
}

Result<RpcReply> ChainNode::call_one(std::size_t endpoint, const RpcCall& call) {
    if (standing_[endpoint] == Standing::unchecked) {
        FIELDSEAL_TRY(check_network(endpoint));
        standing_[endpoint] = Standing::good;
    }
    RpcReply reply = FIELDSEAL_TRY(rpc_.call(endpoint, call, stop_));
    if (reply.error && is_of_this_endpoint(*reply.error)) {
        return as_error(call.method, *reply.error);
    }
    return reply;
}

Result<RpcReply> ChainNode::call(const RpcCall& call) {
    Failures failures;
    for (std::size_t tried = 0; tried < rpc_.endpoints(); ++tried) {
        const std::size_t endpoint = (current_ + tried) % rpc_.endpoints();
        if (standing_[endpoint] == Standing::out) continue;
        auto reply = call_one(endpoint, call);
        if (reply.ok()) {
            current_ = endpoint;
            return reply;
        }
        if (rank(reply.error().code) < 0) return reply.error();
        failures.add(rpc_.name(endpoint), reply.error());
        if (stop_.stop_requested()) break;
    }
    return failures.joined();
}

Result<json::Value> ChainNode::ask(const RpcCall& request) {
    RpcReply reply = FIELDSEAL_TRY(call(request));
    if (reply.error) return as_error(request.method, *reply.error).with_context(name());
    return std::move(reply.result);
}

Result<NewestBlock> ChainNode::newest_block() {
    NewestBlock newest;
    newest.block = FIELDSEAL_TRY(ask({"eth_getBlockByNumber", parameters({"latest", false})}));
    const JsonFields in(newest.block, "newest block");
    newest.number = FIELDSEAL_TRY(in.quantity("number"));
    if (in.has("baseFeePerGas")) newest.base_fee_wei = FIELDSEAL_TRY(in.quantity("baseFeePerGas"));
    return newest;
}

Result<std::uint64_t> ChainNode::transaction_count(const evm::Address& account) {
    const auto count = FIELDSEAL_TRY(
        ask({"eth_getTransactionCount", parameters({evm::to_string(account), "latest"})}));
    return read_quantity(count, "eth_getTransactionCount");
}

Result<std::uint64_t> ChainNode::gas_price_wei() {
    return read_quantity(FIELDSEAL_TRY(ask({"eth_gasPrice", parameters({})})), "eth_gasPrice");
}

Result<std::optional<BlockPlace>> ChainNode::place_of(const Digest& transaction) {
    using Place = std::optional<BlockPlace>;
    const auto receipt =
        FIELDSEAL_TRY(ask({"eth_getTransactionReceipt", parameters({hex_data(transaction)})}));
    if (receipt.is_null()) return Place();
    const JsonFields in(receipt, "receipt");
    return Place(
        BlockPlace{FIELDSEAL_TRY(in.quantity("blockNumber")), FIELDSEAL_TRY(in.hash("blockHash"))});
}

Result<bool> ChainNode::knows(const Digest& transaction) {
    const auto found =
        FIELDSEAL_TRY(ask({"eth_getTransactionByHash", parameters({hex_data(transaction)})}));
    return !found.is_null();
}

Result<json::Value> ChainNode::block(const Digest& hash, bool full) {
    return ask({"eth_getBlockByHash", parameters({hex_data(hash), full}),
                full ? kRpcBlockBytesMax : kRpcReplyBytesMax});
}

Result<json::Value> ChainNode::block(std::uint64_t number) {
    return ask({"eth_getBlockByNumber", parameters({hex_quantity(number), false})});
}

}  // namespace fieldseal::anchor
