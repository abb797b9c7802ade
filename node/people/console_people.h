// SPDX-License-Identifier: Apache-2.0
// What only the node's console does about people: the first person's code, a machine's token in the
// name of an account. Each is noted in the audit log.
// OWNED BY: the daemon. THREADS: any. DURABLE: the act and its note on return. Errors: those of
// people/people.h; an act that could not be noted says so.
#pragma once

#include "api/people_admin_routes.h"
#include "node/people/audit_sink.h"
#include "people/people.h"

namespace fieldseal::node {

class ConsolePeople final : public api::ConsoleBackend {
public:
    // REQUIRES: both outlive this.
    ConsolePeople(people::People& people, AuditSink& audit) : people_(people), audit_(audit) {}

    Result<json::Value> pairing_code(const api::Caller& by) override;
    Result<json::Value> add_token_for(const api::Caller& by, std::string_view account,
                                      const api::NewToken& order) override;

private:
    Result<void> note(const api::Caller& by, std::string action, std::string subject);

    people::People& people_;
    AuditSink& audit_;
};

}  // namespace fieldseal::node
