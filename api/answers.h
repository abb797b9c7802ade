// SPDX-License-Identifier: Apache-2.0
// What routes answer with when all went well, and the one way a Result becomes a Response.
// THREADS: pure functions.
#pragma once

#include "api/http.h"
#include "core/json/json.h"
#include "core/result.h"

namespace fieldseal::api {

Response json_response(int status, const json::Value& value);

// The value as JSON, or the problem.
Response respond(Result<json::Value> value, int status = 200);
// 204, or the problem.
Response respond(const Result<void>& done);

}  // namespace fieldseal::api
