// SPDX-License-Identifier: Apache-2.0
// Errors as problem+json (RFC 9457): one table from Errc to HTTP status, one writer.
#pragma once

#include "api/http.h"
#include "core/result.h"

#include <string_view>

namespace fieldseal::api {

// The HTTP status an error of ours is answered with.
int http_status(Errc code);

// The reverse, for a client of the API. Unknown statuses are `internal`.
Errc errc_from_word(std::string_view word);

// `code` is the stable last part of the problem's type, /docs/errors/<code>.
Response problem(int status, std::string_view code, std::string_view detail);
Response problem(const Error& error);

}  // namespace fieldseal::api
