// SPDX-License-Identifier: Apache-2.0
// Proving who one is: passwords, codes, lockout, sessions, step-up, the first person.
#include "people/pairing.h"
#include "people/people.h"
#include "people/totp.h"
#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <liboath/oath.h>
#include <numeric>
#include <thread>
#include <vector>

namespace fieldseal::people {
namespace {

constexpr std::string_view kOtherPassword = "another phrase to remember";

using testing::Contains;
using testing::HasSubstr;

std::string code_at(std::string_view secret_text, std::int64_t time_s) {
    char* secret = nullptr;
    std::size_t size = 0;
    EXPECT_EQ(oath_base32_decode(secret_text.data(), secret_text.size(), &secret, &size), OATH_OK);
    char code[8];
    EXPECT_EQ(oath_totp_generate(secret, size, time_s, 30, 0, 6, code), OATH_OK);
    std::free(secret);
    return code;
}

// Enrols a second factor and returns its secret.
std::string enrol(TestPeople& node, std::string_view account) {
    const auto begun = node->begin_second_factor(account).value();
    EXPECT_TRUE(node->finish_second_factor(account, code_at(begun.secret_text, node.wall_s)).ok());
    return begun.secret_text;
}

TEST(LogIn, ARightPasswordOpensASessionWithTheRightsOfTheRole) {
    TestPeople node;
    node.add("anna", Role::approver);
    const auto session = node.log_in("anna").value();
    EXPECT_EQ(session.who.account, "anna");
    EXPECT_EQ(session.expires_at_s, kTestNowS + node.options.sessions.max_s);
    const auto who = node->by_cookie(session.cookie).value();
    EXPECT_EQ(who.role, Role::approver);
    EXPECT_THAT(who.rights, Contains("seal:unlock"));
    EXPECT_EQ(who.csrf, session.who.csrf);
    EXPECT_TRUE(who.token_id.empty());
}

TEST(LogIn, WhateverIsWrongTheSentenceIsTheSame) {
    TestPeople node;
    node.add("anna", Role::auditor);
    node.add("ben", Role::auditor);
    node.add("eva", Role::auditor);
    node.add("root", Role::admin);
    enrol(node, "eva");
    node->change_account("ben", {.enabled = false}).value();
    const LogIn wrong[] = {{"anna", "seven brown foxeS", ""}, {"nobody", kTestPassword, ""},
                           {"Anna", kTestPassword, ""},       {"", "", ""},
                           {"ben", kTestPassword, ""},        {"eva", kTestPassword, ""},
                           {"eva", kTestPassword, "12345x"},  {"anna/../eva", kTestPassword, ""}};
    std::string sentence;
    for (const LogIn& order : wrong) {
        const auto refused = node->log_in(order);
        ASSERT_FALSE(refused.ok()) << order.account;
        EXPECT_EQ(refused.error().code, Errc::unauthenticated);
        if (sentence.empty()) sentence = refused.error().message;
        EXPECT_EQ(refused.error().message, sentence);
    }
}

TEST(LogIn, AnUnknownNameAndAWrongPasswordDoTheSameWork) {
    TestPeople node;
    node.add("anna", Role::auditor);
    const auto work_of = [&](std::string_view name) {
        const std::uint64_t hashes = node->hashes();
        node.rows.journal.clear();
        EXPECT_FALSE(node.log_in(name, "not the password").ok());
        EXPECT_EQ(node.rows.journal.size(), 1U) << name;
        return node->hashes() - hashes;
    };
    EXPECT_EQ(work_of("anna"), 1U);
    EXPECT_EQ(work_of("nobody"), 1U);
    EXPECT_EQ(work_of("not a name at all"), 1U);
}

// Medians, so that one interruption by another process decides nothing; the bound is generous, and
// the real proof is the test above. A path without Argon2id would be thousands of times faster.
TEST(LogIn, AnUnknownNameAndAWrongPasswordTakeTheSameTime) {
    TestPeople node({.attempts_max = 1'000'000, .cost = {.passes = 1, .memory_kib = 8192}});
    node.add("anna", Role::auditor);
    std::vector<double> known;
    std::vector<double> unknown;
    const auto timed = [&](std::string_view name, std::vector<double>& into) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_FALSE(node.log_in(name, "not the password").ok());
        into.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    };
    for (int i = 0; i < 60; ++i) {
        timed("anna", known);
        timed("nobody", unknown);
    }
    const auto median = [](std::vector<double>& times) {
        std::ranges::nth_element(times, times.begin() + 30);
        return times[30];
    };
    EXPECT_LT(median(known), 1.5 * median(unknown));
    EXPECT_LT(median(unknown), 1.5 * median(known));
}

TEST(LogIn, AFailureIsWrittenBeforeThePasswordIsLookedAt) {
    TestPeople node;
    node.add("anna", Role::auditor);
    for (const std::string_view name : {"anna", "nobody"}) {
        std::uint64_t hashes_at_put = 0;
        const std::uint64_t hashes_before = node->hashes();
        node.rows.before_put = [&](std::string_view) { hashes_at_put = node->hashes(); };
        EXPECT_FALSE(node.log_in(name, "not the password").ok());
        node.rows.before_put = nullptr;
        EXPECT_EQ(hashes_at_put, hashes_before) << name;
        EXPECT_EQ(node->hashes(), hashes_before + 1) << name;
    }
}

TEST(LogIn, PullingThePlugDuringAGuessLeavesItCounted) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    for (int i = 0; i < 3; ++i) {
        // What is on the disk when the process dies after the put and before the answer.
        std::optional<Bytes> at_death;
        EXPECT_FALSE(node.log_in("anna", "not the password").ok());
        at_death = node.rows.get("attempts/anna").value();
        node.restart();
        ASSERT_TRUE(at_death);
        EXPECT_EQ(decode_attempts(*at_death)->failures, i + 1);
    }
    EXPECT_EQ(node.log_in("anna").error().code, Errc::rate_limited);
}

