// SPDX-License-Identifier: Apache-2.0
#include "api/orders.h"

#include "api/secret_body.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::api {
namespace {

constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kPathBytesMax = 4095;
constexpr std::size_t kUrlsMax = 64;
constexpr std::size_t kRootsBytesMax = 256 * 1024;
constexpr std::size_t kPoliciesMax = 64;
constexpr std::size_t kPolicyBytesMax = 128;
constexpr std::int64_t kAccuracyMax_s = 86400;
constexpr std::int64_t kNumberMax = 0xffff'ffff;

Result<std::optional<std::uint32_t>> optional_u32(json::Members& in, std::string_view name) {
    const auto number = FIELDSEAL_TRY(in.optional_integer(name, 0, kNumberMax));
    if (!number) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(*number));
}

Result<std::string> local_file(json::Members& in, std::string_view name, LocalFiles files) {
    auto path = FIELDSEAL_TRY(in.optional_string(name, kPathBytesMax));
    if (path && files == LocalFiles::refused)
        return in.error_at(name, "a file of the node's machine: add this target there");
    return std::move(path).value_or("");
}

// A pin is sent as it lies in its file, as an object.
Result<ChainTargetOrder> read_chain_order(json::Members& in, LocalFiles files) {
    ChainTargetOrder order;
    order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    order.url = FIELDSEAL_TRY(in.required_string("url", kUrlBytesMax));
    for (const auto& url : FIELDSEAL_TRY(in.optional_array("more_urls", kUrlsMax)))
        order.more_urls.push_back(FIELDSEAL_TRY(url.string(kUrlBytesMax)));
    const auto pin = FIELDSEAL_TRY(in.required("pin"));
    order.pin = json::dump(pin.value());
    order.log = FIELDSEAL_TRY(in.optional_string("log", kNameBytesMax)).value_or(order.log);
    order.fees = FIELDSEAL_TRY(in.optional_string("fees", kNameBytesMax)).value_or(order.fees);
    order.auth_file = FIELDSEAL_TRY(local_file(in, "auth_file", files));
    order.ca_file = FIELDSEAL_TRY(local_file(in, "ca_file", files));
    order.tls_pin_sha256 =
        FIELDSEAL_TRY(in.optional_string("tls_pin_sha256", kVkeyBytesMax)).value_or("");
    order.max_fee_gwei = FIELDSEAL_TRY(optional_u32(in, "max_fee_gwei"));
    order.priority_fee_gwei = FIELDSEAL_TRY(optional_u32(in, "priority_fee_gwei"));
    order.gas_limit = FIELDSEAL_TRY(optional_u32(in, "gas_limit"));
    order.confirmations = FIELDSEAL_TRY(optional_u32(in, "confirmations"));
    FIELDSEAL_TRY(in.finish());
    return order;
}

Result<AuthorityTargetOrder> read_authority_order(json::Members& in, LocalFiles files) {
    AuthorityTargetOrder order;
    order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    order.url = FIELDSEAL_TRY(in.required_string("url", kUrlBytesMax));
    order.roots = FIELDSEAL_TRY(in.required_string("roots", kRootsBytesMax));
    for (const auto& policy : FIELDSEAL_TRY(in.optional_array("policies", kPoliciesMax)))
        order.policies.push_back(FIELDSEAL_TRY(policy.string(kPolicyBytesMax)));
    const auto accuracy =
        FIELDSEAL_TRY(in.optional_integer("accuracy_default_s", 0, kAccuracyMax_s));
    order.accuracy_default_s = static_cast<std::uint32_t>(accuracy.value_or(0));
    order.log = FIELDSEAL_TRY(in.optional_string("log", kNameBytesMax)).value_or(order.log);
    order.auth_file = FIELDSEAL_TRY(local_file(in, "auth_file", files));
    order.ca_file = FIELDSEAL_TRY(local_file(in, "ca_file", files));
    order.tls_pin_sha256 =
        FIELDSEAL_TRY(in.optional_string("tls_pin_sha256", kVkeyBytesMax)).value_or("");
    FIELDSEAL_TRY(in.finish());
    return order;
}

