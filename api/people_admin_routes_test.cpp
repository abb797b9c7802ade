// SPDX-License-Identifier: Apache-2.0
// The console's routes about people, over ports that record what they are told.
#include "api/people_admin_routes.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

class RecordingPeople final : public PeopleBackend {
public:
    Result<json::Value> accounts() override {
        return json::Value::array({json::Value::object({{"name", "amina"}})});
    }
    Result<json::Value> account(std::string_view) override { return json::Value::object(); }
    Result<json::Value> add_account(const Caller& caller, const NewAccount& order) override {
        by = caller.account;
        added = order;
        return json::Value::object({{"name", order.name}});
    }
    Result<json::Value> change_account(const Caller& caller, std::string_view,
                                       const AccountChange& change) override {
        by = caller.account;
        changed = change;
        return json::Value::object();
    }
    Result<void> change_own_password(const Caller&, const PasswordChange&) override { return {}; }
    Result<json::Value> begin_second_factor(const Caller&) override {
        return json::Value::object();
    }
    Result<void> finish_second_factor(const Caller&, std::string_view) override { return {}; }
    Result<json::Value> tokens(const Caller&) override { return json::Value::array(); }
    Result<json::Value> add_token(const Caller&, const NewToken&) override {
        return Error{Errc::internal, "the console makes tokens for others"};
    }
    Result<void> revoke_token(const Caller& caller, std::string_view id) override {
        by = caller.account;
        if (id != "t2") return Error{Errc::not_found, "there is no such token"};
        return {};
    }
    Result<json::Value> audit(const AuditQuery&) override { return json::Value::object(); }

    std::string by;
    NewAccount added;
    AccountChange changed;
};

class RecordingConsole final : public ConsoleBackend {
public:
    Result<json::Value> pairing_code(const Caller& caller) override {
        if (paired) return Error{Errc::conflict, "there is an account: an admin adds others"};
        return json::Value::object({{"code", "ABCD-EFGH"}, {"by", caller.account}});
    }
    Result<json::Value> add_token_for(const Caller& caller, std::string_view account,
                                      const NewToken& order) override {
        token = order;
        return json::Value::object(
            {{"id", "t2"}, {"account", account}, {"token", "fst_x"}, {"by", caller.account}});
    }

    bool paired = false;
    NewToken token;
};

class PeopleAdminRoutes : public testing::Test {
protected:
    PeopleAdminRoutes() { add_people_admin_routes(router_, people_, console_); }

    Response send(std::string method, std::string path, std::string body = "") {
        Request request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.body = std::move(body);
        request.caller.kind = CallerKind::session;
        request.caller.account = "local";
        return router_.dispatch(request);
    }

    RecordingPeople people_;
    RecordingConsole console_;
    Router router_;
};

TEST_F(PeopleAdminRoutes, GiveThePairingCodeUntilSomebodyPaired) {
    const Response given = send("POST", "/api/v1/pairing-code");
    EXPECT_EQ(given.status, 201);
    EXPECT_NE(given.body.find("ABCD-EFGH"), std::string::npos);
    EXPECT_NE(given.body.find("local"), std::string::npos);
    console_.paired = true;
    EXPECT_EQ(send("POST", "/api/v1/pairing-code").status, 409);
}

TEST_F(PeopleAdminRoutes, AddAndChangeAccountsInTheNameOfTheConsole) {
    EXPECT_EQ(send("GET", "/api/v1/people").status, 200);
    const Response added =
        send("POST", "/api/v1/people",
             R"({"name":"amina","role":"operator","password":"long enough to keep"})");
    EXPECT_EQ(added.status, 201) << added.body;
    EXPECT_EQ(people_.by, "local");
    EXPECT_EQ(people_.added.role, "operator");
    EXPECT_EQ(send("PATCH", "/api/v1/people/amina", R"({"unlock":true})").status, 200);
    EXPECT_TRUE(people_.changed.unlock);
    EXPECT_EQ(send("PATCH", "/api/v1/people/amina", "{}").status, 400);
}

TEST_F(PeopleAdminRoutes, MakeTokensForAnAccountAndRevokeThem) {
    const Response made = send("POST", "/api/v1/people/amina/tokens",
                               R"({"label":"records","scopes":["statement:create"]})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_NE(made.body.find("fst_x"), std::string::npos);
    EXPECT_NE(made.body.find("amina"), std::string::npos);
    EXPECT_EQ(console_.token.scopes, std::vector<std::string>{"statement:create"});
    EXPECT_EQ(send("POST", "/api/v1/people/amina/tokens", R"({"label":"x"})").status, 400);
    EXPECT_EQ(send("GET", "/api/v1/tokens").status, 200);
    EXPECT_EQ(send("DELETE", "/api/v1/tokens/t2").status, 204);
    EXPECT_EQ(send("DELETE", "/api/v1/tokens/t3").status, 404);
    EXPECT_EQ(send("POST", "/api/v1/tokens", "{}").status, 405);  // whose would it be?
}

}  // namespace
}  // namespace fieldseal::api
