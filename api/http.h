// SPDX-License-Identifier: Apache-2.0
// The HTTP messages routes see: size-checked requests in, responses out. Nothing here knows a
// socket; api/server.h does.
//
// A body is whole (in `body`) or, for routes that ask for it, a stream read once (`stream`). An
// answer is whole, or written piece by piece by `write` (server-sent events).
#pragma once

#include "api/caller.h"
#include "core/result.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::api {

// The body of a streamed upload. OWNED BY: the server, for one call of the handler. THREADS: one.
class BodySource {
public:
    virtual ~BodySource() = default;
    // What the request head promised, in bytes.
    virtual std::uint64_t declared_bytes() const = 0;
    // Fills a part of `buffer`; 0 is the end of the body, after declared_bytes() of them.
    // Errors: unavailable (the peer is gone or too slow): the handler keeps nothing.
    virtual Result<std::size_t> read(std::span<std::uint8_t> buffer) = 0;
};

// Where a streamed answer is written. OWNED BY: the server. THREADS: one.
class ResponseSink {
public:
    virtual ~ResponseSink() = default;
    // False when the peer is gone, does not read, or the server stops: return then.
    virtual bool write(std::string_view bytes) = 0;
    // False when the peer is gone or the server stops; costs a poll.
    virtual bool open() = 0;
};

struct Request {
    std::string method;                          // upper case, one of the methods a route names
    std::string path;                            // percent-decoded once, starts with '/', no query
    std::map<std::string, std::string> query;    // decoded, a repeated name is refused before
    std::map<std::string, std::string> headers;  // names in lower case, each at most once
    std::string body;
    BodySource* stream = nullptr;  // instead of `body`, for BodyKind::streamed
    std::string id;                // of this request: in the log, in the answer, in problems
    // Who nginx says is asking (X-Real-IP), or the user of a Unix socket; for the log and the
    // audit.
    std::string remote;
    Caller caller;  // set by the gate, before a handler runs
    // Set by the gate for uploads and events, which go on for long: false when the caller is logged
    // out, disabled or without the permission by now. Empty where nobody is asked for one.
    std::function<bool()> still_allowed = {};

    // The value of a header by its lower-case name, or nothing.
    std::optional<std::string_view> header(std::string_view name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    // Instead of `body`: called once the head is sent; the connection ends when it returns.
    std::function<void(ResponseSink&)> write = {};
    // The body holds a secret: the server overwrites its copies once they are sent.
    bool secret = false;
};

// The gate puts the caller into the request; routes only read it.
using Handler = std::function<Response(Request&)>;

}  // namespace fieldseal::api
