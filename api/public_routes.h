// SPDX-License-Identifier: Apache-2.0
// Routes anybody may read: the log's tiles, and on a hub the witness protocol. They carry no
// session: what they serve is public, and add-checkpoint is authenticated by the log's own
// signature. Source: C2SP tlog-tiles v0.1.0, tlog-witness v1.0.0.
#pragma once

#include "api/backend.h"
#include "api/router.h"

namespace fieldseal::api {

// GET /log/checkpoint, /log/tile/…; /livez. REQUIRES: `log` outlives the router.
void add_log_routes(Router& router, LogBackend& log);

// POST /witness/add-checkpoint, GET /witness/<hex>/checkpoint, /witness/proof/<hex>,
// /witness/log/…. REQUIRES: both outlive the router.
void add_witness_routes(Router& router, WitnessBackend& witness, LogBackend& log);

}  // namespace fieldseal::api
