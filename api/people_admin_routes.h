// SPDX-License-Identifier: Apache-2.0
// What the node's console does about people, over the admin socket: the code of the first person,
// accounts, tokens. Who may open the socket decides; the caller is the one the listener sets.
//
//   POST /api/v1/pairing-code           {"code", …}, once
//   GET, POST /api/v1/people            PATCH, GET /api/v1/people/{name}
//   POST /api/v1/people/{name}/tokens   a token of that account, shown once
//   GET /api/v1/tokens                  DELETE /api/v1/tokens/{id}
#pragma once

#include "api/gatekeeper.h"
#include "api/router.h"

namespace fieldseal::api {

// Beside PeopleBackend: what nobody may ask from outside. Owned by api, implemented in node/.
// THREADS: any. Errors: those of PeopleBackend.
class ConsoleBackend {
public:
    virtual ~ConsoleBackend() = default;
    // {"code"}; it replaces an older one. conflict once there is an account.
    virtual Result<json::Value> pairing_code(const Caller& by) = 0;
    // As PeopleBackend::add_token, for somebody else.
    virtual Result<json::Value> add_token_for(const Caller& by, std::string_view account,
                                              const NewToken& order) = 0;
};

// REQUIRES: both outlive the router.
void add_people_admin_routes(Router& router, PeopleBackend& people, ConsoleBackend& console);

}  // namespace fieldseal::api
