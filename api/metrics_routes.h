// SPDX-License-Identifier: Apache-2.0
// What a monitoring system scrapes, in the text format of Prometheus.
#pragma once

#include "api/router.h"
#include "core/result.h"

#include <functional>
#include <string>

namespace fieldseal::api {

// GET /metrics. A scraper has a token with the scope outbox:read. REQUIRES: `scrape` may be called
// on any thread.
void add_metrics_route(Router& router, std::function<Result<std::string>()> scrape);

}  // namespace fieldseal::api
