// SPDX-License-Identifier: Apache-2.0
// The routes about people, behind the gate, over ports that record what they are told.
#include "api/people_routes.h"

#include "api/conditional.h"
#include "api/gate.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

constexpr std::string_view kPassword = "long enough to be remembered";

Caller person() {
    Caller caller{CallerKind::session, "amina", "", "admin", {}, "csrf", true};
    caller.may.grant(Permission::people_manage);
    caller.may.grant(Permission::audit_read);
    return caller;
}

class RecordingGatekeeper final : public Gatekeeper {
public:
    Result<Caller> caller_of_cookie(std::string_view) override {
        Caller caller = person();
        caller.confirmed = confirmed;
        return caller;
    }
    Result<Caller> watch_cookie(std::string_view cookie) override {
        return caller_of_cookie(cookie);
    }
    Result<Caller> caller_of_token(std::string_view) override {
        Caller caller = person();
        caller.kind = CallerKind::token;
        caller.token_id = "t1";
        caller.csrf.clear();
        return caller;
    }
    Result<Session> log_in(const LogInOrder& order) override {
        last = order;
        if (refuse) return *refuse;
        return Session{"the-cookie", person(), 1800000000};
    }
    Result<Session> pair(const PairingOrder& order) override {
        pairing = order;
        if (refuse) return *refuse;
        return Session{"the-cookie", person(), 1800000000};
    }
    Result<void> log_out(std::string_view cookie, const std::string& remote) override {
        ended = std::string(cookie) + " from " + remote;
        return {};
    }
    Result<void> confirm(std::string_view cookie, const LogInOrder& order) override {
        last = order;
        ended = cookie;
        if (refuse) return *refuse;
        return {};
    }

    bool confirmed = true;
    LogInOrder last;
    PairingOrder pairing;
    std::string ended;
    std::optional<Error> refuse;
};

class RecordingPeople final : public PeopleBackend {
public:
    static json::Value amina() { return json::Value::object({{"name", "amina"}}); }

    Result<json::Value> accounts() override { return json::Value::array({amina()}); }
    Result<json::Value> account(std::string_view name) override {
        if (name != "amina") return Error{Errc::not_found, "there is no such account"};
        return amina();
    }
    Result<json::Value> add_account(const Caller&, const NewAccount& order) override {
        added = order;
        if (order.name == "amina") return Error{Errc::conflict, "the name is taken"};
        return json::Value::object({{"name", order.name}});
    }
    Result<json::Value> change_account(const Caller&, std::string_view,
                                       const AccountChange& change) override {
        changed = change;
        return amina();
    }
    Result<void> change_own_password(const Caller&, const PasswordChange& change) override {
        if (change.old_password != kPassword) return Error{Errc::unauthenticated, "wrong"};
        own_password = change.new_password + " " + change.code;
        return {};
    }
    Result<json::Value> begin_second_factor(const Caller&) override {
        return json::Value::object({{"secret", "BASE32"}, {"uri", "otpauth://totp/x"}});
    }
    Result<void> finish_second_factor(const Caller&, std::string_view code) override {
        if (code != "123456") return Error{Errc::unauthenticated, "wrong"};
        return {};
    }
    Result<json::Value> tokens(const Caller&) override { return json::Value::array(); }
    Result<json::Value> add_token(const Caller&, const NewToken& order) override {
        token = order;
        return json::Value::object({{"id", "t2"}, {"token", "fst_secret"}});
    }
    Result<void> revoke_token(const Caller&, std::string_view id) override {
        if (id != "t2") return Error{Errc::not_found, "there is no such token"};
        return {};
    }
    Result<json::Value> audit(const AuditQuery& query) override {
        asked = query;
        return json::Value::object(
            {{"entries", json::Value::array({json::Value::object({{"seq", 41}})})},
             {"next_before", 41}});
    }

    NewAccount added;
    AccountChange changed;
    std::string own_password;
    NewToken token;
    AuditQuery asked;
};

