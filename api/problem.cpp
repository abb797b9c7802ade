// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "core/json/json.h"

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

Errc errc_from_word(std::string_view word) {
    for (const Errc code : kCodes) {
        if (to_string(code) == word) return code;
    }
    return Errc::internal;
}

Response problem(int status, std::string_view code, std::string_view detail) {
    const auto body = json::Value::object({{"type", "/docs/errors/" + std::string(code)},
                                           {"status", status},
                                           {"code", std::string(code)},
                                           {"detail", std::string(detail)}});
    return {status, "application/problem+json", json::dump(body, json::Style::compact) + "\n", {}};
}

Response problem(const Error& error) {
    Response response = problem(http_status(error.code), to_string(error.code), error.message);
    if (response.status == 503) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    return response;
}

}  // namespace fieldseal::api
