// SPDX-License-Identifier: Apache-2.0
// One line for each answer of the edge: which request, by whom, to which route, with what outcome.
// Never a path's values, a query, a body or a credential: routes are named by their patterns.
// THREADS: the hook, any.
#pragma once

#include "api/router.h"
#include "api/server.h"
#include "node/config/config.h"

namespace fieldseal::node {

// REQUIRES: `router` outlives the hook.
api::AnswerHook access_log(LogFormat format, const api::Router& router);

// The line itself: one JSON object, or words for people.
struct Access {
    const api::Request& request;
    std::string route;  // the pattern; "-" for what no route takes
    int status = 0;
    std::uint64_t bytes = 0;
    std::int64_t duration_us = 0;
};
std::string access_line(LogFormat format, const Access& access);

}  // namespace fieldseal::node
