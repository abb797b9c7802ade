// SPDX-License-Identifier: Apache-2.0
// A table of routes: method and path pattern to handler. Patterns are plain segments; "{name}"
// takes one segment, a final "{name...}" takes the rest. No regular expressions. THREADS: built by
// one thread, then const.
#pragma once

#include "api/http.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

// What the pattern's names matched.
using PathValues = std::map<std::string, std::string>;
using RouteHandler = std::function<Response(const Request&, const PathValues&)>;

class Router {
public:
    void add(std::string method, std::string_view pattern, RouteHandler handler);

    // 404 problem when no pattern matches, 405 with Allow when only the method is wrong. HEAD is
    // answered by GET's handler (the library drops the body).
    Response dispatch(const Request& request) const;

private:
    struct Route {
        std::string method;
        std::vector<std::string> segments;
        RouteHandler handler;
    };
    std::vector<Route> routes_;
};

}  // namespace fieldseal::api
