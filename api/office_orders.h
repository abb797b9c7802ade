// SPDX-License-Identifier: Apache-2.0
// What the office's routes share: orders with idempotency keys, their outcomes, and pages.
// THREADS: pure functions.
#pragma once

#include "api/office_backend.h"
#include "api/router.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

// The refusal, if the request has no Idempotency-Key or a malformed one; sets it otherwise.
std::optional<Response> take_key(const Request& request, SealOrder& order);

// 201 with Location, 200 with Idempotency-Replayed, 409, 422, or the problem.
Response respond(const Result<SealOutcome>& outcome);

// A page of the list that goes by this word in its cursors.
Response respond(const Request& request, const Result<Page>& page, std::string_view list);

// 64 hexadecimal digits at {id}.
Result<Digest> entry_at(const PathValues& at);

}  // namespace fieldseal::api
