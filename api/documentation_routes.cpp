// SPDX-License-Identifier: Apache-2.0
#include "api/documentation_routes.h"

#include "api/api_documents.h"
#include "api/conditional.h"
#include "api/problem.h"
#include "core/encoding.h"

namespace fieldseal::api {
namespace {

// They change with the program only, and their ETag says when.
constexpr std::string_view kAskAgain = "no-cache";

Response document(const Request& request, std::string_view content_type, std::string_view text) {
    Response response{200, std::string(content_type), std::string(text), {}};
    response.headers.emplace_back("Cache-Control", kAskAgain);
    return with_etag(request, std::move(response));
}

Response page(const Request& request, std::string_view html) {
    Response response = document(request, "text/html; charset=utf-8", html);
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; style-src '" +
                                      std::string(page_style_hash()) +
                                      "'; frame-ancestors 'none'; base-uri 'none'; "
                                      "form-action 'none'");
    return response;
}

Response error_page(const Request& request, const PathValues& at) {
    for (const auto& code : problem_codes()) {
        if (code.code == at.at("code")) return page(request, code.page);
    }
    return problem(404, "not-found", "there is no problem code " + quoted(at.at("code")));
}

}  // namespace

void add_documentation_routes(Router& router) {
    router.add("GET", "/api/v1/openapi.json", [](const Request& request, const PathValues&) {
        return document(request, "application/json", openapi_document());
    });
    router.add("GET", "/docs/api", [](const Request& request, const PathValues&) {
        return page(request, reference_page());
    });
    router.add("GET", "/docs/errors/", [](const Request& request, const PathValues&) {
        return page(request, errors_page());
    });
    router.add("GET", "/docs/errors/{code}", error_page);
}

}  // namespace fieldseal::api
