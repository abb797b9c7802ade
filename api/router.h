// SPDX-License-Identifier: Apache-2.0
// A table of routes: method and path pattern to handler. Patterns are plain segments; "{name}"
// takes one segment, a final "{name...}" takes the rest. No regular expressions. A path that a
// pattern spells out belongs to that pattern alone, whatever the method. THREADS: built by one
// thread, then const.
#pragma once

#include "api/caller.h"
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

// How a route takes its request and how long it keeps a thread.
enum class RouteKind : std::uint8_t {
    ordinary,  // a whole, small body in, a whole answer out
    upload,    // a streamed body
    events,    // a streamed answer, as long as the peer listens
};

struct Route {
    std::string method;
    std::string pattern;
    Permission needs = Permission::anyone;
    RouteKind kind = RouteKind::ordinary;
    bool confirm = false;  // a session proves itself again lately enough (step-up)
};

class Router {
public:
    void add(Route route, RouteHandler handler);
    // An ordinary route of the admin socket or of what is public: nobody asks for a permission.
    void add(std::string method, std::string_view pattern, RouteHandler handler);

    // Replaces the handler of each route by what `around` makes of it.
    using Decorator = std::function<RouteHandler(const Route&, RouteHandler)>;
    void decorate(const Decorator& around);

    // The route a request will go to; null when none. HEAD is GET's.
    const Route* find(std::string_view method, std::string_view path) const;
    std::vector<Route> routes() const;

    // 404 problem when no pattern matches, 405 with Allow when only the method is wrong. HEAD is
    // answered by GET's handler (the library drops the body).
    Response dispatch(const Request& request) const;

private:
    struct Entry {
        Route route;
        std::vector<std::string> segments;
        RouteHandler handler;
        bool spelled_out;  // no names
    };
    bool is_spelled_out(std::string_view path) const;

    std::vector<Entry> entries_;
};

}  // namespace fieldseal::api
