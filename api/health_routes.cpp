// SPDX-License-Identifier: Apache-2.0
#include "api/health_routes.h"

#include "api/answers.h"

namespace fieldseal::api {
namespace {

Response no_store(Response response) {
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

// Not a problem document: both answers are the answer to the question that was asked.
Response readyz(OfficeBackend& office) {
    const Readiness readiness = office.readiness();
    json::Value body = json::Value::object(
        {{"fieldseal", "ready/v1"}, {"ready", readiness.ready}, {"state", readiness.state}});
    if (!readiness.reason.empty()) body.set("reason", readiness.reason);
    return no_store(json_response(readiness.ready ? 200 : 503, body));
}

}  // namespace

void add_health_routes(Router& router, OfficeBackend& office) {
    router.add({"GET", "/readyz"},
               [&](const Request&, const PathValues&) { return readyz(office); });
    router.add({"GET", "/.well-known/fieldseal"}, [&](const Request&, const PathValues&) {
        return json_response(200, office.well_known());
    });
}

}  // namespace fieldseal::api
