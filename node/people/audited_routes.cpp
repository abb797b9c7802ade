// SPDX-License-Identifier: Apache-2.0
#include "node/people/audited_routes.h"

#include "api/problem.h"
#include "core/json/json.h"

#include <algorithm>
#include <array>

namespace fieldseal::node {
namespace {

struct Audited {
    std::string_view method;
    std::string_view pattern;
    std::string_view action;
    std::string_view named_by;  // the member of the answer that says what it was about
};

constexpr std::array<Audited, 15> kAudited = {{
    {"POST", "/api/v1/seals/{name}/unlock", "unlock", ""},
    {"POST", "/api/v1/seals/{name}/unlock-last-try", "unlock", ""},
    {"POST", "/api/v1/seals/{name}/lock", "lock", ""},
    {"POST", "/api/v1/seals/{name}/passphrase", "seal-passphrase", ""},
    {"POST", "/api/v1/seals/{name}/recovery-code", "seal-recovery-code", ""},
    {"POST", "/api/v1/seals/{name}/export", "seal-export", ""},
    {"POST", "/api/v1/seals/{name}/test", "seal-test", ""},
    {"POST", "/api/v1/seals/{name}/csr", "seal-csr", ""},
    {"POST", "/api/v1/seals/{name}/certificates", "seal-certificate", ""},
    {"POST", "/api/v1/crls", "crl", ""},
    {"POST", "/api/v1/imported-keys", "seal-import", "seal"},
    {"POST", "/api/v1/targets", "target-add", "name"},
    {"POST", "/api/v1/targets/{name}/test", "target-test", ""},
    {"POST", "/api/v1/hub/logs", "enrol", "origin"},
    {"POST", "/api/v1/sync", "sync", ""},
}};

const Audited* find(const api::Route& route) {
    const auto at = std::find_if(kAudited.begin(), kAudited.end(), [&](const Audited& each) {
        return each.method == route.method && each.pattern == route.pattern;
    });
    return at == kAudited.end() ? nullptr : &*at;
}

std::string member_of(const api::Response& response, std::string_view name) {
    if (name.empty()) return {};
    const auto body = json::parse(response.body);
    const auto* member = body.ok() ? body->find(name) : nullptr;
    return member != nullptr && member->is_string() ? member->as_string() : std::string();
}

std::string outcome_of(const api::Response& response) {
    if (response.status < 300) return "ok";
    if (response.status == 429) return "locked-out";
    return response.status == 401 || response.status == 403 ? "denied" : "failed";
}

std::string actor_of(const api::Caller& caller) {
    if (caller.token_id.empty()) return caller.account;
    return caller.account + " token:" + caller.token_id;
}

AuditNote note_of(const Audited& audited, const api::Request& request, const api::PathValues& at,
                  const api::Response& response) {
    const auto name = at.find("name");
    return {actor_of(request.caller), std::string(audited.action),
            name != at.end() ? name->second : member_of(response, audited.named_by),
            outcome_of(response), request.remote};
}

}  // namespace

api::Caller console_caller() {
    api::Caller caller;
    caller.kind = api::CallerKind::session;
    caller.account = kConsoleActor;
    caller.role = "admin";
    for (std::size_t i = 0; i < api::kPermissions; ++i)
        caller.may.grant(static_cast<api::Permission>(i));
    return caller;
}

void audit_routes(api::Router& router, AuditSink& audit) {
    router.decorate([&audit](const api::Route& route, api::RouteHandler handler) {
        const Audited* audited = find(route);
        if (audited == nullptr) return handler;
        return api::RouteHandler([&audit, audited, handler = std::move(handler)](
                                     const api::Request& request, const api::PathValues& at) {
            api::Response response = handler(request, at);
            auto noted = audit.append(note_of(*audited, request, at, response));
            if (noted.ok()) return response;
            return api::problem(std::move(noted).error().with_context(
                "the order was carried out and the audit log did not take it"));
        });
    });
}

}  // namespace fieldseal::node
