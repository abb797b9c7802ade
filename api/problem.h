// SPDX-License-Identifier: Apache-2.0
// Errors as problem+json (RFC 9457): one table from Errc to HTTP status, one writer.
#pragma once

#include "api/http.h"
#include "core/result.h"

#include <string>
#include <string_view>

namespace fieldseal::api {

// The HTTP status an error of ours is answered with.
int http_status(Errc code);

// The reverse, for a client of the API. Unknown statuses are `internal`.
Errc errc_from_word(std::string_view word);

inline constexpr std::string_view kProblemType = "application/problem+json";

// `code` is the stable last part of the problem's type, /docs/errors/<code>; `detail` a sentence
// about this one. The title and whether the same request may succeed later follow from the code.
// With 503 comes a Retry-After.
Response problem(int status, std::string_view code, std::string_view detail);
Response problem(const Error& error);

// Gives a problem's text the path and the id of the request it answers, as far as they are known.
// The server does this to each answer, once.
void name_problem(std::string& body, const Request& request);

// "Not Found" for 404, as RFC 9110 has it; "Unknown" for a status nothing of ours uses.
std::string_view reason_phrase(int status);

}  // namespace fieldseal::api
