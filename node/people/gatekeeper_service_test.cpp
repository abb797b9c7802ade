// SPDX-License-Identifier: Apache-2.0
#include "node/people/gatekeeper_service.h"

#include "core/encoding.h"
#include "node/people/audit_book.h"
#include "node/people/people_rows.h"
#include "people/role.h"
#include "tests/support/in_process_node.h"
#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fieldseal::node {
namespace {

using people::kTestPassword;
using people::Role;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kOtherPassword = "nine green birds";

class NotedAudit final : public AuditSink {
public:
    Result<void> append(const AuditNote& note) override {
        if (failing) return Error{Errc::io, "the disk is gone"};
        notes.push_back(note.actor + " " + note.action + " [" + note.subject + "] " + note.outcome +
                        " " + note.remote);
        return {};
    }
    std::vector<std::string> notes;
    bool failing = false;
};

class HandClock final : public Clock {
public:
    explicit HandClock(const people::TestPeople& people) : people_(people) {}
    std::int64_t now_s() const override { return people_.wall_s; }
    std::int64_t now_ms() const override { return people_.wall_s * 1000; }
    std::int64_t boot_s() const override { return people_.wall_s; }

protected:
    ClockDiscipline discipline() const override { return {true, std::nullopt}; }

private:
    const people::TestPeople& people_;
};

struct GatekeeperServiceTest : ::testing::Test {
    people::TestPeople people;
    NotedAudit audit;
    HandClock clock{people};
    GatekeeperService service{{*people.people, audit, clock, [](const api::AuditQuery& query) {
                                   return Result<json::Value>(json::Value(query.limit));
                               }}};

