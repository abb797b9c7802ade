// SPDX-License-Identifier: Apache-2.0
// What monitoring and strangers ask of the edge: can the node seal, who is it.
//
// A supervisor asks /livez (api/public_routes.h), which answers as long as the process does.
// /readyz answers 200 when the node can do its work, offline included. A node whose seals are only
// locked is ready too: people unlock it through this very listener, and restarting it would lock it
// again. `held`, `stopped`, `storage-full`, `clock-set-back` and `failed` answer 503. docs/api.md
// has the table.
#pragma once

#include "api/office_backend.h"
#include "api/router.h"

namespace fieldseal::api {

// GET /readyz, /.well-known/fieldseal. REQUIRES: `office` outlives the router.
void add_health_routes(Router& router, OfficeBackend& office);

}  // namespace fieldseal::api
