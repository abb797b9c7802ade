// SPDX-License-Identifier: Apache-2.0
// Conditional requests (RFC 9110 §13): strong ETags made of the bytes, 304 and 412.
// THREADS: free functions, any.
#pragma once

#include "api/http.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

// A strong entity tag, quotes included: two texts have the same one only if they are the same.
std::string strong_etag(std::string_view bytes);

// Adds the ETag of `response`'s body; the 304 in its place when the request has it already
// (If-None-Match). For 200 answers to GET; other answers come back as they are.
Response with_etag(const Request& request, Response response);

// The 412 to answer when the request has an If-Match and `etag` is not in it. Without If-Match
// everything goes.
std::optional<Response> check_if_match(const Request& request, std::string_view etag);

}  // namespace fieldseal::api
