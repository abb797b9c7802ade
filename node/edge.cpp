// SPDX-License-Identifier: Apache-2.0
#include "node/edge.h"

#include "api/health_routes.h"
#include "api/problem.h"
#include "api/public_routes.h"

namespace fieldseal::node {
namespace {

constexpr std::size_t kOrdinaryThreads = 16;
constexpr std::uint64_t kBodyBytesMax = 1024 * 1024;  // of what is not an upload

}  // namespace

api::ListenAddress to_address(const ListenAddress& listen) {
    return {listen.path, listen.host, listen.port};
}

Edge::Edge(const Parts& parts) : parts_(parts) {
    api::add_health_routes(router_, parts.office);
    api::add_log_routes(router_, parts.log);
}

Result<std::unique_ptr<Edge>> Edge::start(const Parts& parts) {
    std::unique_ptr<Edge> edge(new Edge(parts));
    api::ServerOptions options;
    options.address = to_address(parts.config.edge.listen);
    options.threads = kOrdinaryThreads;
    options.limits.body_bytes_max = kBodyBytesMax;
    edge->server_ = FIELDSEAL_TRY(api::HttpServer::start(
        std::move(options),
        [self = edge.get()](const api::Request& request) { return self->answer(request); }));
    return edge;
}

// Nobody is known yet: only what needs no caller is answered.
api::Response Edge::answer(const api::Request& request) const {
    const api::Route* route = router_.find(request.method, request.path);
    if (route != nullptr && route->needs != api::Permission::anyone)
        return api::problem(401, "unauthenticated", "log in, or bring a token");
    return router_.dispatch(request);
}

void Edge::stop() {
    parts_.news.close();
    server_->stop();
}

}  // namespace fieldseal::node
