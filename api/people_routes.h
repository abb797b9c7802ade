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

namespace fieldseal::api {

// REQUIRES: both outlive the router.
void add_people_routes(Router& router, Gatekeeper& gatekeeper, PeopleBackend& people);

}  // namespace fieldseal::api