    api::Session session_of(std::string_view name, Role role) {
        people.add(name, role);
        return service.log_in({std::string(name), std::string(kTestPassword), "", "10.0.0.7"})
            .value();
    }
    api::Caller caller(std::string_view name, Role role) { return session_of(name, role).caller; }
};

TEST(PeopleAndApi, SpeakOfTheSameRights) {
    for (const std::string_view right : people::all_rights()) {
        const auto permission = api::permission_from_word(right);
        ASSERT_TRUE(permission) << right;
        EXPECT_NE(*permission, api::Permission::anyone);
        EXPECT_NE(*permission, api::Permission::self);
    }
    EXPECT_EQ(people::all_rights().size() + 2, api::kPermissions);
}

TEST_F(GatekeeperServiceTest, ACallerHasTheRightsOfHisRoleAndNoOther) {
    const std::pair<std::string_view, Role> everybody[] = {{"op", Role::operator_},
                                                           {"ap", Role::approver},
                                                           {"au", Role::auditor},
                                                           {"ad", Role::admin}};
    for (const auto& [name, role] : everybody) {
        const auto session = session_of(name, role);
        const auto caller = service.caller_of_cookie(session.cookie).value();
        EXPECT_EQ(caller.kind, api::CallerKind::session);
        EXPECT_EQ(caller.role, to_string(role));
        EXPECT_TRUE(caller.may.has(api::Permission::self));
        for (std::size_t i = 2; i < api::kPermissions; ++i) {
            const auto permission = static_cast<api::Permission>(i);
            EXPECT_EQ(caller.may.has(permission), has_right(role, to_string(permission)))
                << name << " × " << to_string(permission);
        }
    }
}

TEST_F(GatekeeperServiceTest, NobodyIsNoCaller) {
    EXPECT_EQ(service.caller_of_cookie("").error().code, Errc::unauthenticated);
    EXPECT_EQ(service.caller_of_token("fst_x").error().code, Errc::unauthenticated);
    EXPECT_EQ(service.log_out("", "").error().code, Errc::unauthenticated);
}

TEST_F(GatekeeperServiceTest, LogInConfirmAndLogOutAreNotedWithTheirPlace) {
    const auto session = session_of("anna", Role::approver);
    const auto order = api::LogInOrder{"anna", std::string(kTestPassword), "", "10.0.0.8"};
    ASSERT_TRUE(service.confirm(session.cookie, order).ok());
    ASSERT_TRUE(service.log_out(session.cookie, "192.0.2.7").ok());
    EXPECT_THAT(audit.notes,
                ElementsAre("anna log-in [anna] ok 10.0.0.7", "anna confirm [anna] ok 10.0.0.8",
                            "anna log-out [anna] ok 192.0.2.7"));
}

TEST_F(GatekeeperServiceTest, RefusedLogInsAreNotedWithoutWhatMayBeAPassword) {
    people.add("anna", Role::auditor);
    for (const std::string_view name : {"anna", "sevenbrownfoxes"}) {
        EXPECT_EQ(service.log_in({std::string(name), "wrong", "", "10.0.0.9"}).error().code,
                  Errc::unauthenticated);
    }
    EXPECT_THAT(audit.notes,
                ElementsAre(" log-in [anna] failed 10.0.0.9", " log-in [] failed 10.0.0.9"));
}

TEST_F(GatekeeperServiceTest, AFloodOfRefusalsFillsNoDisk) {
    for (std::uint32_t i = 0; i < kRefusalsNoted + 25; ++i) {
        EXPECT_FALSE(service.log_in({"guess" + std::to_string(i), "wrong", "", ""}).ok());
    }
    EXPECT_EQ(audit.notes.size(), kRefusalsNoted);
    people.advance(kRefusalWindowS);
    EXPECT_FALSE(service.log_in({"guess", "wrong", "", ""}).ok());
    ASSERT_EQ(audit.notes.size(), kRefusalsNoted + 2);
    EXPECT_EQ(audit.notes[kRefusalsNoted], " log-in [25 more] failed ");
}

TEST_F(GatekeeperServiceTest, ALockoutIsNotedAsOne) {
    people.add("anna", Role::auditor);
    for (std::int64_t i = 0; i < people.options.attempts_max; ++i) {
        EXPECT_FALSE(service.log_in({"anna", "wrong", "", ""}).ok());
    }
    people.advance(kRefusalWindowS);
    EXPECT_EQ(service.log_in({"anna", "wrong", "", ""}).error().code, Errc::unauthenticated);
    EXPECT_EQ(service.log_in({"anna", "wrong", "", ""}).error().code, Errc::rate_limited);
    EXPECT_EQ(audit.notes.back(), " log-in [anna] locked-out ");
}

TEST_F(GatekeeperServiceTest, ALogInThatCannotBeNotedOpensNothing) {
    people.add("anna", Role::auditor);
    audit.failing = true;
    const auto refused = service.log_in({"anna", std::string(kTestPassword), "", ""});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::io);
    EXPECT_THAT(refused.error().message, HasSubstr("audit log"));
}

TEST_F(GatekeeperServiceTest, TheFirstPersonIsPairedByACodeAndNotedWithoutIt) {
    const std::string code = people->make_pairing_code().value();
    EXPECT_FALSE(service.pair({"0000", "root", std::string(kTestPassword), "10.0.0.7"}).ok());
    const auto session = service.pair({code, "root", std::string(kTestPassword), "10.0.0.7"});
    ASSERT_TRUE(session.ok());
    EXPECT_TRUE(session->caller.may.has(api::Permission::people_manage));
    EXPECT_FALSE(session->caller.may.has(api::Permission::statement_create));
    EXPECT_EQ(people->make_pairing_code().error().code, Errc::conflict);
    EXPECT_THAT(audit.notes,
                ElementsAre(" pair [] failed 10.0.0.7", "root pair [root] ok 10.0.0.7"));
}

TEST_F(GatekeeperServiceTest, AccountsAreMadeAndChangedAndTheAuditSaysByWhom) {
    api::Caller root = caller("root", Role::admin);
    root.remote = "10.0.0.7";
    audit.notes.clear();
    const auto made =
        service.add_account(root, {"anna", "operator", std::string(kTestPassword)}).value();
    EXPECT_EQ(made.find("role")->as_string(), "operator");
    EXPECT_EQ(made.find("second_factor")->as_bool(), false);
    EXPECT_EQ(made.find("locked_out")->as_bool(), false);
    const auto changed = service
                             .change_account(root, "anna",
                                             {.role = "auditor",
                                              .enabled = false,
                                              .password = std::string(kOtherPassword),
                                              .unlock = true,
                                              .forget_second_factor = true})
                             .value();
    EXPECT_EQ(changed.find("enabled")->as_bool(), false);
    EXPECT_EQ(
        service.change_account(root, "root", {.role = "auditor", .enabled = {}, .password = {}})
            .error()
            .code,
        Errc::conflict);
    EXPECT_THAT(audit.notes,
                ElementsAre("root add-account [anna role=operator] ok 10.0.0.7",
                            "root change-account [anna role=auditor disabled password unlocked "
                            "second-factor-forgotten] ok 10.0.0.7",
                            "root change-account [root role=auditor] denied 10.0.0.7"));
    EXPECT_EQ(service.accounts()->as_array().size(), 2U);
    EXPECT_EQ(service.account("anna").value(), changed);
}

