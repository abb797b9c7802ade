// SPDX-License-Identifier: Apache-2.0
#include "api/answers.h"

#include "api/problem.h"

namespace fieldseal::api {

Response json_response(int status, const json::Value& value) {
    return {status, "application/json", json::dump(value, json::Style::pretty), {}};
}

Response respond(Result<json::Value> value, int status) {
    return value.ok() ? json_response(status, *value) : problem(value.error());
}

Response respond(const Result<void>& done) {
    return done.ok() ? Response{204, "", "", {}} : problem(done.error());
}

}  // namespace fieldseal::api
