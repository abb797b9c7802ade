// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "core/encoding.h"
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
constexpr std::size_t kInstanceBytesMax = 255;

struct Title {
    std::string_view code;
    std::string_view text;
    bool retryable = false;  // the same request may succeed later, and nobody has to do anything
};

// Every code a problem of ours may have; docs/errors/ has a page for each.
constexpr std::array kTitles = {
    Title{"invalid_argument", "The request is not valid"},
    Title{"not_found", "There is no such thing"},
    Title{"conflict", "The state of the node says otherwise"},
    Title{"corrupt", "Stored bytes are not what they must be"},
    Title{"unavailable", "Not available just now", true},
    Title{"exhausted", "A limit is reached just now", true},
    Title{"denied", "Not allowed"},
    Title{"unauthenticated", "Log in, or bring a token"},
    Title{"rate_limited", "Too many attempts", true},
    Title{"locked", "A seal has to be unlocked first"},
    Title{"held", "Sealing is stopped until a person decides"},
    Title{"storage_full", "The disk is nearly full"},
    Title{"io", "The operating system refused", true},
    Title{"unsupported", "Not done by this version"},
    Title{"internal", "The request failed inside the node"},
    Title{"not-found", "Nothing is at this path"},
    Title{"method-not-allowed", "This path does not answer this method"},
    Title{"request-refused", "The request was refused before it was read"},
    Title{"overloaded", "Too many requests are waiting", true},
    Title{"too-many-uploads", "Too many documents are on their way", true},
    Title{"too-many-listeners", "Too many listeners", true},
};

struct Reason {
    int status;
    std::string_view phrase;
};

constexpr std::array kReasons = {
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{423, "Locked"},
    Reason{428, "Precondition Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{503, "Service Unavailable"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{507, "Insufficient Storage"},
};

// A code the table lacks is its own title: a test of the error pages finds it.
Title title_of(std::string_view code) {
    for (const auto& title : kTitles) {
        if (title.code == code) return title;
    }
    return {code, code};
}

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
    const Title title = title_of(code);
    const auto body = json::Value::object({{"type", "/docs/errors/" + std::string(code)},
                                           {"title", title.text},
                                           {"status", status},
                                           {"detail", std::string(detail)},
                                           {"code", std::string(code)},
                                           {"retryable", title.retryable}});
    Response response{
        status, std::string(kProblemType), json::dump(body, json::Style::compact) + "\n", {}};
    if (status == 503) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    return response;
}

Response problem(const Error& error) {
    return problem(http_status(error.code), to_string(error.code), error.message);
}

void name_problem(std::string& body, const Request& request) {
    auto value = json::parse(body);
    if (!value.ok() || !value->is_object()) return;
    if (!request.path.empty() && request.path.size() <= kInstanceBytesMax &&
        is_utf8(request.path)) {
        value->set("instance", request.path);
    }
    if (!request.id.empty()) value->set("request_id", request.id);
    body = json::dump(*value, json::Style::compact) + "\n";
}

std::string_view reason_phrase(int status) {
    for (const auto& reason : kReasons) {
        if (reason.status == status) return reason.phrase;
    }
    return "Unknown";
}

}  // namespace fieldseal::api