TEST_F(GatekeeperServiceTest, ABadOrderChangesAndNotesNothing) {
    const api::Caller root = caller("root", Role::admin);
    audit.notes.clear();
    EXPECT_EQ(service.add_account(root, {"anna", "god", std::string(kTestPassword)}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(service.add_account(root, {"anna", "operator", "short"}).error().code,
              Errc::invalid_argument);
    api::AccountChange change;
    change.role = "god";
    EXPECT_FALSE(service.change_account(root, "root", change).ok());
    change.role = "auditor";
    EXPECT_EQ(service.change_account(root, "nobody", change).error().code, Errc::not_found);
    EXPECT_THAT(audit.notes, IsEmpty());
}

TEST_F(GatekeeperServiceTest, OnesOwnPasswordIsChangedAndGuessingTheOldOneIsNoted) {
    const api::Caller anna = caller("anna", Role::operator_);
    audit.notes.clear();
    EXPECT_EQ(
        service.change_own_password(anna, {std::string("wrong"), "", std::string(kOtherPassword)})
            .error()
            .code,
        Errc::denied);
    EXPECT_TRUE(service
                    .change_own_password(
                        anna, {std::string(kTestPassword), "", std::string(kOtherPassword)})
                    .ok());
    EXPECT_THAT(audit.notes, ElementsAre("anna change-password [anna] failed ",
                                         "anna change-password [anna] ok "));
}

TEST_F(GatekeeperServiceTest, ATokenCannotDoWhatIsForThePerson) {
    const api::Caller anna = caller("anna", Role::operator_);
    const auto made = service.add_token(anna, {"scanner", {"verify"}, std::nullopt}).value();
    const api::Caller token = service.caller_of_token(made.find("token")->as_string()).value();
    EXPECT_EQ(token.kind, api::CallerKind::token);
    EXPECT_TRUE(token.may.has(api::Permission::verify));
    EXPECT_FALSE(token.may.has(api::Permission::statement_create));
    EXPECT_EQ(service.add_token(token, {"more", {"statement:create"}, {}}).error().code,
              Errc::denied);
    EXPECT_EQ(service.revoke_token(token, token.token_id).error().code, Errc::denied);
    EXPECT_EQ(service
                  .change_own_password(
                      token, {std::string(kTestPassword), "", std::string(kOtherPassword)})
                  .error()
                  .code,
              Errc::denied);
    EXPECT_EQ(service.begin_second_factor(token).error().code, Errc::denied);
    EXPECT_EQ(service.finish_second_factor(token, "123456").error().code, Errc::denied);
}

TEST_F(GatekeeperServiceTest, TokensAreSeenAndRevokedByTheirOwnerAndByAdmins) {
    const api::Caller anna = caller("anna", Role::operator_);
    const api::Caller ben = caller("ben", Role::operator_);
    const api::Caller root = caller("root", Role::admin);
    const auto made = service.add_token(anna, {"scanner", {"verify"}, std::nullopt}).value();
    const std::string id = made.find("id")->as_string();
    const std::string text = made.find("token")->as_string();
    EXPECT_EQ(service.tokens(anna)->as_array().size(), 1U);
    EXPECT_EQ(service.tokens(root)->as_array().size(), 1U);
    EXPECT_TRUE(service.tokens(ben)->as_array().empty());
    EXPECT_EQ(service.tokens(anna)->as_array()[0].find("token"), nullptr);
    EXPECT_EQ(service.revoke_token(ben, id).error().code, Errc::not_found);
    EXPECT_TRUE(service.caller_of_token(text).ok());
    EXPECT_TRUE(service.revoke_token(root, id).ok());
    EXPECT_FALSE(service.caller_of_token(text).ok());
    EXPECT_EQ(audit.notes.back(), "root revoke-token [" + id + " of anna] ok ");
}

TEST_F(GatekeeperServiceTest, NoSecretStandsInANoteOrAnError) {
    const auto session = session_of("anna", Role::operator_);
    const auto made =
        service.add_token(session.caller, {"scanner", {"verify"}, std::nullopt}).value();
    const auto begun = service.begin_second_factor(session.caller).value();
    const std::string secrets[] = {std::string(kTestPassword), session.cookie, session.caller.csrf,
                                   made.find("token")->as_string(),
                                   begun.find("secret")->as_string()};
    std::vector<std::string> said = audit.notes;
    said.push_back(service.log_in({"anna", "wrong", secrets[0], ""}).error().message);
    said.push_back(service.log_in({secrets[0], "wrong", "", ""}).error().message);
    said.push_back(service.caller_of_token(secrets[3] + "x").error().message);
    said.push_back(service.caller_of_cookie(secrets[3]).error().message);
    said.push_back(service.finish_second_factor(session.caller, secrets[0]).error().message);
    for (const std::string& text : said) {
        for (const std::string& secret : secrets) {
            EXPECT_EQ(text.find(secret), std::string::npos) << text;
        }
    }
}

TEST_F(GatekeeperServiceTest, TheAuditIsReadThroughItsPort) {
    EXPECT_EQ(service.audit({.limit = 7, .before = {}}).value(), json::Value(7));
}

// Over the real rows and the real audit log: what a restart keeps, and what it ends.
TEST(PeopleInTheStore, AccountsAndTokensSurviveARestartAndSessionsDoNot) {
    fieldseal::testing::InProcessNode node;
    std::string cookie;
    std::string token;
    for (const bool first : {true, false}) {
        if (!first) {
            node.close();
            node.open();
        }
        PeopleRows rows(*node.store, *node.sequencer);
        const auto key = to_digest(node.keys.keystore->derived_key("people")->view()).value();
        const auto people =
            people::People::open(rows, key, people_clocks(node.clock), {.cost = people::kCheapCost})
                .value();
        GatekeeperService service(
            {*people, *node.audit, node.clock,
             [&node](const api::AuditQuery& query) { return node.audit->page(query); }});
        if (first) {
            const std::string code = people->make_pairing_code().value();
            const auto session =
                service.pair({code, "root", std::string(kTestPassword), "10.0.0.7"}).value();
            cookie = session.cookie;
            const auto made = service.add_token(session.caller, {"scanner", {"node:read"}, {}});
            ASSERT_TRUE(made.ok()) << made.error().message;
            token = made->find("token")->as_string();
            EXPECT_TRUE(service.caller_of_cookie(cookie).ok());
        } else {
            EXPECT_FALSE(service.caller_of_cookie(cookie).ok());
            EXPECT_EQ(service.caller_of_token(token)->account, "root");
            EXPECT_TRUE(service.log_in({"root", std::string(kTestPassword), "", ""}).ok());
            EXPECT_EQ(people->make_pairing_code().error().code, Errc::conflict);
            const auto page = service.audit({}).value();
            EXPECT_EQ(page.find("entries")->as_array().size(), 3U);
        }
    }
}

TEST(PeopleOptions, ComeFromTheConfiguration) {
    Config::People config;
    config.session_idle_s = 61;
    config.session_max_s = 301;
    config.confirm_s = 7;
    config.attempts_max = 4;
    config.password_chars_min = 20;
    const people::Options options = people_options(config);
    EXPECT_EQ(options.sessions.idle_s, 61);
    EXPECT_EQ(options.sessions.max_s, 301);
    EXPECT_EQ(options.confirm_s, 7);
    EXPECT_EQ(options.attempts_max, 4);
    EXPECT_EQ(options.password_chars_min, 20U);
}

}  // namespace
}  // namespace fieldseal::node
