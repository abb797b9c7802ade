// SPDX-License-Identifier: Apache-2.0
// The listener that nginx passes the office's network on to: its routes, and the gate in front of
// them. Every route asks for the permission it names; what nobody granted is denied.
// OWNED BY: the daemon. THREADS: start and stop from one thread.
#pragma once

#include "api/gate.h"
#include "api/office_backend.h"
#include "api/seal_backend.h"
#include "api/server.h"
#include "node/config/config.h"
#include "node/edge/metrics.h"
#include "node/edge/news.h"
#include "node/people/audit_sink.h"

#include <functional>
#include <memory>

namespace fieldseal::node {

class Edge {
public:
    struct Parts {
        const Config& config;
        api::AdminBackend& admin;
        api::OfficeBackend& office;
        api::LogBackend& log;
        api::SealBackend& seals;
        api::Gatekeeper& gatekeeper;
        AuditSink& audit;
        api::PeopleBackend& people;
        News& news;
        Metrics& metrics;
        std::function<Result<std::string>()> scrape;  // the text of /metrics
    };
    // REQUIRES: [edge] listen is set; the parts outlive the edge. Errors: those of the server.
    static Result<std::unique_ptr<Edge>> start(const Parts& parts);

    const api::ListenAddress& address() const { return server_->address(); }
    // Sends the listeners away, lets running requests end. Safe to call twice.
    void stop();

private:
    explicit Edge(const Parts& parts);

    News& news_;
    api::Gate gate_;
    std::unique_ptr<api::HttpServer> server_;
};

// The configuration's address as the server takes it.
api::ListenAddress to_address(const ListenAddress& listen);

}  // namespace fieldseal::node
