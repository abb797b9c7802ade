// SPDX-License-Identifier: Apache-2.0
#include "node/edge/access_log.h"

#include "core/json/json.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace fieldseal::node {
namespace {

constexpr int kServerErrorMin = 500;

std::string_view or_dash(const std::string& text) {
    return text.empty() ? "-" : std::string_view(text);
}

}  // namespace

std::string access_line(LogFormat format, const Access& access) {
    const api::Request& request = access.request;
    if (format == LogFormat::text) {
        return fmt::format("edge: {} {} {} {} B {} us, {} from {}, request {}",
                           or_dash(request.method), access.route, access.status, access.bytes,
                           access.duration_us, or_dash(request.caller.account),
                           or_dash(request.remote), or_dash(request.id));
    }
    json::Value line = json::Value::object({{"component", "edge"},
                                            {"request_id", request.id},
                                            {"method", request.method},
                                            {"route", access.route},
                                            {"code", access.status},
                                            {"bytes", access.bytes},
                                            {"dur_us", access.duration_us}});
    if (!request.caller.account.empty()) line.set("actor", request.caller.account);
    if (!request.caller.token_id.empty()) line.set("token", request.caller.token_id);
    if (!request.remote.empty()) line.set("remote", request.remote);
    return json::dump(line);
}

api::AnswerHook access_log(LogFormat format, const api::Router& router) {
    return [format, &router](const api::Request& request, int status, std::uint64_t bytes,
                             std::chrono::microseconds duration) {
        const api::Route* route = router.find(request.method, request.path);
        const Access access{request, route == nullptr ? "-" : route->pattern, status, bytes,
                            duration.count()};
        const auto level = status >= kServerErrorMin ? spdlog::level::warn : spdlog::level::info;
        spdlog::log(level, "{}", access_line(format, access));
    };
}

}  // namespace fieldseal::node
