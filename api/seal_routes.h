// SPDX-License-Identifier: Apache-2.0
// The routes about seals and their life: the same on the admin socket and on the office's network
// (api/openapi/paths/seals.json). What nothing leads back from asks a session to prove itself
// again.
#pragma once

#include "api/orders.h"
#include "api/router.h"
#include "api/seal_backend.h"

namespace fieldseal::api {

// `files`: whether orders may name what is on the node's machine (its tokens); then there is also
// GET /api/v1/pkcs11/tokens. REQUIRES: the backend outlives the router.
void add_seal_life_routes(Router& router, SealBackend& seals,
                          LocalFiles files = LocalFiles::refused);

}  // namespace fieldseal::api
