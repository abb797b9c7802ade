// SPDX-License-Identifier: Apache-2.0
// Routes about people: log in and out, confirm, pairing, one's own account, accounts, tokens, the
// audit log. The shapes are in api/openapi/paths/{session,account,people,tokens,audit}.json.
//
// What only a person may do (confirm, own password, second factor, making and revoking tokens) is
// refused to a token, whatever its scopes: a stolen token must not turn into more than it was.
// Secrets are wiped once used; an answer has one only where it was just made.
#pragma once

#include "api/gatekeeper.h"
#include "api/router.h"

#include <functional>

namespace fieldseal::api {

// REQUIRES: both outlive the router.
void add_people_routes(Router& router, Gatekeeper& gatekeeper, PeopleBackend& people);

// Parts of the above that the admin socket has too: accounts; the list of tokens, revoking one.
void add_management_routes(Router& router, PeopleBackend& people);
using AuditSource = std::function<Result<json::Value>(const AuditQuery&)>;
void add_audit_route(Router& router, AuditSource audit);

// {"label", "scopes", "expires_at"?}
Result<NewToken> read_token_order(const Request& request);
// 201 with a secret in it: sent once, then wiped.
Response respond_once(Result<json::Value> view);

}  // namespace fieldseal::api
