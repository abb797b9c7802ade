// SPDX-License-Identifier: Apache-2.0
// The HTTP messages routes see: complete, size-checked requests in, complete responses out.
// Nothing here knows a socket; api/server.h does.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::api {

struct Request {
    std::string method;                          // upper case, one of the methods a route names
    std::string path;                            // percent-decoded once, starts with '/', no query
    std::map<std::string, std::string> query;    // decoded, a repeated name is refused before
    std::map<std::string, std::string> headers;  // names in lower case, each at most once
    std::string body;

    // The value of a header by its lower-case name, or nothing.
    std::optional<std::string_view> header(std::string_view name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

using Handler = std::function<Response(const Request&)>;

}  // namespace fieldseal::api
