// SPDX-License-Identifier: Apache-2.0
#include "api/office_orders.h"

#include "api/answers.h"
#include "api/orders.h"
#include "api/paging.h"
#include "api/problem.h"
#include "core/encoding.h"

namespace fieldseal::api {

std::optional<Response> take_key(const Request& request, SealOrder& order) {
    auto key = idempotency_key(request);
    if (!key.ok()) return problem(key.error());
    if (key->empty()) {
        return problem(400, "idempotency-key-missing",
                       "sealing needs an Idempotency-Key header: any text that is this order's "
                       "alone, so that a retry never seals twice");
    }
    order.idempotency_key = std::move(*key);
    return std::nullopt;
}

Response respond(const Result<SealOutcome>& outcome) {
    if (!outcome.ok()) return problem(outcome.error());
    if (outcome->key == KeyUse::reused) {
        return problem(422, "idempotency-key-reused",
                       "this Idempotency-Key was used for another order: use a new key");
    }
    if (outcome->key == KeyUse::in_progress) {
        Response busy = problem(409, "idempotency-key-in-progress",
                                "an order with this Idempotency-Key is being sealed at this "
                                "moment: send it again for its outcome");
        busy.headers.emplace_back("Retry-After", "1");
        return busy;
    }
    const SealReceipt& receipt = outcome->receipt;
    Response response = json_response(receipt.replayed ? 200 : 201, receipt.view);
    response.headers.emplace_back("Location", "/api/v1/statements/" + hex_encode(receipt.entry));
    if (receipt.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

Response respond(const Request& request, const Result<Page>& page, std::string_view list) {
    if (!page.ok()) return problem(page.error());
    std::optional<std::string> next;
    if (page->next) next = write_cursor(list, *page->next);
    return page_of(request, page->items, next);
}

Result<Digest> entry_at(const PathValues& at) {
    auto entry = hex_decode_digest(at.at("id"));
    if (!entry.ok()) {
        return Error{Errc::invalid_argument, "a statement id is 64 lower-case hexadecimal digits"};
    }
    return entry;
}

}  // namespace fieldseal::api
