// SPDX-License-Identifier: Apache-2.0
// What an answer looks like on the wire, and the one place that finishes one: the request's id, a
// problem's last members. THREADS: pure functions.
#pragma once

#include "api/http.h"

#include <string>
#include <string_view>

namespace fieldseal::api {

// "Not Found" for 404, as RFC 9110 has it; "Unknown" for a status nothing of ours uses.
std::string_view reason_phrase(int status);

struct Framing {
    std::string_view request_id;
    bool without_body = false;  // answers HEAD
    bool close = false;         // the connection ends after it
};

// Head and body; for a streamed answer the head alone, without a length. A header of `response`
// that cannot be one (a line break in a name or value), and one that is the server's own to set
// (Content-Length, Connection, …), is left out.
std::string answer_text(const Response& response, const Framing& framing);

// A problem (api/problem.h) with the path and the id of the request it answers.
void name_request(Response& response, const Request& request);

}  // namespace fieldseal::api
