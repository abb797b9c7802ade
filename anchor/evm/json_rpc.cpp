// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/json_rpc.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kQuotedBodyBytes = 120;
constexpr std::uint64_t kRetryAfterMax_s = 86'400;

bool is_allowed(std::string_view method) {
    return method.starts_with("eth_") || method.starts_with("net_") || method.starts_with("web3_");
}

Error lie(const std::string& message) {
    return Error{Errc::corrupt, message};
}

// The exchange failed below HTTP: silence is nobody's fault, what came instead of an answer is. The
// HTTP client names the whole address, whose path may be a key.
Error transport_error(const Error& error, const HttpRequest& request, const SecretMask& mask) {
    const bool is_theirs = error.code == Errc::exhausted || error.code == Errc::denied;
    std::string message = error.message;
    const std::string address = quoted(request.url);
    if (const auto at = message.find(address); at != std::string::npos) {
        message.replace(at, address.size(), "to it");
    }
    return Error{is_theirs ? Errc::corrupt : error.code, mask.hide(message)};
}

std::string said(const HttpResponse& response, const SecretMask& mask) {
    std::string text = "it answered " + std::to_string(response.status);
    const std::string_view body = response.body;
    const std::string_view line = body.substr(0, body.find('\n'));
    if (!line.empty()) text += ", " + quoted(mask.hide(line), kQuotedBodyBytes);
    return text;
}

// The parser quotes what it stumbled over: of the masked text, where that one is no JSON either.
Error not_json(std::string_view body, const json::Limits& limits, const SecretMask& mask) {
    const std::string shown = mask.hide(body);
    const auto parsed = json::parse(shown, limits);
    return lie("its answer is not JSON" +
               (parsed.ok() ? std::string() : " (" + parsed.error().message + ")") + ": " +
               quoted(shown, kQuotedBodyBytes));
}

}  // namespace

Result<RpcReply> parse_rpc_reply(std::string_view body, std::int64_t id, const SecretMask& mask) {
    json::Limits limits;
    limits.bytes_max = kRpcBlockBytesMax;
    limits.values_max = kRpcValuesMax;
    auto parsed = json::parse(body, limits);
    if (!parsed.ok()) return not_json(body, limits, mask);
    const json::Value* version = parsed->find("jsonrpc");
    if (version == nullptr || *version != json::Value("2.0")) {
        return lie("its answer is not JSON-RPC 2.0: " + quoted(mask.hide(body), kQuotedBodyBytes));
    }
    const json::Value* answered = parsed->find("id");
    const json::Value* result = parsed->find("result");
    const json::Value* error = parsed->find("error");
    if (error != nullptr && !error->is_null()) {
        const json::Value* code = error->find("code");
        const json::Value* message = error->find("message");
        if (code == nullptr || !code->is_integer() || message == nullptr || !message->is_string()) {
            return lie("its error object has no code and message");
        }
        return RpcReply{{}, RpcError{code->as_integer(), mask.hide(message->as_string())}};
    }
    if (answered == nullptr || *answered != json::Value(id)) {
        return lie("it answered another request than ours");
    }
    if (result == nullptr) return lie("its answer has neither result nor error");
    if (mask.occurs_in(*result)) return lie("its result repeats secrets of our request");
    return RpcReply{*result, {}};
}

Result<JsonRpc> JsonRpc::open(RpcSettings settings) {
    if (settings.urls.empty() || settings.urls.size() > kRpcEndpointsMax) {
        return Error{Errc::invalid_argument, std::to_string(settings.urls.size()) +
                                                 " addresses of chain nodes; give 1 to " +
                                                 std::to_string(kRpcEndpointsMax)};
    }
    for (const std::string& url : settings.urls) FIELDSEAL_TRY(check_url(url));
    auto client = FIELDSEAL_TRY(HttpClient::open(settings.tls));
    return JsonRpc(std::move(settings), std::move(client));
}

std::string JsonRpc::name(std::size_t endpoint) const {
    return shown_address(settings_.urls[endpoint]);
}

Result<RpcReply> JsonRpc::call(std::size_t endpoint, const RpcCall& call,
                               const std::stop_token& stop) {
    FIELDSEAL_CHECK(endpoint < endpoints() && is_allowed(call.method));
    const std::int64_t id = next_id_++;
    retry_after_ms_ = 0;
    HttpRequest request;
    request.method = "POST";
    request.url = settings_.urls[endpoint];
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.headers.insert(request.headers.end(), settings_.auth_headers.begin(),
                           settings_.auth_headers.end());
    request.body = json::dump(json::Value::object(
        {{"jsonrpc", "2.0"}, {"id", id}, {"method", call.method}, {"params", call.params}}));
    request.limits = settings_.limits;
    request.limits.body_bytes_max = call.reply_bytes_max;
    const auto response = client_.send(request, stop);
    if (!response.ok()) return transport_error(response.error(), request, mask_);
    const int status = response->status;
    if (status == 200) return parse_rpc_reply(response->body, id, mask_);
    if (status == 429 || status == 408 || status >= 500) {
        const std::uint64_t wait_s =
            std::min<std::uint64_t>(response->retry_after_s.value_or(0), kRetryAfterMax_s);
        retry_after_ms_ = static_cast<std::int64_t>(wait_s) * 1000;
        return Error{Errc::exhausted, said(*response, mask_)};
    }
    if (status == 401 || status == 403) {
        return Error{Errc::denied, said(*response, mask_) + "; check the target's authorisation"};
    }
    if (status >= 400) {
        // Some nodes put a proper error object behind a 400.
        auto reply = parse_rpc_reply(response->body, id, mask_);
        if (reply.ok() && reply->error) return reply;
        return Error{Errc::denied, said(*response, mask_) + "; check the target's address"};
    }
    if (status >= 300) {
        return lie("it redirects; redirects are never followed, correct the target's address");
    }
    return lie(said(*response, mask_) + ", which is no answer to a JSON-RPC call");
}

}  // namespace fieldseal::anchor
