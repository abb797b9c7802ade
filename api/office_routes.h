// SPDX-License-Identifier: Apache-2.0
// Routes of the office's network, under /api/v1, each with the permission it needs (the gate in
// front of the router enforces it). The shapes are in api/openapi/paths/.
//
// Conventions of these routes: pages are {"items", "next"} with an opaque cursor and a Link header;
// whatever makes a statement needs an Idempotency-Key, which is kept as long as the statement.
#pragma once

#include "api/office_backend.h"
#include "api/router.h"
#include "api/seal_backend.h"

#include <chrono>
#include <cstdint>

namespace fieldseal::api {

// Keeps proxies from ending a silent stream, and notices listeners who left.
inline constexpr std::chrono::seconds kHeartbeat{15};

// REQUIRES: the backends outlive the router.
struct OfficeParts {
    AdminBackend& admin;
    OfficeBackend& office;
    LogBackend& log;
    SealBackend& seals;
    std::uint64_t document_bytes_max;                  // of one upload
    std::size_t uploads_max = 16;                      // of all accounts; one gets half
    std::size_t event_streams_max = 32;                // the same
    std::chrono::milliseconds heartbeat = kHeartbeat;  // of an event stream that has nothing to say
};
void add_office_routes(Router& router, const OfficeParts& parts);

// By tag; add_office_routes() adds them all.
void add_office_statements(Router& router, const OfficeParts& parts);
void add_office_documents(Router& router, const OfficeParts& parts);
void add_office_seals(Router& router, const OfficeParts& parts);
void add_office_targets(Router& router, const OfficeParts& parts);
void add_office_node(Router& router, const OfficeParts& parts);
void add_office_events(Router& router, const OfficeParts& parts);

}  // namespace fieldseal::api