TEST(LogIn, WithoutADurableCounterNothingIsTried) {
    TestPeople node;
    node.add("anna", Role::auditor);
    node.rows.failing = true;
    const std::uint64_t hashes = node->hashes();
    EXPECT_EQ(node.log_in("anna").error().code, Errc::io);
    EXPECT_EQ(node->hashes(), hashes);
}

TEST(LogIn, TooManyWrongPasswordsMeanWaitingAndARightOneAfterThatForgetsThem) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(node.log_in("anna", "not the password").ok());
    const std::uint64_t hashes = node->hashes();
    const auto waiting = node.log_in("anna");
    ASSERT_FALSE(waiting.ok());
    EXPECT_EQ(waiting.error().code, Errc::rate_limited);
    EXPECT_THAT(waiting.error().message, HasSubstr("wait 15 s"));
    EXPECT_EQ(node->hashes(), hashes);
    EXPECT_EQ(node->account("anna")->wait_s, 15);

    node.advance(15);
    EXPECT_TRUE(node.log_in("anna").ok());
    EXPECT_EQ(node->account("anna")->wait_s, 0);
    EXPECT_FALSE(node.log_in("anna", "not the password").ok());
    EXPECT_TRUE(node.log_in("anna").ok());
}

TEST(LogIn, AnAdminUnlocksAnAccountAtOnce) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(node.log_in("anna", "not the password").ok());
    EXPECT_FALSE(node.log_in("anna").ok());
    node->change_account("anna", {.unlock = true}).value();
    EXPECT_TRUE(node.log_in("anna").ok());
}

TEST(LogIn, ALockedOutPersonWhoIsLoggedInGoesOnWorking) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    const auto session = node.log_in("anna").value();
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(node.log_in("anna", "not the password").ok());
    EXPECT_TRUE(node->by_cookie(session.cookie).ok());
}

