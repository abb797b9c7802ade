// SPDX-License-Identifier: Apache-2.0
// The whole table, role × operation, of the OpenAPI document: every operation behind the gate,
// asked by nobody, by each role and by tokens with one scope or none. Default deny. The same table
// against a running daemon: tests/integration/authorisation_test.py.
#include "api/api_documents.h"
#include "api/gate.h"
#include "core/json/json.h"

#include <gtest/gtest.h>

#include <set>

namespace fieldseal::api {
namespace {

using Words = std::set<std::string>;

// docs/api.md, "Who may do what".
const Words kOperator = {"self",   "statement:create", "statement:read", "outbox:read",
                         "verify", "node:read",        "anchor:sync"};
const std::map<std::string, Words> kRoles = {
    {"operator", kOperator},
    {"approver",
     {"self", "statement:create", "statement:read", "outbox:read", "verify", "node:read",
      "anchor:sync", "seal:unlock"}},
    {"auditor", {"self", "statement:read", "outbox:read", "node:read", "verify", "audit:read"}},
    {"admin",
     {"self", "people:manage", "target:manage", "seal:manage", "outbox:read", "node:read",
      "audit:read", "anchor:sync"}}};

struct Operation {
    std::string method;
    std::string path;
    std::string needs;
};

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::vector<Operation> operations() {
    const auto document = json::parse(openapi_document(), {.bytes_max = 1024 * 1024});
    EXPECT_TRUE(document.ok()) << document.error().message;
    std::vector<Operation> all;
    for (const auto& path : document->find("paths")->as_object()) {
        for (const auto& item : path.value.as_object()) {
            if (const auto* needs = item.value.find("x-permission"))
                all.push_back({upper(item.name), path.name, needs->as_string()});
        }
    }
    return all;
}

Permissions granted(const Words& words) {
    Permissions may;
    for (const auto& word : words) may.grant(*permission_from_word(word));
    return may;
}

// Everybody whose secret is "fst_" or a cookie of that name.
class Everybody final : public Gatekeeper {
public:
    Result<Caller> caller_of_cookie(std::string_view cookie) override {
        const auto role = kRoles.find(std::string(cookie));
        if (role == kRoles.end()) return Error{Errc::unauthenticated, "unknown"};
        return Caller{CallerKind::session,   role->first, "",  role->first,
                      granted(role->second), "csrf",      true};
    }
    Result<Caller> watch_cookie(std::string_view cookie) override {
        return caller_of_cookie(cookie);
    }
    // A token of an approver with the one scope that its text names.
    Result<Caller> caller_of_token(std::string_view token) override {
        Caller caller{CallerKind::token, "ben", "t", "approver", {}, "", true};
        if (const auto scope = permission_from_word(token.substr(4))) caller.may.grant(*scope);
        return caller;
    }
    Result<Session> log_in(const LogInOrder&) override { return none(); }
    Result<Session> pair(const PairingOrder&) override { return none(); }
    Result<void> log_out(std::string_view, const std::string&) override { return none(); }
    Result<void> confirm(std::string_view, const LogInOrder&) override { return none(); }

private:
    static Error none() { return {Errc::unsupported, "not here"}; }
};

class Authorisation : public testing::Test {
protected:
    static Router routes() {
        Router router;
        for (const auto& operation : operations()) {
            router.add(Route{operation.method, operation.path,
                             *permission_from_word(operation.needs), RouteKind::ordinary},
                       [](const Request&, const PathValues&) { return Response{204, "", "", {}}; });
        }
        return router;
    }
    int ask(const Operation& operation, std::map<std::string, std::string> headers) {
        Request request;
        request.method = operation.method;
        request.path = operation.path;
        request.headers = std::move(headers);
        request.headers["host"] = "localhost";
        now_s_ += 1;  // nobody runs out of requests
        return gate_.answer(request).status;
    }

    Everybody everybody_;
    double now_s_ = 0;
    Gate gate_{routes(), everybody_, {"localhost"}, [this] { return now_s_; }};
};

TEST_F(Authorisation, NobodyIsAnsweredOnlyWhereAnyoneIs) {
    for (const auto& operation : operations()) {
        const int wanted = operation.needs == "anyone" ? 204 : 401;
        EXPECT_EQ(ask(operation, {}), wanted) << operation.method << " " << operation.path;
        EXPECT_EQ(ask(operation, {{"cookie", "__Host-fieldseal=stranger"}}), wanted);
    }
}

TEST_F(Authorisation, EachRoleMayWhatIsGrantedAndNothingElse) {
    for (const auto& [role, may] : kRoles) {
        const std::map<std::string, std::string> headers = {{"cookie", "__Host-fieldseal=" + role},
                                                            {"x-csrf-token", "csrf"}};
        for (const auto& operation : operations()) {
            const bool allowed = operation.needs == "anyone" || may.contains(operation.needs);
            EXPECT_EQ(ask(operation, headers), allowed ? 204 : 403)
                << role << " " << operation.method << " " << operation.path;
        }
    }
}

TEST_F(Authorisation, ATokenMayWhatItsScopesSay) {
    for (const std::string scope : {"none", "statement:create", "statement:read", "people:manage",
                                    "audit:read", "node:read", "verify"}) {
        for (const auto& operation : operations()) {
            const bool allowed = operation.needs == "anyone" || operation.needs == "self" ||
                                 operation.needs == scope;
            EXPECT_EQ(ask(operation, {{"authorization", "Bearer fst_" + scope}}),
                      allowed ? 204 : 403)
                << scope << " " << operation.method << " " << operation.path;
        }
    }
}

TEST_F(Authorisation, AnAdminNeverSealsNorReadsDocumentsNames) {
    const Words& admin = kRoles.at("admin");
    EXPECT_FALSE(admin.contains("statement:create"));
    EXPECT_FALSE(admin.contains("statement:read"));
    EXPECT_FALSE(admin.contains("seal:unlock"));
}

TEST(OpenApi, NamesAPermissionForEveryOperation) {
    const auto all = operations();
    EXPECT_GT(all.size(), 15U);
    std::set<std::string> seen;
    for (const auto& operation : all) {
        EXPECT_TRUE(permission_from_word(operation.needs)) << operation.path;
        EXPECT_TRUE(seen.insert(operation.method + " " + operation.path).second);
    }
}

}  // namespace
}  // namespace fieldseal::api
