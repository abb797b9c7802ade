// SPDX-License-Identifier: Apache-2.0
// The guard in front of cpp-httplib: decides on the bytes of a request head before the library sees
// one of them. Debian's cpp-httplib 0.11.4 has no bound on lines, header counts or bodies and
// accepts smuggling shapes (docs/adr/0010-guard-in-front-of-httplib.md).
//
// Stricter than RFC 9112 asks: what a well-behaved client never sends is refused.
// THREADS: pure functions.
#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fieldseal::api {

struct HeadLimits {
    std::size_t request_line_bytes_max = 4096;
    std::size_t head_bytes_max = 16384;
    std::size_t header_count_max = 64;
    std::uint64_t body_bytes_max = 65536;  // of a body that is kept in memory
};

// What the guard learned and the connection loop needs.
struct RequestHead {
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;               // waits for a 100 before it sends the body
    std::map<std::string, std::string> headers;  // names in lower case, values as they were sent
};

// A refusal: the HTTP status to answer with, and a sentence.
struct HeadRefusal {
    int status = 400;
    std::string why;
};

struct HeadVerdict {
    RequestHead head;
    HeadRefusal refusal;
    bool accepted = false;
};

// `head` is everything up to and including the empty line ("\r\n\r\n").
// Refuses: bare LF or CR, control bytes, folded lines, spaces before ':', absolute-form and
// authority-form targets, any Transfer-Encoding, any Content-Encoding, duplicate headers, a body
// without Content-Length on POST/PUT, versions other than HTTP/1.1 and HTTP/1.0, %00/%0a/%0d in
// the target, and header names with an underscore (a client's REMOTE_ADDR is one).
HeadVerdict judge_request_head(std::string_view head, const HeadLimits& limits);

}  // namespace fieldseal::api
