// SPDX-License-Identifier: Apache-2.0
// Accounts, tokens, and that a change of either counts at once.
#include "people/people.h"

#include "people/pairing.h"
#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace fieldseal::people {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kOtherPassword = "nine green birds";

NewToken token_for(std::vector<std::string> scopes) {
    return {"scanner", std::move(scopes), std::nullopt};
}

TEST(Accounts, AreAddedOnceWithAGoodNameAndPassword) {
    TestPeople node;
    const auto added = node->add_account({"anna", Role::auditor, kTestPassword}).value();
    EXPECT_EQ(added.name, "anna");
    EXPECT_EQ(added.created_at_s, kTestNowS);
    EXPECT_EQ(node->add_account({"anna", Role::admin, kTestPassword}).error().code, Errc::conflict);
    EXPECT_EQ(node->add_account({"Ben", Role::admin, kTestPassword}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(node->add_account({"ben", Role::admin, "short"}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(node->accounts()->size(), 1U);
    EXPECT_EQ(node->account("ben").error().code, Errc::not_found);
    EXPECT_EQ(node->account("../anna").error().code, Errc::not_found);
}

TEST(Accounts, NoPasswordStandsInTheRows) {
    TestPeople node;
    node.add("anna", Role::auditor);
    const auto rows = node.rows.list("", "", 100).value();
    for (const Row& row : rows) {
        EXPECT_EQ(as_text(row.value).find(kTestPassword), std::string_view::npos) << row.key;
    }
}

TEST(Accounts, AreBounded) {
    TestPeople node;
    node.add("anna", Role::auditor);
    const Bytes row = node.rows.get("account/anna").value().value();
    Account account = decode_account(row).value();
    for (std::size_t i = 1; i < kAccountsMax; ++i) {
        account.name = "a" + std::to_string(i);
        ASSERT_TRUE(node.rows.put(account_key(account.name), encode_account(account)).ok());
    }
    EXPECT_EQ(node->add_account({"ben", Role::auditor, kTestPassword}).error().code,
              Errc::exhausted);
    EXPECT_EQ(node->accounts()->size(), kAccountsMax);
}

TEST(Accounts, ADamagedOrMisplacedRowIsSaid) {
    TestPeople node;
    node.add("anna", Role::auditor);
    ASSERT_TRUE(node.rows.put("account/ben", node.rows.get("account/anna").value().value()).ok());
    EXPECT_EQ(node.log_in("ben").error().code, Errc::corrupt);
    ASSERT_TRUE(node.rows.put("account/anna", Bytes{0xff}).ok());
    EXPECT_EQ(node.log_in("anna").error().code, Errc::corrupt);
}

TEST(Accounts, ADisabledOneLosesSessionsAndTokensAtOnceAndForGood) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto session = node.log_in("anna").value();
    const auto made = node->add_token("anna", token_for({"verify"})).value();
    ASSERT_TRUE(node->by_token(made.text).ok());

    node->change_account("anna", {.enabled = false}).value();
    EXPECT_EQ(node->by_cookie(session.cookie).error().code, Errc::unauthenticated);
    EXPECT_EQ(node->by_token(made.text).error().code, Errc::unauthenticated);
    EXPECT_EQ(node.log_in("anna").error().code, Errc::unauthenticated);

    node->change_account("anna", {.enabled = true}).value();
    EXPECT_FALSE(node->by_cookie(session.cookie).ok());
    EXPECT_FALSE(node->by_token(made.text).ok());
    EXPECT_TRUE(node.log_in("anna").ok());
}

TEST(Accounts, ACrashWhileDisablingBringsNoTokenBackLater) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto made = node->add_token("anna", token_for({"verify"})).value();
    // The account's row is written, the tokens' are not erased yet.
    Account account = decode_account(node.rows.get("account/anna").value().value()).value();
    account.enabled = false;
    ASSERT_TRUE(node.rows.put("account/anna", encode_account(account)).ok());
    node.restart();
    EXPECT_FALSE(node->by_token(made.text).ok());
    node->change_account("anna", {.enabled = true}).value();
    EXPECT_FALSE(node->by_token(made.text).ok());
}

TEST(Accounts, AChangedRoleCountsFromTheNextRequestOn) {
    TestPeople node;
    node.add("anna", Role::approver);
    const auto session = node.log_in("anna").value();
    node->change_account("anna", {.role = Role::auditor}).value();
    const auto who = node->by_cookie(session.cookie).value();
    EXPECT_EQ(who.role, Role::auditor);
    EXPECT_THAT(who.rights, testing::Not(Contains("seal:unlock")));
    EXPECT_THAT(who.rights, Contains("audit:read"));
}

TEST(Accounts, TheLastAdminStaysOne) {
    TestPeople node;
    node.add("root", Role::admin);
    for (const AccountChange& change :
         {AccountChange{.role = Role::operator_}, AccountChange{.enabled = false}}) {
        const auto refused = node->change_account("root", change);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code, Errc::conflict);
        EXPECT_THAT(refused.error().message, HasSubstr("last admin"));
    }
    node.add("second", Role::admin);
    EXPECT_TRUE(node->change_account("root", {.enabled = false}).ok());
    // A disabled admin is no admin.
    EXPECT_FALSE(node->change_account("second", {.role = Role::auditor}).ok());
    EXPECT_TRUE(node->change_account("root", {.role = Role::auditor}).ok());
}

TEST(Accounts, APasswordSetByAnAdminEndsTheSessions) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto session = node.log_in("anna").value();
    EXPECT_EQ(node->change_account("anna", {.password = "short"}).error().code,
              Errc::invalid_argument);
    EXPECT_TRUE(node->by_cookie(session.cookie).ok());
    node->change_account("anna", {.password = kOtherPassword}).value();
    EXPECT_FALSE(node->by_cookie(session.cookie).ok());
    EXPECT_FALSE(node.log_in("anna").ok());
    EXPECT_TRUE(node.log_in("anna", kOtherPassword).ok());
    EXPECT_EQ(node->change_account("nobody", {.unlock = true}).error().code, Errc::not_found);
}

