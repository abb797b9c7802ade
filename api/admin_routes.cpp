// SPDX-License-Identifier: Apache-2.0
#include "api/admin_routes.h"

#include "api/problem.h"
#include "core/encoding.h"
#include "core/json/reader.h"

#include <algorithm>

namespace fieldseal::api {
namespace {

constexpr std::int64_t kListLimitMax = 1000;
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kSubjectBytesMax = 255;
constexpr std::size_t kDocumentNameBytesMax = 255;
constexpr std::size_t kMediaTypeBytesMax = 127;
constexpr std::size_t kPassphraseBytesMax = 1024;
constexpr std::size_t kIdempotencyKeyBytesMax = 255;
constexpr std::size_t kUrlBytesMax = 2048;
constexpr std::size_t kVkeyBytesMax = 1024;
constexpr std::size_t kPathBytesMax = 4095;
constexpr std::size_t kUrlsMax = 64;
constexpr std::int64_t kNumberMax = 0xffff'ffff;

Response json_response(int status, const json::Value& value) {
    return {status, "application/json", json::dump(value, json::Style::pretty), {}};
}

Response respond(Result<json::Value> value, int status = 200) {
    return value.ok() ? json_response(status, *value) : problem(value.error());
}

Response respond(const Result<void>& done) {
    return done.ok() ? Response{204, "", "", {}} : problem(done.error());
}

Result<std::string> idempotency_key(const Request& request) {
    const auto key = request.header("idempotency-key");
    if (!key) return std::string();
    const bool printable =
        std::all_of(key->begin(), key->end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (key->empty() || key->size() > kIdempotencyKeyBytesMax || !printable) {
        return Error{Errc::invalid_argument,
                     "an Idempotency-Key has 1 to 255 printable ASCII characters without spaces"};
    }
    return std::string(*key);
}

Result<SealOrder> read_seal_order(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    SealOrder order;
    order.document = FIELDSEAL_TRY(in.required_hex_digest("sha256"));
    if (const auto text = FIELDSEAL_TRY(in.optional_string("sha512", 2 * kSha512Bytes))) {
        const Bytes bytes = FIELDSEAL_TRY(hex_decode(*text));
        if (bytes.size() != kSha512Bytes) return in.error_at("sha512", "128 hexadecimal digits");
        order.document_sha512.emplace();
        std::copy(bytes.begin(), bytes.end(), order.document_sha512->begin());
    }
    order.media_type = FIELDSEAL_TRY(in.optional_string("media_type", kMediaTypeBytesMax))
                           .value_or("application/octet-stream");
    order.subject = FIELDSEAL_TRY(in.optional_string("subject", kSubjectBytesMax)).value_or("");
    order.seal = FIELDSEAL_TRY(in.optional_string("seal", kNameBytesMax)).value_or("");
    order.document_name =
        FIELDSEAL_TRY(in.optional_string("name", kDocumentNameBytesMax)).value_or("");
    if (const auto size = FIELDSEAL_TRY(in.optional_integer("size", 0, json::kIntegerMax))) {
        order.document_bytes = static_cast<std::uint64_t>(*size);
    }
    FIELDSEAL_TRY(in.finish());
    order.idempotency_key = FIELDSEAL_TRY(idempotency_key(request));
    return order;
}

Response create_statement(AdminBackend& backend, const Request& request) {
    const auto order = read_seal_order(request);
    if (!order.ok()) return problem(order.error());
    const auto receipt = backend.seal(*order);
    if (!receipt.ok()) return problem(receipt.error());
    Response response = json_response(receipt->replayed ? 200 : 201, receipt->view);
    response.headers.emplace_back("Location", "/api/v1/statements/" + hex_encode(receipt->entry));
    return response;
}

Result<ListQuery> read_list_query(const Request& request) {
    ListQuery query;
    for (const auto& [name, value] : request.query) {
        if (name == "limit") {
            const auto limit = FIELDSEAL_TRY(parse_decimal(value));
            if (limit == 0 || limit > static_cast<std::uint64_t>(kListLimitMax)) {
                return Error{Errc::invalid_argument, "limit goes from 1 to 1000"};
            }
            query.limit = static_cast<std::uint32_t>(limit);
        } else if (name == "before") {
            query.before_index = FIELDSEAL_TRY(parse_decimal(value));
        } else if (name == "document") {
            query.document = FIELDSEAL_TRY(hex_decode_digest(value));
        } else {
            return Error{Errc::invalid_argument, "unknown query name " + quoted(name)};
        }
    }
    return query;
}

Result<std::optional<std::uint32_t>> optional_u32(json::Members& in, std::string_view name) {
    const auto number = FIELDSEAL_TRY(in.optional_integer(name, 0, kNumberMax));
    if (!number) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(*number));
}

// A pin is sent as it lies in its file, as an object.
Result<ChainTargetOrder> read_chain_order(json::Members& in) {
    ChainTargetOrder order;
    order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
    order.url = FIELDSEAL_TRY(in.required_string("url", kUrlBytesMax));
    for (const auto& url : FIELDSEAL_TRY(in.optional_array("more_urls", kUrlsMax)))
        order.more_urls.push_back(FIELDSEAL_TRY(url.string(kUrlBytesMax)));
    const auto pin = FIELDSEAL_TRY(in.required("pin"));
    order.pin = json::dump(pin.value());
    order.log = FIELDSEAL_TRY(in.optional_string("log", kNameBytesMax)).value_or(order.log);
    order.fees = FIELDSEAL_TRY(in.optional_string("fees", kNameBytesMax)).value_or(order.fees);
    order.auth_file = FIELDSEAL_TRY(in.optional_string("auth_file", kPathBytesMax)).value_or("");
    order.ca_file = FIELDSEAL_TRY(in.optional_string("ca_file", kPathBytesMax)).value_or("");
    order.tls_pin_sha256 =
        FIELDSEAL_TRY(in.optional_string("tls_pin_sha256", kVkeyBytesMax)).value_or("");
    order.max_fee_gwei = FIELDSEAL_TRY(optional_u32(in, "max_fee_gwei"));
    order.priority_fee_gwei = FIELDSEAL_TRY(optional_u32(in, "priority_fee_gwei"));
    order.gas_limit = FIELDSEAL_TRY(optional_u32(in, "gas_limit"));
    order.confirmations = FIELDSEAL_TRY(optional_u32(in, "confirmations"));
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

// {"kind": "witness" (or absent) | "evm", …}
Result<json::Value> add_target(AdminBackend& backend, const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    const auto kind = FIELDSEAL_TRY(in.optional_string("kind", kNameBytesMax)).value_or("witness");
    if (kind == "evm") return backend.add_chain_target(FIELDSEAL_TRY(read_chain_order(in)));
    if (kind != "witness") return in.error_at("kind", "neither \"witness\" nor \"evm\"");
    return backend.add_target(FIELDSEAL_TRY(read_target_order(in)));
}

Result<std::string> read_single(const Request& request, std::string_view name,
                                std::size_t bytes_max) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    auto value = FIELDSEAL_TRY(in.required_string(name, bytes_max));
    FIELDSEAL_TRY(in.finish());
    return value;
}

template <class Then>
Response with_entry(const PathValues& at, Then then) {
    const auto entry = hex_decode_digest(at.at("id"));
    if (!entry.ok())
        return problem(400, "invalid_argument", "a statement id is 64 hexadecimal digits");
    return then(*entry);
}

void add_statement_routes(Router& router, AdminBackend& backend) {
    router.add("POST", "/api/v1/statements", [&](const Request& request, const PathValues&) {
        return create_statement(backend, request);
    });
    router.add("GET", "/api/v1/statements", [&](const Request& request, const PathValues&) {
        const auto query = read_list_query(request);
        return query.ok() ? respond(backend.list(*query)) : problem(query.error());
    });
    router.add("GET", "/api/v1/statements/{id}", [&](const Request&, const PathValues& at) {
        return with_entry(at, [&](const Digest& entry) { return respond(backend.show(entry)); });
    });
    router.add("GET", "/api/v1/statements/{id}/evidence",
               [&](const Request&, const PathValues& at) {
                   return with_entry(at, [&](const Digest& entry) {
                       auto text = backend.evidence(entry);
                       return text.ok() ? Response{200, "application/json", std::move(*text), {}}
                                        : problem(text.error());
                   });
               });
}

void add_seal_routes(Router& router, AdminBackend& backend) {
    router.add("POST", "/api/v1/seals/{name}/unlock",
               [&](const Request& request, const PathValues& at) {
                   const auto passphrase = read_single(request, "passphrase", kPassphraseBytesMax);
                   return passphrase.ok() ? respond(backend.unlock(at.at("name"), *passphrase))
                                          : problem(passphrase.error());
               });
    router.add("POST", "/api/v1/seals/{name}/lock", [&](const Request&, const PathValues& at) {
        return respond(backend.lock(at.at("name")));
    });
}

void add_outside_routes(Router& router, AdminBackend& backend) {
    router.add("POST", "/api/v1/sync",
               [&](const Request&, const PathValues&) { return respond(backend.sync()); });
    router.add("POST", "/api/v1/targets", [&](const Request& request, const PathValues&) {
        return respond(add_target(backend, request), 201);
    });
    router.add("POST", "/api/v1/targets/{name}/test", [&](const Request&, const PathValues& at) {
        return respond(backend.test_target(at.at("name")));
    });
    router.add("POST", "/api/v1/hub/logs", [&](const Request& request, const PathValues&) {
        const auto vkey = read_single(request, "vkey", kVkeyBytesMax);
        return vkey.ok() ? respond(backend.enroll_log(*vkey), 201) : problem(vkey.error());
    });
}

}  // namespace

void add_admin_routes(Router& router, AdminBackend& backend) {
    add_statement_routes(router, backend);
    add_seal_routes(router, backend);
    add_outside_routes(router, backend);
    router.add("GET", "/api/v1/status",
               [&](const Request&, const PathValues&) { return respond(backend.status()); });
    router.add("GET", "/api/v1/node",
               [&](const Request&, const PathValues&) { return respond(backend.node_info()); });
    router.add("GET", "/api/v1/trust",
               [&](const Request&, const PathValues&) { return respond(backend.trust_export()); });
}

}  // namespace fieldseal::api
