// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 2.0 over HTTP to the nodes of one network: one call, one endpoint, one answer. Which
// endpoint is asked, and when another, decides chain_node.h. Only methods of the namespaces eth,
// net and web3: the others are switched off on well-kept nodes.
//
// SECRETS: auth headers and the paths of addresses (keys of hosted nodes) never reach a message;
// an endpoint is named by scheme, host and port, and what it says is masked (secret_mask.h).
// THREADS: one thread per object. ERRORS: unavailable = no connection or no answer · exhausted =
// busy (429, 408, 5xx) · denied =
//   it does not want us (401, 403, other 4xx) · corrupt = TLS, limits, or no JSON-RPC answer ·
//   invalid_argument, io, internal = our own. An error object of the node is not an Error.
#pragma once

#include "anchor/evm/rpc_error.h"
#include "anchor/evm/secret_mask.h"
#include "anchor/http_client.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::anchor {

inline constexpr std::size_t kRpcReplyBytesMax = 1024 * 1024;
inline constexpr std::size_t kRpcBlockBytesMax = 16 * 1024 * 1024;  // a block with all it holds
inline constexpr std::size_t kRpcValuesMax = 1024 * 1024;           // JSON values of one reply

struct RpcSettings {
    std::vector<std::string> urls;
    std::vector<std::pair<std::string, std::string>> auth_headers;  // secret
    TlsSettings tls;
    HttpLimits limits;  // body_bytes_max is set per call
};

struct RpcCall {
    std::string_view method;
    json::Value params;  // an array
    std::size_t reply_bytes_max = kRpcReplyBytesMax;
};

struct RpcReply {
    json::Value result;  // null with an error
    std::optional<RpcError> error;
};

class JsonRpc {
public:
    // Errc::invalid_argument for no or too many addresses, or one that is none.
    static Result<JsonRpc> open(RpcSettings settings);

    std::size_t endpoints() const { return settings_.urls.size(); }
    // "https://node.example:8545", without the path.
    std::string name(std::size_t endpoint) const;
    // REQUIRES: endpoint < endpoints(); a method of eth, net or web3.
    Result<RpcReply> call(std::size_t endpoint, const RpcCall& call, const std::stop_token& stop);
    // What the last busy answer asked us to wait; 0 = nothing.
    std::int64_t retry_after_ms() const { return retry_after_ms_; }

private:
    JsonRpc(RpcSettings settings, HttpClient client)
        : settings_(std::move(settings)),
          mask_(settings_.urls, settings_.auth_headers),
          client_(std::move(client)) {}

    RpcSettings settings_;
    SecretMask mask_;
    HttpClient client_;
    std::int64_t next_id_ = 1;
    std::int64_t retry_after_ms_ = 0;
};

inline constexpr std::size_t kRpcEndpointsMax = 16;

// The body of one answer to request `id`; what `mask` hides is in no text of the reply or the
// error. ERRORS: corrupt.
Result<RpcReply> parse_rpc_reply(std::string_view body, std::int64_t id,
                                 const SecretMask& mask = {});

}  // namespace fieldseal::anchor
