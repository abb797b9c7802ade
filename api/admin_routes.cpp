// SPDX-License-Identifier: Apache-2.0
#include "api/admin_routes.h"

#include "api/answers.h"
#include "api/orders.h"
#include "api/problem.h"
#include "core/encoding.h"

namespace fieldseal::api {
namespace {

Result<SealOrder> read_order(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    auto order = FIELDSEAL_TRY(read_seal_order(in));
    FIELDSEAL_TRY(in.finish());
    order.idempotency_key = FIELDSEAL_TRY(idempotency_key(request));
    return order;
}

Response create_statement(AdminBackend& backend, const Request& request) {
    const auto order = read_order(request);
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
            query.limit = FIELDSEAL_TRY(read_limit(value, kListLimitMax));
        } else if (name == "before") {
            query.before_index = FIELDSEAL_TRY(parse_decimal(value));
        } else if (name == "document") {
            query.document = FIELDSEAL_TRY(hex_decode_digest(value));
        } else {
            return unknown_query_name(name);
        }
    }
    return query;
}

template <class Then>
Response with_entry(const PathValues& at, Then then) {
    const auto entry = hex_decode_digest(at.at("id"));
    if (!entry.ok())
        return problem(400, "invalid-argument", "a statement id is 64 hexadecimal digits");
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
                   return respond(unlock_seal(backend, request, at.at("name")));
               });
    router.add("POST", "/api/v1/seals/{name}/lock", [&](const Request&, const PathValues& at) {
        return respond(backend.lock(at.at("name")));
    });
}

void add_outside_routes(Router& router, AdminBackend& backend) {
    router.add("POST", "/api/v1/sync",
               [&](const Request&, const PathValues&) { return respond(backend.sync()); });
    router.add("POST", "/api/v1/targets", [&](const Request& request, const PathValues&) {
        return respond(add_target(backend, request, LocalFiles::taken), 201);
    });
    router.add("POST", "/api/v1/targets/{name}/test", [&](const Request&, const PathValues& at) {
        return respond(backend.test_target(at.at("name")));
    });
    router.add("GET", "/api/v1/hub/logs",
               [&](const Request&, const PathValues&) { return respond(backend.enrolled_logs()); });
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
