// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "api/api_documents.h"
#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fieldseal::api {
namespace {

constexpr std::array kCodes = {Errc::invalid_argument,
                               Errc::not_found,
                               Errc::conflict,
                               Errc::corrupt,
                               Errc::unavailable,
                               Errc::exhausted,
                               Errc::denied,
                               Errc::unauthenticated,
                               Errc::rate_limited,
                               Errc::locked,
                               Errc::held,
                               Errc::storage_full,
                               Errc::io,
                               Errc::unsupported,
                               Errc::internal};
constexpr std::string_view kRetryAfterSeconds = "2";
constexpr std::size_t kInstanceBytesMax = 255;
// After too many wrong passwords; the message says how long it really is.
constexpr std::string_view kLockedOutSeconds = "30";

}  // namespace

int http_status(Errc code) {
    switch (code) {
        case Errc::invalid_argument:
            return 400;
        case Errc::not_found:
            return 404;
        case Errc::conflict:
            return 409;
        case Errc::corrupt:
            return 500;
        case Errc::unavailable:
            return 503;
        case Errc::exhausted:
            return 503;
        case Errc::denied:
            return 403;
        case Errc::unauthenticated:
            return 401;
        case Errc::rate_limited:
            return 429;
        case Errc::locked:
            return 423;
        case Errc::held:
            return 423;
        case Errc::storage_full:
            return 507;
        case Errc::io:
            return 503;
        case Errc::unsupported:
            return 501;
        case Errc::internal:
            return 500;
    }
    std::abort();
}

std::string problem_code(Errc code) {
    std::string word(to_string(code));
    std::replace(word.begin(), word.end(), '_', '-');
    return word;
}

Errc errc_of_problem(int status, std::string_view code) {
    for (const Errc known : kCodes) {
        if (problem_code(known) == code) return known;
    }
    if (code == "clock-set-back") return Errc::held;  // 423 is `locked` first
    for (const Errc known : kCodes) {
        if (http_status(known) == status && status != 500) return known;
    }
    return status == 413 || status == 415 || status == 421 ? Errc::invalid_argument
                                                           : Errc::internal;
}

Response problem(int status, std::string_view code, std::string_view detail,
                 std::initializer_list<json::Member> more) {
    const auto codes = problem_codes();
    const auto known = std::find_if(codes.begin(), codes.end(),
                                    [&](const ProblemCode& entry) { return entry.code == code; });
    const bool in_table = known != codes.end();  // problem_test.cpp looks at every code there is
    auto body = json::Value::object({{"type", "/docs/errors/" + std::string(code)},
                                     {"title", in_table ? known->title : code},
                                     {"status", status},
                                     {"code", code},
                                     {"detail", detail},
                                     {"retryable", in_table && known->retryable}});
    for (const auto& member : more) body.set(member.name, member.value);
    Response response{
        status, std::string(kProblemType), json::dump(body, json::Style::compact) + "\n", {}};
    if (status == 503) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    return response;
}

Response problem(const Error& error) {
    const std::string code =
        error.problem.empty() ? problem_code(error.code) : std::string(error.problem);
    Response response = problem(http_status(error.code), code, error.message);
    if (response.status == 429) response.headers.emplace_back("Retry-After", kLockedOutSeconds);
    return response;
}

void name_problem(std::string& body, const Request& request) {
    auto value = json::parse(body);
    if (!value.ok() || !value->is_object()) return;
    const bool nameable = !request.path.empty() && request.path.size() <= kInstanceBytesMax;
    if (nameable && is_utf8(request.path)) value->set("instance", request.path);
    if (!request.id.empty()) value->set("request_id", request.id);
    body = json::dump(*value, json::Style::compact) + "\n";
}

}  // namespace fieldseal::api
