// SPDX-License-Identifier: Apache-2.0
#include "api/metrics_routes.h"

#include "api/problem.h"

namespace fieldseal::api {
namespace {

constexpr std::string_view kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

void add_metrics_route(Router& router, std::function<Result<std::string>()> scrape) {
    router.add({"GET", "/metrics", Permission::outbox_read},
               [scrape = std::move(scrape)](const Request&, const PathValues&) {
                   auto text = scrape();
                   if (!text.ok()) return problem(text.error());
                   Response response{200, std::string(kTextFormat), std::move(*text), {}};
                   response.headers.emplace_back("Cache-Control", "no-store");
                   return response;
               });
}

}  // namespace fieldseal::api
