// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include "api/problem.h"
#include "core/encoding.h"

#include <algorithm>
#include <optional>
#include <set>

namespace fieldseal::api {
namespace {

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        const std::size_t slash = path.find('/', 1);
        segments.emplace_back(path.substr(1, slash == std::string_view::npos ? slash : slash - 1));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
    }
    return segments;
}

bool is_name(std::string_view segment) {
    return segment.starts_with('{') && segment.ends_with('}');
}
bool is_rest(std::string_view segment) {
    return is_name(segment) && segment.ends_with("...}");
}

std::string rest_of(const std::vector<std::string>& path, std::size_t from) {
    std::string rest;
    for (std::size_t i = from; i < path.size(); ++i) rest += (i > from ? "/" : "") + path[i];
    return rest;
}

std::optional<PathValues> match(const std::vector<std::string>& pattern,
                                const std::vector<std::string>& path) {
    PathValues values;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_rest(pattern[i]) && i < path.size()) {
            values[pattern[i].substr(1, pattern[i].size() - 5)] = rest_of(path, i);
            return values;
        }
        if (i >= path.size()) return std::nullopt;
        if (is_name(pattern[i]) && !path[i].empty()) {
            values[pattern[i].substr(1, pattern[i].size() - 2)] = path[i];
        } else if (pattern[i] != path[i]) {
            return std::nullopt;
        }
    }
    if (pattern.size() != path.size()) return std::nullopt;
    return values;
}

}  // namespace

void Router::add(Route route, RouteHandler handler) {
    auto segments = split(route.pattern);
    const bool spelled_out = std::none_of(segments.begin(), segments.end(), is_name);
    entries_.push_back({std::move(route), std::move(segments), std::move(handler), spelled_out});
}

void Router::add(std::string method, std::string_view pattern, RouteHandler handler) {
    add(Route{std::move(method), std::string(pattern)}, std::move(handler));
}

void Router::decorate(const Decorator& around) {
    for (auto& entry : entries_) {
        entry.handler = around(entry.route, std::move(entry.handler));
    }
}

bool Router::is_spelled_out(std::string_view path) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.spelled_out && entry.route.pattern == path;
    });
}

const Route* Router::find(std::string_view method, std::string_view path) const {
    const auto segments = split(path);
    const std::string_view wanted = method == "HEAD" ? "GET" : method;
    const bool spelled_out = is_spelled_out(path);
    for (const auto& entry : entries_) {
        if (spelled_out && !entry.spelled_out) continue;
        if (entry.route.method == wanted && match(entry.segments, segments)) return &entry.route;
    }
    return nullptr;
}

std::vector<Route> Router::routes() const {
    std::vector<Route> routes;
    for (const auto& entry : entries_) routes.push_back(entry.route);
    return routes;
}

Response Router::dispatch(const Request& request) const {
    const auto path = split(request.path);
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    std::set<std::string> allowed;
    const bool spelled_out = is_spelled_out(request.path);
    for (const auto& entry : entries_) {
        if (spelled_out && !entry.spelled_out) continue;
        const auto values = match(entry.segments, path);
        if (!values) continue;
        if (entry.route.method == method) return entry.handler(request, *values);
        allowed.insert(entry.route.method);
    }
    if (allowed.empty()) return problem(404, "not-found", "nothing is at " + quoted(request.path));
    std::string allow;
    for (const auto& name : allowed) allow += (allow.empty() ? "" : ", ") + name;
    Response response = problem(405, "method-not-allowed", "this path answers " + allow);
    response.headers.emplace_back("Allow", allow);
    return response;
}

}  // namespace fieldseal::api
