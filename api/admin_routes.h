// SPDX-License-Identifier: Apache-2.0
// Routes of the admin Unix socket: the CLI's only way to a running daemon (DESIGN §6).
#pragma once

#include "api/backend.h"
#include "api/router.h"

namespace fieldseal::api {

// REQUIRES: `backend` outlives the router.
void add_admin_routes(Router& router, AdminBackend& backend);

}  // namespace fieldseal::api