TEST(OwnPassword, NeedsTheOldOneAndEndsTheOtherSessions) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto mine = node.log_in("anna").value();
    const auto other = node.log_in("anna").value();
    const auto wrong =
        node->change_own_password(mine.who, {"not the password", "", kOtherPassword});
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, Errc::denied);
    EXPECT_FALSE(node->change_own_password(mine.who, {kTestPassword, "", "short"}).ok());
    EXPECT_TRUE(node->by_cookie(other.cookie).ok());

    ASSERT_TRUE(node->change_own_password(mine.who, {kTestPassword, "", kOtherPassword}).ok());
    EXPECT_TRUE(node->by_cookie(mine.cookie).ok());
    EXPECT_FALSE(node->by_cookie(other.cookie).ok());
    EXPECT_FALSE(node.log_in("anna", kTestPassword).ok());
    EXPECT_TRUE(node.log_in("anna", kOtherPassword).ok());
}

TEST(OwnPassword, GuessingTheOldOneMeetsTheLockout) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::operator_);
    const auto mine = node.log_in("anna").value();
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(
            node->change_own_password(mine.who, {"not the password", "", kOtherPassword}).ok());
    }
    EXPECT_EQ(node->change_own_password(mine.who, {kTestPassword, "", kOtherPassword}).error().code,
              Errc::rate_limited);
}

TEST(Tokens, MayDoWhatTheirScopesSay) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto made = node->add_token("anna", token_for({"verify", "statement:create"})).value();
    const auto who = node->by_token(made.text).value();
    EXPECT_EQ(who.account, "anna");
    EXPECT_EQ(who.token_id, made.token.id);
    EXPECT_THAT(who.rights, testing::UnorderedElementsAre("verify", "statement:create"));
    EXPECT_TRUE(who.csrf.empty());
    EXPECT_TRUE(who.confirmed);
}

TEST(Tokens, AreNeverStrongerThanTheRoleOfWhoMakesThem) {
    TestPeople node;
    const std::pair<std::string_view, Role> people[] = {{"op", Role::operator_},
                                                        {"ap", Role::approver},
                                                        {"au", Role::auditor},
                                                        {"ad", Role::admin}};
    for (const auto& [name, role] : people) {
        node.add(name, role);
        for (const std::string_view right : all_rights()) {
            const auto made = node->add_token(name, token_for({std::string(right)}));
            EXPECT_EQ(made.ok(), has_right(role, right)) << name << " × " << right;
            if (made.ok()) continue;
            EXPECT_EQ(made.error().code, Errc::invalid_argument);
        }
    }
}

TEST(Tokens, ShrinkWhenTheRoleDoesAndGrowNoFurtherThanTheirScopes) {
    TestPeople node;
    node.add("root", Role::admin);
    node.add("anna", Role::approver);
    const auto made = node->add_token("anna", token_for({"seal:unlock", "statement:read"})).value();
    node->change_account("anna", {.role = Role::auditor}).value();
    EXPECT_THAT(node->by_token(made.text)->rights, ElementsAre("statement:read"));
    node->change_account("anna", {.role = Role::admin}).value();
    EXPECT_THAT(node->by_token(made.text)->rights, IsEmpty());
    node->change_account("anna", {.role = Role::operator_}).value();
    EXPECT_THAT(node->by_token(made.text)->rights, ElementsAre("statement:read"));
}

