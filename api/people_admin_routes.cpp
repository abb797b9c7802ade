// SPDX-License-Identifier: Apache-2.0
#include "api/people_admin_routes.h"

#include "api/people_routes.h"
#include "api/problem.h"

namespace fieldseal::api {

void add_people_admin_routes(Router& router, PeopleBackend& people, ConsoleBackend& console) {
    add_management_routes(router, people);
    router.add("POST", "/api/v1/pairing-code", [&](const Request& request, const PathValues&) {
        return respond_once(console.pairing_code(request.caller));
    });
    router.add(
        "POST", "/api/v1/people/{name}/tokens", [&](const Request& request, const PathValues& at) {
            const auto order = read_token_order(request);
            if (!order.ok()) return problem(order.error());
            return respond_once(console.add_token_for(request.caller, at.at("name"), *order));
        });
}

}  // namespace fieldseal::api