Result<TargetOrder> read_target_order(json::Members& in) {
    TargetOrder order;
    order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    order.url = FIELDSEAL_TRY(in.required_string("url", kUrlBytesMax));
    order.vkey = FIELDSEAL_TRY(in.required_string("vkey", kVkeyBytesMax));
    order.log_vkey = FIELDSEAL_TRY(in.optional_string("log_vkey", kVkeyBytesMax)).value_or("");
    order.tls_pin_sha256 =
        FIELDSEAL_TRY(in.optional_string("tls_pin_sha256", kVkeyBytesMax)).value_or("");
    FIELDSEAL_TRY(in.finish());
    return order;
}

}  // namespace

Result<void> check_idempotency_key(std::string_view key) {
    const bool printable =
        std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (key.empty() || key.size() > kIdempotencyKeyBytesMax || !printable) {
        return Error{Errc::invalid_argument,
                     "an Idempotency-Key has 1 to 255 printable ASCII characters without spaces"};
    }
    return {};
}

Result<std::string> idempotency_key(const Request& request) {
    const auto key = request.header("idempotency-key");
    if (!key) return std::string();
    FIELDSEAL_TRY(check_idempotency_key(*key));
    return std::string(*key);
}

Result<std::optional<Sha512Digest>> optional_sha512(json::Members& in, std::string_view name) {
    const auto text = FIELDSEAL_TRY(in.optional_string(name, 2 * kSha512Bytes));
    if (!text) return std::optional<Sha512Digest>();
    const auto bytes = hex_decode(*text);
    if (!bytes.ok() || bytes->size() != kSha512Bytes)
        return in.error_at(name, "128 hexadecimal digits");
    Sha512Digest digest;
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return std::optional(digest);
}

Result<SealOrder> read_seal_order(json::Members& in) {
    SealOrder order;
    order.document = FIELDSEAL_TRY(in.required_hex_digest("sha256"));
    order.document_sha512 = FIELDSEAL_TRY(optional_sha512(in, "sha512"));
    order.media_type = FIELDSEAL_TRY(in.optional_string("media_type", kMediaTypeBytesMax))
                           .value_or("application/octet-stream");
    order.subject = FIELDSEAL_TRY(in.optional_string("subject", kSubjectBytesMax)).value_or("");
    order.seal = FIELDSEAL_TRY(in.optional_string("seal", kNameBytesMax)).value_or("");
    order.document_name =
        FIELDSEAL_TRY(in.optional_string("name", kDocumentNameBytesMax)).value_or("");
    if (const auto size = FIELDSEAL_TRY(in.optional_integer("size", 0, json::kIntegerMax))) {
        order.document_bytes = static_cast<std::uint64_t>(*size);
    }
    return order;
}

Result<std::uint32_t> read_limit(std::string_view text, std::uint32_t max) {
    const auto limit = FIELDSEAL_TRY(parse_decimal(text));
    if (limit == 0 || limit > max) {
        return Error{Errc::invalid_argument, "limit goes from 1 to " + std::to_string(max)};
    }
    return static_cast<std::uint32_t>(limit);
}

Error unknown_query_name(std::string_view name) {
    return {Errc::invalid_argument, "unknown query name " + quoted(name)};
}

// {"kind": "witness" (or absent) | "evm" | "rfc3161", …}
Result<json::Value> add_target(AdminBackend& backend, const Request& request, LocalFiles files) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    const auto kind = FIELDSEAL_TRY(in.optional_string("kind", kNameBytesMax)).value_or("witness");
    if (kind == "evm") return backend.add_chain_target(FIELDSEAL_TRY(read_chain_order(in, files)));
    if (kind == "rfc3161") {
        return backend.add_authority_target(FIELDSEAL_TRY(read_authority_order(in, files)));
    }
    if (kind != "witness") {
        return in.error_at("kind", "neither \"witness\" nor \"evm\" nor \"rfc3161\"");
    }
    return backend.add_target(FIELDSEAL_TRY(read_target_order(in)));
}

Result<void> unlock_seal(AdminBackend& backend, const Request& request, const std::string& seal) {
    auto body = FIELDSEAL_TRY(SecretBody::parse(request.body));
    const auto passphrase = FIELDSEAL_TRY(body.required_text("passphrase", kPassphraseBytesMax));
    FIELDSEAL_TRY(body.finish());
    return backend.unlock(seal, passphrase);
}

Result<std::string> read_single(const Request& request, std::string_view name,
                                std::size_t bytes_max) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    auto value = FIELDSEAL_TRY(in.required_string(name, bytes_max));
    FIELDSEAL_TRY(in.finish());
    return value;
}

}  // namespace fieldseal::api
