// SPDX-License-Identifier: Apache-2.0
// The routes about seals and their life: the same on the admin socket and on the office's network
// (api/openapi/paths/seals.json). What nothing leads back from asks a session to prove itself again.
#pragma once

#include "api/router.h"
#include "api/seal_backend.h"

namespace fieldseal::api {

// REQUIRES: the backend outlives the router.
void add_seal_life_routes(Router& router, SealBackend& seals);

}  // namespace fieldseal::api