TEST(Tokens, ARevokedExpiredOrChangedOneIsRefused) {
    TestPeople node;
    node.add("anna", Role::operator_);
    node.add("ben", Role::operator_);
    const auto made = node->add_token("anna", token_for({"verify"})).value();
    std::string changed = made.text;
    changed.back() = changed.back() == 'A' ? 'B' : 'A';
    for (const std::string& text : {std::string(), changed, made.text + "A", made.token.id}) {
        EXPECT_EQ(node->by_token(text).error().code, Errc::unauthenticated) << text;
    }
    EXPECT_EQ(node->revoke_token(made.token.id, "ben").error().code, Errc::not_found);
    EXPECT_EQ(node->revoke_token("../account/anna", std::nullopt).error().code, Errc::not_found);
    EXPECT_TRUE(node->by_token(made.text).ok());
    EXPECT_EQ(node->revoke_token(made.token.id, "anna").value(), made.token);
    EXPECT_FALSE(node->by_token(made.text).ok());
    EXPECT_EQ(node->revoke_token(made.token.id, "anna").error().code, Errc::not_found);

    NewToken order = token_for({"verify"});
    order.expires_at_s = kTestNowS + 60;
    const auto brief = node->add_token("anna", order).value();
    EXPECT_TRUE(node->by_token(brief.text).ok());
    node.advance(60);
    EXPECT_FALSE(node->by_token(brief.text).ok());
}

TEST(Tokens, AreStoredAsAHashAndFoundByANewProcess) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto made = node->add_token("anna", token_for({"verify"})).value();
    const auto rows = node.rows.list("", "", 100).value();
    for (const Row& row : rows) {
        EXPECT_EQ(as_text(row.value).find(made.text.substr(4, 20)), std::string_view::npos);
        EXPECT_EQ(row.key.find(made.text.substr(4, 20)), std::string::npos);
    }
    node.restart();
    EXPECT_TRUE(node->by_token(made.text).ok());
}

TEST(Tokens, AreListedByAccountAndBounded) {
    TestPeople node;
    node.add("anna", Role::operator_);
    node.add("ben", Role::operator_);
    for (std::size_t i = 0; i < kTokensPerAccountMax; ++i) {
        ASSERT_TRUE(node->add_token("anna", token_for({"verify"})).ok());
    }
    EXPECT_EQ(node->add_token("anna", token_for({"verify"})).error().code, Errc::exhausted);
    EXPECT_TRUE(node->add_token("ben", token_for({"verify"})).ok());
    EXPECT_EQ(node->tokens("anna")->size(), kTokensPerAccountMax);
    EXPECT_EQ(node->tokens("ben")->size(), 1U);
    EXPECT_EQ(node->tokens(std::nullopt)->size(), kTokensPerAccountMax + 1);
}

TEST(Tokens, ABadOrderMakesNone) {
    TestPeople node;
    node.add("anna", Role::operator_);
    NewToken late = token_for({"verify"});
    late.expires_at_s = kTestNowS;
    for (const NewToken& order :
         {NewToken{"", {"verify"}, {}}, NewToken{"x", {}, {}}, NewToken{"x", {"self"}, {}}, late}) {
        EXPECT_EQ(node->add_token("anna", order).error().code, Errc::invalid_argument);
    }
    EXPECT_EQ(node->add_token("nobody", token_for({"verify"})).error().code, Errc::not_found);
    EXPECT_THAT(node->tokens(std::nullopt).value(), IsEmpty());
}

TEST(People, ManyThreadsAtOnceSeeOneTruth) {
    TestPeople node;
    node.add("root", Role::admin);
    node.add("second", Role::admin);
    std::atomic<bool> stop = false;
    std::vector<std::jthread> threads;
    const auto session = node.log_in("root").value();
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            while (!stop) ignore_error(node->by_cookie(session.cookie), "it may be ended");
        });
    }
    std::atomic<int> demoted = 0;
    for (const std::string_view name : {"root", "second"}) {
        threads.emplace_back([&, name] {
            if (node->change_account(name, {.role = Role::auditor}).ok()) ++demoted;
        });
    }
    threads.erase(threads.begin() + 3, threads.end());
    stop = true;
    threads.clear();
    EXPECT_EQ(demoted, 1);
}

}  // namespace
}  // namespace fieldseal::people
