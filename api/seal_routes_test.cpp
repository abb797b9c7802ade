// SPDX-License-Identifier: Apache-2.0
#include "api/seal_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

using testing::HasSubstr;

class ScriptedSeals final : public SealBackend {
public:
    Result<json::Value> seals() override { return json::Value::object(); }
    Result<json::Value> seal(std::string_view name) override { return answer(name); }
    Result<json::Value> create(const Caller& by, const NewSeal& order) override {
        last_by = by.account;
        last_new = order;
        last_secret = order.passphrase;  // it lives no longer than the call
        return answer(order.name);
    }
    Result<json::Value> rotate(const Caller& by, std::string_view old,
                               const NewSeal& order) override {
        last_by = by.account;
        last_name = old;
        last_new = order;
        last_secret = order.passphrase;
        return answer(order.name);
    }
    Result<json::Value> act(const Caller& by, std::string_view name,
                            const SealActionOrder& order) override {
        last_by = by.account;
        last_action = order;
        last_secret = order.pin.value_or("");
        return answer(name);
    }
    Result<json::Value> set(const Caller& by, std::string_view name,
                            const SealSettings& settings) override {
        last_by = by.account;
        last_settings = settings;
        return answer(name);
    }

    std::string last_by;
    std::string last_name;
    std::string last_secret;
    NewSeal last_new;
    SealActionOrder last_action;
    SealSettings last_settings;

private:
    static Result<json::Value> answer(std::string_view name) {
        if (name == "missing") return Error{Errc::not_found, "no such seal"};
        if (name == "over") return Error{Errc::conflict, "that state is for good", "seal-state"};
        return json::Value::object({{"name", name}});
    }
};

class SealRoutes : public testing::Test {
protected:
    SealRoutes() { add_seal_life_routes(router_, seals_); }

    Response ask(const std::string& method, const std::string& path, std::string body = "") {
        Request request;
        request.method = method;
        request.path = "/api/v1/seals" + path;
        request.body = std::move(body);
        request.caller.account = "ada";
        return router_.dispatch(request);
    }

    ScriptedSeals seals_;
    Router router_;
};

TEST_F(SealRoutes, DestroyTakesThePinOfAToken) {
    const auto done = ask("POST", "/stamp/destroy", R"({"reason":"over","passphrase":"987654"})");
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(seals_.last_action.action, SealAction::destroy);
    EXPECT_EQ(seals_.last_action.reason, "over");
    EXPECT_EQ(seals_.last_secret, "987654");
    EXPECT_EQ(ask("POST", "/stamp/destroy").status, 200);
    EXPECT_EQ(seals_.last_secret, "");
    EXPECT_EQ(ask("POST", "/stamp/destroy", R"({"pin":"987654"})").status, 400);
    EXPECT_EQ(ask("POST", "/stamp/retire", R"({"passphrase":"987654"})").status, 400);
}

TEST_F(SealRoutes, MakeASealFromTheBody) {
    const auto made = ask("POST", "",
                          R"({"name":"permits","owner":"Permits desk","suite":"ES256",)"
                          R"("passphrase":"correct horse","activate":true,)"
                          R"("policy":{"media_types":["image/*"],"quota_per_day":7}})");
    EXPECT_EQ(made.status, 201);
    ASSERT_FALSE(made.headers.empty());
    EXPECT_EQ(made.headers.back().second, "/api/v1/seals/permits");
    EXPECT_EQ(seals_.last_by, "ada");
    EXPECT_EQ(seals_.last_new.suite, "ES256");
    EXPECT_EQ(seals_.last_secret, "correct horse");
    EXPECT_TRUE(seals_.last_new.activate);
    EXPECT_EQ(seals_.last_new.settings.owner, "Permits desk");
    EXPECT_EQ(seals_.last_new.settings.policy.media_types->size(), 1U);
    EXPECT_EQ(seals_.last_new.settings.policy.quota_per_day, std::optional(std::optional(7U)));
    EXPECT_FALSE(seals_.last_new.settings.policy.hours.has_value());
}

TEST_F(SealRoutes, RefuseASealThatIsNotWhole) {
    EXPECT_EQ(ask("POST", "", R"({"name":"permits"})").status, 400);
    EXPECT_EQ(ask("POST", "", R"({"passphrase":"correct horse"})").status, 400);
    EXPECT_EQ(ask("POST", "", R"({"name":"a","passphrase":"b","more":1})").status, 400);
    EXPECT_EQ(ask("POST", "", R"({"name":"a","passphrase":"b","policy":{"more":1}})").status, 400);
    EXPECT_EQ(ask("POST", "", "[]").status, 400);
    EXPECT_TRUE(seals_.last_by.empty());
}

TEST_F(SealRoutes, TellNullFromAbsentInAPolicy) {
    EXPECT_EQ(ask("PATCH", "/permits", R"({"policy":{"hours":null,"idle_lock_s":0}})").status, 200);
    const PolicyOrder& policy = seals_.last_settings.policy;
    ASSERT_TRUE(policy.hours.has_value());
    EXPECT_FALSE(policy.hours->has_value());
    EXPECT_EQ(policy.idle_lock_s, std::optional(std::optional(0U)));
    EXPECT_FALSE(policy.quota_per_day.has_value());
    EXPECT_FALSE(seals_.last_settings.owner.has_value());
    EXPECT_EQ(ask("PATCH", "/permits", R"({"policy":{"quota_per_day":"7"}})").status, 400);
    EXPECT_EQ(ask("PATCH", "/missing", "{}").status, 404);
}

TEST_F(SealRoutes, TakeAnActionWithAReasonOrWithout) {
    EXPECT_EQ(ask("POST", "/permits/suspend", R"({"reason":"away"})").status, 200);
    EXPECT_EQ(seals_.last_action.action, SealAction::suspend);
    EXPECT_EQ(seals_.last_action.reason, "away");
    EXPECT_EQ(ask("POST", "/permits/resume").status, 200);
    EXPECT_EQ(seals_.last_action.action, SealAction::resume);
    EXPECT_TRUE(seals_.last_action.reason.empty());
    EXPECT_EQ(ask("POST", "/permits/compromise", R"({"from":1795440000})").status, 200);
    EXPECT_EQ(seals_.last_action.from, 1795440000);
    // Only a compromise has a date.
    EXPECT_EQ(ask("POST", "/permits/retire", R"({"from":1795440000})").status, 400);
    EXPECT_EQ(ask("POST", "/permits/explode").status, 404);
}

TEST_F(SealRoutes, AnswerWithTheProblemOfItsOwn) {
    const auto refused = ask("POST", "/over/activate");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("/docs/errors/seal-state"));
}

TEST_F(SealRoutes, AskForAConfirmationWhereNothingLeadsBack) {
    for (const Route& route : router_.routes()) {
        const bool wanted =
            route.pattern.ends_with("/rotate") || route.pattern.ends_with("/retire") ||
            route.pattern.ends_with("/compromise") || route.pattern.ends_with("/destroy");
        EXPECT_EQ(route.confirm, wanted) << route.pattern;
        const bool reads = route.method == "GET";
        EXPECT_EQ(route.needs, reads ? Permission::node_read : Permission::seal_manage)
            << route.pattern;
    }
}

}  // namespace
}  // namespace fieldseal::api