class PeopleRoutes : public testing::Test {
protected:
    Router routes() {
        Router router;
        add_people_routes(router, gatekeeper_, people_);
        return router;
    }
    Response ask(const std::string& method, const std::string& path, const std::string& body = "") {
        Request request;
        request.method = method;
        request.path = path;
        request.body = body;
        request.query = query_;
        request.headers = headers_;
        request.headers["host"] = "localhost";
        if (!body.empty()) request.headers["content-type"] = "application/json";
        request.remote = "10.0.0.7";
        return gate_.answer(request);
    }
    void be_a_person() {
        headers_ = {{"cookie", "__Host-fieldseal=mine"}, {"x-csrf-token", "csrf"}};
    }
    void be_a_token() { headers_ = {{"authorization", "Bearer fst_x"}}; }
    static std::string header(const Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) return value;
        }
        return "";
    }

    RecordingGatekeeper gatekeeper_;
    RecordingPeople people_;
    std::map<std::string, std::string> headers_;
    std::map<std::string, std::string> query_;
    Gate gate_{routes(), gatekeeper_, {"localhost"}, [] { return 0.0; }};
};

const std::string kLogIn = R"({"account":"amina","password":"long enough to be remembered"})";

TEST_F(PeopleRoutes, LogInSetsACookieThatOnlyTheBrowserSees) {
    const auto response = ask("POST", "/api/v1/session", kLogIn);
    EXPECT_EQ(response.status, 201) << response.body;
    EXPECT_EQ(header(response, "Set-Cookie"),
              "__Host-fieldseal=the-cookie; Path=/; Secure; HttpOnly; SameSite=Strict");
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(response.body.find("the-cookie"), std::string::npos);
    EXPECT_EQ(gatekeeper_.last.account, "amina");
    EXPECT_EQ(gatekeeper_.last.password, kPassword);
    EXPECT_EQ(gatekeeper_.last.remote, "10.0.0.7");
    const auto view = json::parse(response.body);
    EXPECT_EQ(view->find("csrf_token")->as_string(), "csrf");
    EXPECT_EQ(view->find("permissions")->as_array().size(), 3U);
    EXPECT_EQ(view->find("expires_at")->as_integer(), 1800000000);
}

TEST_F(PeopleRoutes, ARefusedLogInSetsNothing) {
    gatekeeper_.refuse = Error{Errc::unauthenticated, "the account, password or code is wrong"};
    auto response = ask("POST", "/api/v1/session", kLogIn);
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(header(response, "Set-Cookie"), "");
    EXPECT_EQ(response.body.find(kPassword), std::string::npos);
    gatekeeper_.refuse = Error{Errc::rate_limited, "wait 30 s"};
    response = ask("POST", "/api/v1/session", kLogIn);
    EXPECT_EQ(response.status, 429);
    EXPECT_NE(header(response, "Retry-After"), "");
}

TEST_F(PeopleRoutes, RefusesBodiesThatAreNotExact) {
    const std::string endless(2000, 'x');
    for (const std::string& body : {std::string("{}"), std::string("[]"), std::string("nonsense"),
                                    std::string(R"({"account":"a","password":7})"),
                                    std::string(R"({"account":"a","password":"p","extra":1})"),
                                    std::string(R"({"account":"a","account":"b","password":"p"})"),
                                    R"({"account":"a","password":")" + endless + "\"}"}) {
        const auto response = ask("POST", "/api/v1/session", body);
        EXPECT_EQ(response.status, 400) << body;
    }
    EXPECT_EQ(ask("POST", "/api/v1/session").status, 400);
}

TEST_F(PeopleRoutes, SaysWhoOneIs) {
    EXPECT_EQ(ask("GET", "/api/v1/session").status, 401);
    be_a_person();
    const auto me = json::parse(ask("GET", "/api/v1/session").body);
    EXPECT_EQ(me->find("kind")->as_string(), "session");
    EXPECT_EQ(me->find("csrf_token")->as_string(), "csrf");
    be_a_token();
    const auto machine = json::parse(ask("GET", "/api/v1/session").body);
    EXPECT_EQ(machine->find("kind")->as_string(), "token");
    EXPECT_EQ(machine->find("csrf_token"), nullptr);
}

TEST_F(PeopleRoutes, LogOutEndsTheSessionAndTakesTheCookieBack) {
    be_a_person();
    const auto response = ask("DELETE", "/api/v1/session");
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(gatekeeper_.ended, "mine from 10.0.0.7");
    EXPECT_NE(header(response, "Set-Cookie").find("Max-Age=0"), std::string::npos);
}

