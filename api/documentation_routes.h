// SPDX-License-Identifier: Apache-2.0
// The API's own description: /api/v1/openapi.json, /docs/api, /docs/errors/ and a page for each
// problem code. For anyone; the pages have no scripts.
#pragma once

#include "api/router.h"

namespace fieldseal::api {

void add_documentation_routes(Router& router);

}  // namespace fieldseal::api