TEST(StepUp, StrangersWhoGuessAtTheNameDoNotKeepAPersonFromIt) {
    TestPeople node({.confirm_s = 300, .attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::operator_);
    const auto session = node.log_in("anna").value();
    node.advance(301);
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(node.log_in("anna", "not the password").ok());
    EXPECT_TRUE(node->confirm(session.cookie, {"", kTestPassword, ""}).ok());
    // What was proven inside says nothing about those outside.
    EXPECT_EQ(node.log_in("anna").error().code, Errc::rate_limited);
}

TEST(SecondFactor, CountsFromTheFirstRightCodeOn) {
    TestPeople node;
    node.add("anna", Role::approver);
    const auto begun = node->begin_second_factor("anna").value();
    EXPECT_THAT(begun.uri, HasSubstr("secret=" + begun.secret_text));
    EXPECT_TRUE(node.log_in("anna").ok());  // not yet
    const auto wrong = node->finish_second_factor("anna", "000000x");
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, Errc::denied);
    EXPECT_TRUE(node.log_in("anna").ok());
    ASSERT_TRUE(node->finish_second_factor("anna", code_at(begun.secret_text, node.wall_s)).ok());
    EXPECT_FALSE(node.log_in("anna").ok());
    EXPECT_TRUE(node->account("anna")->second_factor);
    node.advance(30);
    EXPECT_TRUE(node.log_in("anna", kTestPassword, code_at(begun.secret_text, node.wall_s)).ok());
}

TEST(SecondFactor, ACodeCountsOnceEvenAcrossARestart) {
    TestPeople node;
    node.add("anna", Role::approver);
    const std::string secret = enrol(node, "anna");
    // The code of enrolment is used up as well.
    EXPECT_FALSE(node.log_in("anna", kTestPassword, code_at(secret, node.wall_s)).ok());
    node.advance(30);
    const std::string code = code_at(secret, node.wall_s);
    EXPECT_TRUE(node.log_in("anna", kTestPassword, code).ok());
    EXPECT_FALSE(node.log_in("anna", kTestPassword, code).ok());
    node.restart();
    EXPECT_FALSE(node.log_in("anna", kTestPassword, code).ok());
    EXPECT_FALSE(node.log_in("anna", kTestPassword, code_at(secret, node.wall_s - 30)).ok());
    EXPECT_TRUE(node.log_in("anna", kTestPassword, code_at(secret, node.wall_s + 30)).ok());
}

TEST(SecondFactor, OneCodeOpensOneSessionHoweverManyAskAtOnce) {
    TestPeople node;
    node.add("anna", Role::approver);
    const std::string secret = enrol(node, "anna");
    node.advance(30);
    const std::string code = code_at(secret, node.wall_s);
    std::atomic<int> opened = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            if (node.log_in("anna", kTestPassword, code).ok()) ++opened;
        });
    }
    threads.clear();
    EXPECT_EQ(opened, 1);
}

TEST(SecondFactor, WrongCodesCountAsFailures) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::approver);
    enrol(node, "anna");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(node.log_in("anna", kTestPassword, "12345x").error().code, Errc::unauthenticated);
    }
    EXPECT_EQ(node.log_in("anna", kTestPassword, "12345x").error().code, Errc::rate_limited);
}