TEST_F(PeopleRoutes, ConfirmsOnlyAsOneself) {
    be_a_person();
    EXPECT_EQ(ask("POST", "/api/v1/session/confirm", R"({"password":"p","code":"1"})").status, 204);
    EXPECT_EQ(gatekeeper_.last.account, "amina");
    EXPECT_EQ(gatekeeper_.last.code, "1");
    EXPECT_EQ(ask("POST", "/api/v1/session/confirm", kLogIn).status, 400);
    gatekeeper_.refuse = Error{Errc::unauthenticated, "wrong"};
    EXPECT_EQ(ask("POST", "/api/v1/session/confirm", R"({"password":"p"})").status, 401);
}

TEST_F(PeopleRoutes, PairsTheFirstPerson) {
    const std::string body = R"({"code":"ABCD","account":"amina","password":"p"})";
    EXPECT_EQ(ask("POST", "/api/v1/pairing", body).status, 201);
    EXPECT_EQ(gatekeeper_.pairing.code, "ABCD");
    gatekeeper_.refuse = Error{Errc::conflict, "there are people already"};
    EXPECT_EQ(ask("POST", "/api/v1/pairing", body).status, 409);
}

TEST_F(PeopleRoutes, ATokenDoesNothingThatIsForAPerson) {
    be_a_token();
    const std::vector<std::array<std::string, 3>> orders = {
        {"DELETE", "/api/v1/session", ""},
        {"POST", "/api/v1/session/confirm", R"({"password":"p"})"},
        {"PUT", "/api/v1/account/password", R"({"old_password":"a","new_password":"b"})"},
        {"POST", "/api/v1/account/second-factor", ""},
        {"PUT", "/api/v1/account/second-factor", R"({"code":"123456"})"},
        {"POST", "/api/v1/tokens", R"({"label":"x","scopes":["verify"]})"},
        {"DELETE", "/api/v1/tokens/t2", ""},
        {"POST", "/api/v1/people", R"({"name":"eve","role":"admin","password":"p"})"},
        {"PATCH", "/api/v1/people/amina", R"({"password":"mine now"})"}};
    for (const auto& [method, path, body] : orders) {
        const auto response = ask(method, path, body);
        EXPECT_EQ(response.status, 403) << method << " " << path;
    }
    EXPECT_TRUE(people_.token.label.empty());
    EXPECT_TRUE(people_.added.name.empty());
    EXPECT_FALSE(people_.changed.password);
}

TEST_F(PeopleRoutes, ChangesTheOwnPassword) {
    be_a_person();
    const auto order = [](std::string_view old_password) {
        return R"({"old_password":")" + std::string(old_password) +
               R"(","new_password":"n","code":"123456"})";
    };
    EXPECT_EQ(ask("PUT", "/api/v1/account/password", order(kPassword)).status, 204);
    EXPECT_EQ(people_.own_password, "n 123456");
    EXPECT_EQ(ask("PUT", "/api/v1/account/password", order("other")).status, 401);
}

TEST_F(PeopleRoutes, ShowsTheSecretOfASecondFactorOnce) {
    be_a_person();
    const auto response = ask("POST", "/api/v1/account/second-factor");
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(ask("PUT", "/api/v1/account/second-factor", R"({"code":"123456"})").status, 204);
    EXPECT_EQ(ask("PUT", "/api/v1/account/second-factor", R"({"code":"000000"})").status, 401);
}

TEST_F(PeopleRoutes, ManagesAccounts) {
    be_a_person();
    const auto list = json::parse(ask("GET", "/api/v1/people").body);
    EXPECT_EQ(list->find("items")->as_array().size(), 1U);
    EXPECT_TRUE(list->find("next")->is_null());
    const auto added =
        ask("POST", "/api/v1/people", R"({"name":"ben","role":"operator","password":"p p p"})");
    EXPECT_EQ(added.status, 201);
    EXPECT_EQ(header(added, "Location"), "/api/v1/people/ben");
    EXPECT_EQ(added.body.find("p p p"), std::string::npos);
    EXPECT_EQ(people_.added.password, "p p p");
    EXPECT_EQ(ask("POST", "/api/v1/people", R"({"name":"amina","role":"operator","password":"p"})")
                  .status,
              409);
    EXPECT_EQ(ask("GET", "/api/v1/people/nobody").status, 404);
}

