// SPDX-License-Identifier: Apache-2.0
// Errors as problem+json (RFC 9457): one table from Errc to HTTP status, one writer. Titles and
// "may it be sent again" come from api/openapi/errors.json, which has every code that is sent.
#pragma once

#include "api/http.h"
#include "core/json/json.h"
#include "core/result.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::string_view kProblemType = "application/problem+json";

// The HTTP status an error of ours is answered with.
int http_status(Errc code);

// The code an error of ours has in a problem: its word with '-' ("storage-full").
std::string problem_code(Errc code);

// The reverse, for a client of the API: from the status and the code of a problem. A code of the
// edge's own ("wrong-csrf") becomes what its status means; unknown statuses are `internal`.
Errc errc_of_problem(int status, std::string_view code);

// `code` is the stable last part of the problem's type, /docs/errors/<code>; `more` are members of
// that code's own. With 503 comes a Retry-After.
Response problem(int status, std::string_view code, std::string_view detail,
                 std::initializer_list<json::Member> more = {});
Response problem(const Error& error);

// Gives a problem's text the path and the id of the request it answers, as far as they are known.
// Doing it twice changes nothing.
void name_problem(std::string& body, const Request& request);

}  // namespace fieldseal::api
