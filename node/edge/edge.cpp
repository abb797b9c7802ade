// SPDX-License-Identifier: Apache-2.0
#include "node/edge/edge.h"

#include "api/documentation_routes.h"
#include "api/health_routes.h"
#include "api/metrics_routes.h"
#include "api/office_routes.h"
#include "api/people_routes.h"
#include "api/public_routes.h"
#include "node/edge/access_log.h"
#include "node/people/audited_routes.h"

#include <chrono>

namespace fieldseal::node {
namespace {

constexpr std::size_t kOrdinaryThreads = 16;
constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kBodyBytesMax = 1024 * 1024;  // of what is not an upload

double steady_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

api::Router routes(const Edge::Parts& parts) {
    api::Router router;
    api::add_health_routes(router, parts.office);
    api::add_log_routes(router, parts.log);
    api::add_documentation_routes(router);
    api::add_people_routes(router, parts.gatekeeper, parts.people);
    api::add_office_routes(
        router, {parts.admin, parts.office, parts.log, parts.seals,
                 parts.config.edge.document_mib_max * kMiB, parts.config.edge.uploads_max,
                 parts.config.edge.event_streams_max});
    api::add_metrics_route(router, parts.scrape);
    audit_routes(router, parts.audit);
    return router;
}

}  // namespace

api::ListenAddress to_address(const ListenAddress& listen) {
    return {listen.path, listen.host, listen.port};
}

Edge::Edge(const Parts& parts)
    : news_(parts.news),
      gate_(routes(parts), parts.gatekeeper, parts.config.edge.names, steady_seconds) {}

Result<std::unique_ptr<Edge>> Edge::start(const Parts& parts) {
    std::unique_ptr<Edge> edge(new Edge(parts));
    api::ServerOptions options;
    options.address = to_address(parts.config.edge.listen);
    options.threads = kOrdinaryThreads;
    options.limits.body_bytes_max = kBodyBytesMax;
    options.upload_bytes_max = parts.config.edge.document_mib_max * kMiB;
    options.uploads_max = parts.config.edge.uploads_max;
    options.event_streams_max = parts.config.edge.event_streams_max;
    const api::Router& router = edge->gate_.router();
    options.kind_of = [&router](std::string_view method, std::string_view path) {
        const api::Route* route = router.find(method, path);
        return route == nullptr ? api::RouteKind::ordinary : route->kind;
    };
    options.on_answer = counted(access_log(parts.config.log.format, router), parts.metrics, router);
    edge->server_ =
        FIELDSEAL_TRY(api::HttpServer::start(std::move(options), edge->gate_.handler()));
    return edge;
}

void Edge::stop() {
    news_.close();
    server_->stop();
}

}  // namespace fieldseal::node
