// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"
#include "api/conditional.h"
#include "api/office_orders.h"
#include "api/office_routes.h"
#include "api/orders.h"
#include "api/paging.h"
#include "api/problem.h"
#include "core/encoding.h"

#include <set>

namespace fieldseal::api {
namespace {

constexpr std::string_view kList = "statements";
constexpr const char* kStatementsPath = "/api/v1/statements";

Result<SealOrder> read_order(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    auto order = FIELDSEAL_TRY(read_seal_order(in));
    FIELDSEAL_TRY(in.finish());
    order.actor = request.caller.account;
    return order;
}

Response create(OfficeBackend& office, const Request& request) {
    auto order = read_order(request);
    if (!order.ok()) return problem(order.error());
    if (auto refused = take_key(request, *order)) return std::move(*refused);
    return respond(office.seal(*order));
}

// {"orders": [{…, "idempotency_key": "…"}, …]}
Result<std::vector<SealOrder>> read_batch(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body, {.bytes_max = request.body.size()}));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    std::vector<SealOrder> orders;
    std::set<std::string> keys;
    for (const auto& item : FIELDSEAL_TRY(in.required_array("orders", kBatchOrdersMax))) {
        auto members = FIELDSEAL_TRY(item.members());
        auto order = FIELDSEAL_TRY(read_seal_order(members));
        order.idempotency_key =
            FIELDSEAL_TRY(members.required_string("idempotency_key", kIdempotencyKeyBytesMax));
        FIELDSEAL_TRY(members.finish());
        FIELDSEAL_TRY(check_idempotency_key(order.idempotency_key));
        if (!keys.insert(order.idempotency_key).second)
            return members.error_at("idempotency_key", "another order of this batch has it too");
        order.actor = request.caller.account;
        orders.push_back(std::move(order));
    }
    FIELDSEAL_TRY(in.finish());
    if (orders.empty()) return in.error_at("orders", "at least one order");
    return orders;
}

// What the order alone would have been answered with.
json::Value batch_item(const Result<SealOutcome>& outcome) {
    const Response alone = respond(outcome);
    const bool settled = outcome.ok() && outcome->key == KeyUse::settled;
    json::Value item = json::Value::object({{"status", alone.status}});
    if (settled) {
        item.set("statement", outcome->receipt.view);
        return item;
    }
    auto problem_body = json::parse(alone.body);
    item.set("problem", problem_body.ok() ? std::move(*problem_body) : json::Value());
    return item;
}

Response create_batch(OfficeBackend& office, const Request& request) {
    const auto orders = read_batch(request);
    if (!orders.ok()) return problem(orders.error());
    json::Value items = json::Value::array();
    for (const auto& outcome : office.seal_batch(*orders)) items.push_back(batch_item(outcome));
    return json_response(200, json::Value::object({{"items", std::move(items)}}));
}

Result<LifeState> read_state(std::string_view word) {
    if (word == "sealed") return LifeState::sealed;
    if (word == "checkpointed") return LifeState::checkpointed;
    if (word == "anchored") return LifeState::anchored;
    return Error{Errc::invalid_argument,
                 "state = " + quoted(word) + ": use sealed, checkpointed or anchored"};
}

Result<StatementQuery> read_query(const Request& request) {
    const auto page = FIELDSEAL_TRY(read_page_query(request, kList));
    StatementQuery query;
    query.limit = page.limit;
    query.before_index = page.position;
    for (const auto& [name, value] : request.query) {
        if (name == "cursor" || name == "limit") continue;
        if (name == "document") {
            query.document = FIELDSEAL_TRY(hex_decode_digest(value));
        } else if (name == "since") {
            query.since_index = FIELDSEAL_TRY(parse_decimal(value));
        } else if (name == "until") {
            query.until_index = FIELDSEAL_TRY(parse_decimal(value));
        } else if (name == "state") {
            query.state = FIELDSEAL_TRY(read_state(value));
        } else {
            return unknown_query_name(name);
        }
    }
    return query;
}

Response list(OfficeBackend& office, const Request& request) {
    const auto query = read_query(request);
    if (!query.ok()) return problem(query.error());
    return respond(request, office.statements(*query), kList);
}

// The tag is the digest of the file: it changes when an anchor is added, and only then.
Response evidence(AdminBackend& admin, const Request& request, const Digest& entry) {
    auto text = admin.evidence(entry);
    if (!text.ok()) return problem(text.error());
    Response response{200, "application/json", std::move(*text), {}};
    response.headers.emplace_back("Cache-Control", "private, no-cache");
    return with_etag(request, std::move(response));
}

// {"sha256"}: was this document sealed here?
Response lookup(OfficeBackend& office, const Request& request) {
    const auto read = [&]() -> Result<StatementQuery> {
        const auto body = FIELDSEAL_TRY(json::parse(request.body));
        auto in = FIELDSEAL_TRY(json::Reader(body).members());
        StatementQuery query;
        query.document = FIELDSEAL_TRY(in.required_hex_digest("sha256"));
        FIELDSEAL_TRY(in.finish());
        return query;
    };
    const auto query = read();
    if (!query.ok()) return problem(query.error());
    const auto page = office.statements(*query);
    if (!page.ok()) return problem(page.error());
    const bool sealed = !page->items.empty();
    return json_response(200, json::Value::object({{"sealed", sealed}, {"items", page->items}}));
}

template <class Then>
RouteHandler with_entry(Then then) {
    return [then](const Request& request, const PathValues& at) {
        const auto entry = entry_at(at);
        return entry.ok() ? then(request, *entry) : problem(entry.error());
    };
}

}  // namespace

void add_office_statements(Router& router, const OfficeParts& parts) {
    OfficeBackend& office = parts.office;
    AdminBackend& admin = parts.admin;
    router.add(
        {"POST", kStatementsPath, Permission::statement_create},
        [&office](const Request& request, const PathValues&) { return create(office, request); });
    router.add({"POST", std::string(kStatementsPath) + "/batch", Permission::statement_create},
               [&office](const Request& request, const PathValues&) {
                   return create_batch(office, request);
               });
    router.add(
        {"GET", kStatementsPath, Permission::statement_read},
        [&office](const Request& request, const PathValues&) { return list(office, request); });
    router.add({"GET", std::string(kStatementsPath) + "/{id}", Permission::statement_read},
               with_entry([&admin](const Request&, const Digest& entry) {
                   return respond(admin.show(entry));
               }));
    router.add({"GET", std::string(kStatementsPath) + "/{id}/evidence", Permission::statement_read},
               with_entry([&admin](const Request& request, const Digest& entry) {
                   return evidence(admin, request, entry);
               }));
    router.add({"POST", std::string(kStatementsPath) + "/{id}/refresh", Permission::anchor_sync},
               with_entry([&office](const Request&, const Digest& entry) {
                   return respond(office.refresh(entry));
               }));
    router.add(
        {"POST", "/api/v1/documents/lookup", Permission::statement_read},
        [&office](const Request& request, const PathValues&) { return lookup(office, request); });
}

}  // namespace fieldseal::api
