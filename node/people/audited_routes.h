// SPDX-License-Identifier: Apache-2.0
// Notes in the audit log what orders to the node came to: unlocking and locking seals, targets,
// enrolment, sync. Both listeners say the same. What is about people is
// noted by whoever carries it out, and seals are in the log itself.
// THREADS: any. DURABLE: the note, before the answer is given. Errors: a problem when the order was
// carried out and could not be noted.
#pragma once

#include "api/router.h"
#include "node/people/audit_sink.h"

#include <string>

namespace fieldseal::node {

// The actor of what comes over the admin socket.
inline constexpr std::string_view kConsoleActor = "local";

// Everything is allowed at the console: who may open the socket decides.
api::Caller console_caller();

// Puts the note behind the routes above that the router has; call it after they were added. The
// actor is the request's caller. REQUIRES: `audit` outlives the router.
void audit_routes(api::Router& router, AuditSink& audit);

}  // namespace fieldseal::node
