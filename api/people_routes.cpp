// SPDX-License-Identifier: Apache-2.0
#include "api/people_routes.h"

#include "api/answers.h"
#include "api/conditional.h"
#include "api/gate.h"
#include "api/orders.h"
#include "api/paging.h"
#include "api/problem.h"
#include "api/secret_text.h"
#include "core/encoding.h"
#include "core/json/reader.h"

#include <memory>
#include <mutex>

namespace fieldseal::api {
namespace {

constexpr std::size_t kPasswordBytesMax = 1024;
constexpr std::size_t kSecondFactorCodeBytesMax = 16;
constexpr std::size_t kPairingCodeBytesMax = 64;
constexpr std::size_t kRoleBytesMax = 32;
constexpr std::size_t kScopesMax = 16;
constexpr std::string_view kAuditList = "audit";
constexpr std::string_view kCookieRules = "; Path=/; Secure; HttpOnly; SameSite=Strict";

// Parses the body, lets `read` make an order of its members, hands that to `act`, and wipes the
// text in between.
template <class Order, class Read, class Act>
Response with_order(const Request& request, Read read, Act act) {
    auto body = json::parse(request.body);
    if (!body.ok()) return problem(body.error());
    const Wiped wiped(*body);
    auto in = json::Reader(*body).members();
    if (!in.ok()) return problem(in.error());
    Order order;
    const Result<void> done = read(*in, order);
    if (!done.ok()) return problem(done.error());
    if (const auto finished = in->finish(); !finished.ok()) return problem(finished.error());
    return act(order);
}

Response only_for_people(const Request& request) {
    return problem(403, "denied",
                   "only a person who is logged in does this, not the token " +
                       quoted(request.caller.token_id));
}

bool is_person(const Request& request) {
    return request.caller.kind == CallerKind::session;
}

json::Value permissions_view(const Permissions& may) {
    json::Value words = json::Value::array({std::string(to_string(Permission::self))});
    for (std::size_t i = static_cast<std::size_t>(Permission::self) + 1; i < kPermissions; ++i) {
        const auto permission = static_cast<Permission>(i);
        if (may.has(permission)) words.push_back(to_string(permission));
    }
    return words;
}

json::Value caller_view(const Caller& caller) {
    const bool token = caller.kind == CallerKind::token;
    auto view = json::Value::object({{"account", caller.account},
                                     {"role", caller.role},
                                     {"kind", token ? "token" : "session"},
                                     {"permissions", permissions_view(caller.may)},
                                     {"confirmed", token || caller.confirmed}});
    if (token) {
        view.set("token_id", caller.token_id);
    } else {
        view.set("csrf_token", caller.csrf);
    }
    return view;
}

Response logged_in(Result<Session> session) {
    if (!session.ok()) return problem(session.error());
    const Wiped wiped(session->cookie);
    auto view = caller_view(session->caller);
    view.set("expires_at", session->expires_at_s);
    Response response = json_response(201, view);
    response.headers.emplace_back("Set-Cookie", std::string(kSessionCookie) + "=" +
                                                    session->cookie + std::string(kCookieRules));
    return response;
}

struct Credentials : LogInOrder {
    ~Credentials() {
        wipe(password);
        wipe(code);
    }
};

Result<void> read_proof(json::Members& in, Credentials& order) {
    order.password = FIELDSEAL_TRY(in.required_string("password", kPasswordBytesMax));
    order.code = FIELDSEAL_TRY(in.optional_string("code", kSecondFactorCodeBytesMax)).value_or("");
    return {};
}

Response log_in(Gatekeeper& gatekeeper, const Request& request) {
    return with_order<Credentials>(
        request,
        [](json::Members& in, Credentials& order) -> Result<void> {
            order.account = FIELDSEAL_TRY(in.required_string("account", kNameBytesMax));
            return read_proof(in, order);
        },
        [&](Credentials& order) {
            order.remote = request.remote;
            return logged_in(gatekeeper.log_in(order));
        });
}

Response log_out(Gatekeeper& gatekeeper, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    Response response =
        respond(gatekeeper.log_out(session_cookie(request).value_or(""), request.remote));
    if (response.status == 204) {
        response.headers.emplace_back("Set-Cookie", std::string(kSessionCookie) + "=" +
                                                        std::string(kCookieRules) + "; Max-Age=0");
    }
    return response;
}

Response confirm(Gatekeeper& gatekeeper, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    return with_order<Credentials>(request, read_proof, [&](Credentials& order) {
        order.account = request.caller.account;
        order.remote = request.remote;
        return respond(gatekeeper.confirm(session_cookie(request).value_or(""), order));
    });
}

struct Pairing : PairingOrder {
    ~Pairing() {
        wipe(code);
        wipe(password);
    }
};

Response pair(Gatekeeper& gatekeeper, const Request& request) {
    return with_order<Pairing>(
        request,
        [](json::Members& in, Pairing& order) -> Result<void> {
            order.code = FIELDSEAL_TRY(in.required_string("code", kPairingCodeBytesMax));
            order.account = FIELDSEAL_TRY(in.required_string("account", kNameBytesMax));
            order.password = FIELDSEAL_TRY(in.required_string("password", kPasswordBytesMax));
            return {};
        },
        [&](Pairing& order) {
            order.remote = request.remote;
            return logged_in(gatekeeper.pair(order));
        });
}

struct PasswordOrder : PasswordChange {
    ~PasswordOrder() {
        wipe(old_password);
        wipe(code);
        wipe(new_password);
    }
};

Response change_own_password(PeopleBackend& people, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    return with_order<PasswordOrder>(
        request,
        [](json::Members& in, PasswordOrder& order) -> Result<void> {
            order.old_password =
                FIELDSEAL_TRY(in.required_string("old_password", kPasswordBytesMax));
            order.code =
                FIELDSEAL_TRY(in.optional_string("code", kSecondFactorCodeBytesMax)).value_or("");
            order.new_password =
                FIELDSEAL_TRY(in.required_string("new_password", kPasswordBytesMax));
            return {};
        },
        [&](PasswordOrder& order) {
            return respond(people.change_own_password(request.caller, order));
        });
}

Response begin_second_factor(PeopleBackend& people, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    if (!request.caller.confirmed) return confirm_first("enrolling a second factor");
    return respond_once(people.begin_second_factor(request.caller));
}

Response finish_second_factor(PeopleBackend& people, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    const auto code = read_single(request, "code", kSecondFactorCodeBytesMax);
    return code.ok() ? respond(people.finish_second_factor(request.caller, *code))
                     : problem(code.error());
}

Response list_of(const Request& request, Result<json::Value> items) {
    if (!items.ok()) return problem(items.error());
    return page_of(request, items->as_array(), std::nullopt);
}

struct AccountOrder : NewAccount {
    ~AccountOrder() { wipe(password); }
};

// Whoever makes or changes accounts can become anybody: not for tokens, and not for a session that
// somebody else may sit in front of.
std::optional<Response> not_for_managing(const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    if (!request.caller.confirmed) return confirm_first("managing people");
    return std::nullopt;
}

Response add_person(PeopleBackend& people, const Request& request) {
    if (auto refusal = not_for_managing(request)) return std::move(*refusal);
    return with_order<AccountOrder>(
        request,
        [](json::Members& in, AccountOrder& order) -> Result<void> {
            order.name = FIELDSEAL_TRY(in.required_string("name", kNameBytesMax));
            order.role = FIELDSEAL_TRY(in.required_string("role", kRoleBytesMax));
            order.password = FIELDSEAL_TRY(in.required_string("password", kPasswordBytesMax));
            return {};
        },
        [&](AccountOrder& order) {
            Response response = respond(people.add_account(request.caller, order), 201);
            if (response.status == 201)
                response.headers.emplace_back("Location", "/api/v1/people/" + order.name);
            return response;
        });
}

struct ChangeOrder : AccountChange {
    ~ChangeOrder() {
        if (password) wipe(*password);
    }
    bool empty() const {
        return !role && !enabled && !password && !unlock && !forget_second_factor;
    }
};

Result<void> read_change(json::Members& in, ChangeOrder& order) {
    order.role = FIELDSEAL_TRY(in.optional_string("role", kRoleBytesMax));
    order.enabled = FIELDSEAL_TRY(in.optional_bool("enabled"));
    order.password = FIELDSEAL_TRY(in.optional_string("password", kPasswordBytesMax));
    order.unlock = FIELDSEAL_TRY(in.optional_bool("unlock")).value_or(false);
    order.forget_second_factor =
        FIELDSEAL_TRY(in.optional_bool("forget_second_factor")).value_or(false);
    if (order.empty()) {
        return in.error(
            "nothing to change: give role, enabled, password, unlock or forget_second_factor");
    }
    return {};
}

// REQUIRES: no other change meanwhile, or If-Match would be asked of what is no longer there.
Response change_person(PeopleBackend& people, const Request& request, const std::string& name) {
    if (auto refusal = not_for_managing(request)) return std::move(*refusal);
    if (request.header("if-match")) {
        const auto before = people.account(name);
        if (!before.ok()) return problem(before.error());
        const auto etag = strong_etag(json_response(200, *before).body);
        if (auto refusal = check_if_match(request, etag)) return std::move(*refusal);
    }
    return with_order<ChangeOrder>(request, read_change, [&](ChangeOrder& order) {
        Response response = respond(people.change_account(request.caller, name, order));
        if (response.status == 200)
            response.headers.emplace_back("ETag", strong_etag(response.body));
        return response;
    });
}

Result<void> read_token_members(json::Members& in, NewToken& order) {
    order.label = FIELDSEAL_TRY(in.required_string("label", kNameBytesMax));
    for (const auto& scope : FIELDSEAL_TRY(in.required_array("scopes", kScopesMax)))
        order.scopes.push_back(FIELDSEAL_TRY(scope.string(kNameBytesMax)));
    order.expires_at_s = FIELDSEAL_TRY(in.optional_integer("expires_at", 0, json::kIntegerMax));
    return {};
}

// A token seals without a step-up, so making one takes it.
Response add_token(PeopleBackend& people, const Request& request) {
    if (!is_person(request)) return only_for_people(request);
    if (!request.caller.confirmed) return confirm_first("making a token");
    return with_order<NewToken>(request, read_token_members, [&](NewToken& order) {
        auto made = people.add_token(request.caller, order);
        const auto* id = made.ok() ? made->find("id") : nullptr;
        const std::string location =
            id != nullptr && id->is_string() ? "/api/v1/tokens/" + id->as_string() : "";
        Response response = respond_once(std::move(made));
        if (!location.empty()) response.headers.emplace_back("Location", location);
        return response;
    });
}

Response revoke_token(PeopleBackend& people, const Request& request, const std::string& id) {
    if (!is_person(request)) return only_for_people(request);
    return respond(people.revoke_token(request.caller, id));
}

Result<Response> audit_page(const AuditSource& audit, const Request& request) {
    for (const auto& [name, value] : request.query) {
        if (name != "limit" && name != "cursor") return unknown_query_name(name);
    }
    const auto query = FIELDSEAL_TRY(read_page_query(request, kAuditList));
    const auto view = FIELDSEAL_TRY(audit({query.limit, query.position}));
    const auto* entries = view.find("entries");
    const auto* before = view.find("next_before");
    if (entries == nullptr || !entries->is_array()) {
        return Error{Errc::internal, "the audit log answered no entries"};
    }
    std::optional<std::string> next;
    if (before != nullptr && before->is_integer()) {
        next = write_cursor(kAuditList, static_cast<std::uint64_t>(before->as_integer()));
    }
    const auto* damage = view.find("damage");
    if (damage == nullptr) return page_of(request, entries->as_array(), next);
    return page_of(request, entries->as_array(), next, json::Member{"damage", *damage});
}

// A handler that does not look at the path, as the router wants it.
template <class Port>
using Answer = Response (*)(Port&, const Request&);

template <class Port>
void add(Router& router, Route route, Port& port, Answer<Port> answer) {
    router.add(std::move(route), [&port, answer](const Request& request, const PathValues&) {
        return answer(port, request);
    });
}

void add_session_routes(Router& router, Gatekeeper& gatekeeper) {
    add(router, {"POST", "/api/v1/session", Permission::anyone}, gatekeeper, log_in);
    router.add({"GET", "/api/v1/session", Permission::self},
               [](const Request& request, const PathValues&) {
                   return json_response(200, caller_view(request.caller));
               });
    add(router, {"DELETE", "/api/v1/session", Permission::self}, gatekeeper, log_out);
    add(router, {"POST", "/api/v1/session/confirm", Permission::self}, gatekeeper, confirm);
    add(router, {"POST", "/api/v1/pairing", Permission::anyone}, gatekeeper, pair);
}

void add_account_routes(Router& router, PeopleBackend& people) {
    add(router, {"PUT", "/api/v1/account/password", Permission::self}, people, change_own_password);
    add(router, {"POST", "/api/v1/account/second-factor", Permission::self}, people,
        begin_second_factor);
    add(router, {"PUT", "/api/v1/account/second-factor", Permission::self}, people,
        finish_second_factor);
    add(router, {"POST", "/api/v1/tokens", Permission::self}, people, add_token);
}

void add_people_management(Router& router, PeopleBackend& people) {
    const auto manage = Permission::people_manage;
    router.add({"GET", "/api/v1/people", manage}, [&](const Request& request, const PathValues&) {
        return list_of(request, people.accounts());
    });
    add(router, {"POST", "/api/v1/people", manage}, people, add_person);
    router.add({"GET", "/api/v1/people/{name}", manage},
               [&](const Request& request, const PathValues& at) {
                   return with_etag(request, respond(people.account(at.at("name"))));
               });
    router.add({"PATCH", "/api/v1/people/{name}", manage},
               [&, changing = std::make_shared<std::mutex>()](const Request& request,
                                                              const PathValues& at) {
                   const std::lock_guard one_at_a_time(*changing);
                   return change_person(people, request, at.at("name"));
               });
}

void add_token_routes(Router& router, PeopleBackend& people) {
    router.add({"GET", "/api/v1/tokens", Permission::self},
               [&](const Request& request, const PathValues&) {
                   return list_of(request, people.tokens(request.caller));
               });
    router.add({"DELETE", "/api/v1/tokens/{id}", Permission::self},
               [&](const Request& request, const PathValues& at) {
                   return revoke_token(people, request, at.at("id"));
               });
}

}  // namespace

void add_people_routes(Router& router, Gatekeeper& gatekeeper, PeopleBackend& people) {
    add_session_routes(router, gatekeeper);
    add_account_routes(router, people);
    add_management_routes(router, people);
    add_audit_route(router, [&people](const AuditQuery& query) { return people.audit(query); });
}

void add_management_routes(Router& router, PeopleBackend& people) {
    add_people_management(router, people);
    add_token_routes(router, people);
}

void add_audit_route(Router& router, AuditSource audit) {
    router.add({"GET", "/api/v1/audit", Permission::audit_read},
               [audit = std::move(audit)](const Request& request, const PathValues&) {
                   auto page = audit_page(audit, request);
                   return page.ok() ? std::move(*page) : problem(page.error());
               });
}

Response respond_once(Result<json::Value> view) {
    if (!view.ok()) return problem(view.error());
    const Wiped wiped(*view);
    Response response = json_response(201, *view);
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Result<NewToken> read_token_order(const Request& request) {
    const auto body = FIELDSEAL_TRY(json::parse(request.body));
    auto in = FIELDSEAL_TRY(json::Reader(body).members());
    NewToken order;
    FIELDSEAL_TRY(read_token_members(in, order));
    FIELDSEAL_TRY(in.finish());
    return order;
}

}  // namespace fieldseal::api