TEST_F(PeopleRoutes, ChangesAnAccountOnlyAsItWasRead) {
    be_a_person();
    const std::string etag = header(ask("GET", "/api/v1/people/amina"), "ETag");
    headers_["if-none-match"] = etag;
    EXPECT_EQ(ask("GET", "/api/v1/people/amina").status, 304);
    headers_["if-match"] = etag;
    EXPECT_EQ(ask("PATCH", "/api/v1/people/amina", R"({"enabled":false})").status, 200);
    EXPECT_EQ(people_.changed.enabled, false);
    people_.changed = {};
    headers_["if-match"] = strong_etag("older");
    EXPECT_EQ(ask("PATCH", "/api/v1/people/amina", R"({"enabled":true})").status, 412);
    EXPECT_FALSE(people_.changed.enabled);
    headers_.erase("if-match");
    EXPECT_EQ(ask("PATCH", "/api/v1/people/amina", "{}").status, 400);
    EXPECT_EQ(ask("PATCH", "/api/v1/people/amina", R"({"unlock":false})").status, 400);
}

TEST_F(PeopleRoutes, MakesAndRevokesTokens) {
    be_a_person();
    const auto made = ask("POST", "/api/v1/tokens",
                          R"({"label":"records","scopes":["verify"],"expires_at":1800000000})");
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(header(made, "Location"), "/api/v1/tokens/t2");
    EXPECT_EQ(json::parse(made.body)->find("token")->as_string(), "fst_secret");
    EXPECT_EQ(people_.token.scopes, std::vector<std::string>{"verify"});
    EXPECT_EQ(people_.token.expires_at_s, 1800000000);
    EXPECT_EQ(ask("DELETE", "/api/v1/tokens/t2").status, 204);
    EXPECT_EQ(ask("DELETE", "/api/v1/tokens/t3").status, 404);
    for (const char* body : {R"({"label":"x"})", R"({"label":"x","scopes":"verify"})",
                             R"({"label":"x","scopes":["verify"],"expires_at":"soon"})"}) {
        EXPECT_EQ(ask("POST", "/api/v1/tokens", body).status, 400) << body;
    }
}

TEST_F(PeopleRoutes, WhatOutlivesASessionTakesAPersonWhoProvedHimselfLately) {
    be_a_person();
    gatekeeper_.confirmed = false;
    const std::string order = R"({"label":"records","scopes":["verify"]})";
    for (const char* path : {"/api/v1/tokens", "/api/v1/account/second-factor"}) {
        const auto refused = ask("POST", path, path == std::string("/api/v1/tokens") ? order : "");
        EXPECT_EQ(refused.status, 403) << path;
        EXPECT_NE(refused.body.find("confirm-first"), std::string::npos) << path;
    }
    const std::string eve = R"({"name":"eve","role":"operator","password":"p"})";
    EXPECT_NE(ask("POST", "/api/v1/people", eve).body.find("confirm-first"), std::string::npos);
    EXPECT_NE(ask("PATCH", "/api/v1/people/amina", R"({"enabled":false})").body.find("confirm-"),
              std::string::npos);
    EXPECT_TRUE(people_.added.name.empty());
    EXPECT_FALSE(people_.changed.enabled);
    EXPECT_TRUE(people_.token.scopes.empty());
    gatekeeper_.confirmed = true;
    EXPECT_EQ(ask("POST", "/api/v1/tokens", order).status, 201);
}

TEST_F(PeopleRoutes, ReadsTheAuditLogInPages) {
    be_a_person();
    const auto first = ask("GET", "/api/v1/audit");
    const auto page = json::parse(first.body);
    EXPECT_EQ(page->find("items")->as_array().size(), 1U);
    query_ = {{"cursor", page->find("next")->as_string()}, {"limit", "5"}};
    EXPECT_EQ(ask("GET", "/api/v1/audit").status, 200);
    EXPECT_EQ(people_.asked.before, 41U);
    EXPECT_EQ(people_.asked.limit, 5U);
    for (const auto& query : std::vector<std::map<std::string, std::string>>{
             {{"cursor", "41"}}, {{"limit", "0"}}, {{"colour", "red"}}}) {
        query_ = query;
        EXPECT_EQ(ask("GET", "/api/v1/audit").status, 400);
    }
}

}  // namespace
}  // namespace fieldseal::api