// Whoever has the cookie and the password would else wipe out the count of wrong codes in between.
TEST(SecondFactor, IsAskedForByAChangeOfPasswordToo) {
    TestPeople node({.attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::approver);
    const std::string secret = enrol(node, "anna");
    node.advance(60);
    const auto session = node.log_in("anna", kTestPassword, code_at(secret, node.wall_s)).value();
    const auto change = [&](std::string_view code, std::string_view to) {
        return node->change_own_password(session.who, {kTestPassword, code, to});
    };
    EXPECT_EQ(node->confirm(session.cookie, {"", kTestPassword, "12345x"}).error().code,
              Errc::denied);
    EXPECT_EQ(change("", kOtherPassword).error().code, Errc::denied);
    EXPECT_EQ(change("12345x", kOtherPassword).error().code, Errc::denied);
    EXPECT_EQ(change("12345x", kOtherPassword).error().code, Errc::rate_limited);
    node.advance(900);
    EXPECT_EQ(change(code_at(secret, node.wall_s), kTestPassword).error().code,
              Errc::invalid_argument)
        << "the same password";
    EXPECT_TRUE(change(code_at(secret, node.wall_s), kOtherPassword).ok());
}

TEST(SecondFactor, CannotBeReplacedByWhoeverHoldsTheSession) {
    TestPeople node;
    node.add("anna", Role::approver);
    enrol(node, "anna");
    EXPECT_EQ(node->begin_second_factor("anna").error().code, Errc::conflict);
    node->change_account("anna", {.forget_second_factor = true}).value();
    EXPECT_TRUE(node.log_in("anna").ok());
    EXPECT_TRUE(node->begin_second_factor("anna").ok());
}

TEST(SecondFactor, WhatWasBegunTooLongAgoOrNeverCannotBeFinished) {
    TestPeople node;
    node.add("anna", Role::approver);
    EXPECT_EQ(node->finish_second_factor("anna", "123456").error().code, Errc::not_found);
    const auto begun = node->begin_second_factor("anna").value();
    node.advance(kSecondFactorPendingS);
    EXPECT_FALSE(node->finish_second_factor("anna", code_at(begun.secret_text, node.wall_s)).ok());
    EXPECT_FALSE(node->begin_second_factor("nobody").ok());
}

TEST(Sessions, EndWithLogOutIdlenessTheirLatestMomentAndARestart) {
    TestPeople node({.sessions = {.idle_s = 100, .max_s = 250}, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    const auto left = node.log_in("anna").value();
    EXPECT_EQ(node->log_out(left.cookie).value(), "anna");
    EXPECT_EQ(node->by_cookie(left.cookie).error().code, Errc::unauthenticated);
    EXPECT_FALSE(node->log_out(left.cookie).ok());

    const auto idle = node.log_in("anna").value();
    const auto busy = node.log_in("anna").value();
    node.advance(99);
    EXPECT_TRUE(node->by_cookie(busy.cookie).ok());
    node.advance(1);
    EXPECT_FALSE(node->by_cookie(idle.cookie).ok());
    node.advance(90);
    EXPECT_TRUE(node->by_cookie(busy.cookie).ok());
    node.advance(60);
    EXPECT_FALSE(node->by_cookie(busy.cookie).ok());

    const auto session = node.log_in("anna").value();
    node.restart();
    EXPECT_FALSE(node->by_cookie(session.cookie).ok());
}

TEST(Sessions, DoNotDependOnTheWallClock) {
    TestPeople node;
    node.add("anna", Role::auditor);
    const auto session = node.log_in("anna").value();
    node.wall_s += 10'000'000;
    EXPECT_TRUE(node->by_cookie(session.cookie).ok());
    node.wall_s -= 20'000'000;
    EXPECT_TRUE(node->by_cookie(session.cookie).ok());
}

TEST(Sessions, WatchingOneDoesNotKeepItAlive) {
    TestPeople node({.sessions = {.idle_s = 900, .max_s = 43200}, .cost = kCheapCost});
    node.add("anna", Role::auditor);
    const auto session = node.log_in("anna").value();
    node.advance(899);
    EXPECT_EQ(node->watch_cookie(session.cookie)->account, "anna");
    node.advance(1);
    EXPECT_EQ(node->watch_cookie(session.cookie).error().code, Errc::unauthenticated);
    EXPECT_FALSE(node->by_cookie(session.cookie).ok());
}

TEST(StepUp, ASessionIsConfirmedForAWhileOnly) {
    TestPeople node({.confirm_s = 300, .cost = kCheapCost});
    node.add("anna", Role::operator_);
    const auto session = node.log_in("anna").value();
    EXPECT_TRUE(node->by_cookie(session.cookie)->confirmed);
    node.advance(301);
    EXPECT_FALSE(node->by_cookie(session.cookie)->confirmed);

    const auto wrong = node->confirm(session.cookie, {"", "not the password", ""});
    ASSERT_FALSE(wrong.ok());
    EXPECT_EQ(wrong.error().code, Errc::denied);
    EXPECT_FALSE(node->by_cookie(session.cookie)->confirmed);
    EXPECT_TRUE(node->confirm(session.cookie, {"anna", kTestPassword, ""}).ok());
    EXPECT_TRUE(node->by_cookie(session.cookie)->confirmed);
}

TEST(StepUp, IsNeverAskedForWhenThePolicySaysSo) {
    TestPeople node;
    node.add("anna", Role::operator_);
    const auto session = node.log_in("anna").value();
    node.advance(899);
    EXPECT_TRUE(node->by_cookie(session.cookie)->confirmed);
}

TEST(StepUp, NeedsTheSessionItsPersonAndTheCode) {
    TestPeople node({.confirm_s = 300, .attempts_max = 3, .cost = kCheapCost});
    node.add("anna", Role::operator_);
    node.add("ben", Role::operator_);
    const auto session = node.log_in("anna").value();
    EXPECT_EQ(node->confirm("not a cookie", {"", kTestPassword, ""}).error().code,
              Errc::unauthenticated);
    EXPECT_EQ(node->confirm(session.cookie, {"ben", kTestPassword, ""}).error().code,
              Errc::invalid_argument);
    const std::string secret = enrol(node, "anna");
    node.advance(301);
    EXPECT_FALSE(node->confirm(session.cookie, {"", kTestPassword, ""}).ok());
    EXPECT_TRUE(
        node->confirm(session.cookie, {"", kTestPassword, code_at(secret, node.wall_s)}).ok());
    // Guessing through a stolen cookie meets the same lockout.
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(node->confirm(session.cookie, {"", "not the password", ""}).ok());
    }
    EXPECT_EQ(node->confirm(session.cookie, {"", kTestPassword, ""}).error().code,
              Errc::rate_limited);
}

TEST(Pairing, MakesTheFirstAdminOnce) {
    TestPeople node;
    EXPECT_FALSE(node->has_accounts().value());
    const std::string code = node->make_pairing_code().value();
    const auto session = node->pair(code, "root", kTestPassword).value();
    EXPECT_EQ(session.who.role, Role::admin);
    EXPECT_TRUE(node->by_cookie(session.cookie).ok());
    EXPECT_TRUE(node->has_accounts().value());
    EXPECT_FALSE(node.rows.get(kPairingRow).value());

    EXPECT_EQ(node->pair(code, "mallory", kTestPassword).error().code, Errc::conflict);
    EXPECT_EQ(node->make_pairing_code().error().code, Errc::conflict);
}

TEST(Pairing, AWrongCodeOrABadAccountMakesNothingAndKeepsTheCode) {
    TestPeople node;
    EXPECT_EQ(node->pair(std::string(32, '0'), "root", kTestPassword).error().code,
              Errc::unauthenticated);
    const std::string code = node->make_pairing_code().value();
    const std::uint64_t hashes = node->hashes();
    EXPECT_EQ(node->pair(std::string(32, '0'), "root", kTestPassword).error().code,
              Errc::unauthenticated);
    EXPECT_EQ(node->hashes(), hashes);
    EXPECT_EQ(node->pair(code, "Root", kTestPassword).error().code, Errc::invalid_argument);
    EXPECT_EQ(node->pair(code, "root", "short").error().code, Errc::invalid_argument);
    EXPECT_FALSE(node->has_accounts().value());
    EXPECT_TRUE(node->pair(code, "root", kTestPassword).ok());
}

}  // namespace
}  // namespace fieldseal::people
