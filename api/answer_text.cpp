// SPDX-License-Identifier: Apache-2.0
#include "api/answer_text.h"

#include "api/problem.h"

#include <algorithm>
#include <array>
#include <strings.h>

namespace fieldseal::api {
namespace {

constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

constexpr std::array<std::string_view, 4> kServersOwn = {"content-length", "connection",
                                                         "transfer-encoding", "x-request-id"};

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

bool is_servers_own(std::string_view name) {
    return std::any_of(kServersOwn.begin(), kServersOwn.end(), [&](std::string_view own) {
        return own.size() == name.size() && ::strncasecmp(own.data(), name.data(), own.size()) == 0;
    });
}

bool is_header_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

void add_header(std::string& text, std::string_view name, std::string_view value) {
    const bool sendable = !name.empty() && name.find(':') == std::string_view::npos &&
                          is_header_text(name) && is_header_text(value);
    if (sendable) text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) {
    for (const auto& reason : kReasons) {
        if (reason.status == status) return reason.phrase;
    }
    return "Unknown";
}

std::string answer_text(const Response& response, const Framing& framing) {
    const bool empty = response.status == kNoContent || response.status == kNotModified;
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
    text.append(reason_phrase(response.status)).append("\r\n");
    for (const auto& [name, value] : response.headers) {
        if (!is_servers_own(name)) add_header(text, name, value);
    }
    if (!response.content_type.empty()) add_header(text, "Content-Type", response.content_type);
    add_header(text, "X-Request-Id", framing.request_id);
    if (!response.write && !empty) {
        add_header(text, "Content-Length", std::to_string(response.body.size()));
    }
    if (framing.close || response.write) add_header(text, "Connection", "close");
    text += "\r\n";
    if (!response.write && !empty && !framing.without_body) text += response.body;
    return text;
}

void name_request(Response& response, const Request& request) {
    if (response.content_type == kProblemType) name_problem(response.body, request);
}

}  // namespace fieldseal::api
