// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_policy.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

PolicyFacts at(std::uint32_t minute) {
    PolicyFacts facts;
    facts.seal = "permits";
    facts.media_type = "application/pdf";
    facts.minute = minute;
    facts.zone = "UTC";
    return facts;
}

std::string_view problem_of(const SealPolicy& policy, const PolicyFacts& facts) {
    static thread_local std::string_view problem;
    const auto applied = apply_policy(policy, facts);
    problem = applied.ok() ? std::string_view() : applied.error().problem;
    EXPECT_TRUE(applied.ok() || applied.error().code == Errc::denied);
    EXPECT_TRUE(applied.ok() || applied.error().message.find("permits") != std::string::npos);
    return problem;
}

TEST(SealPolicy, ThatAsksForNothingRefusesNothing) {
    PolicyFacts facts = at(0);
    facts.today = facts.unanchored = 1'000'000;
    facts.oldest_unanchored_age_s = 1'000'000'000;
    EXPECT_EQ(problem_of({}, facts), "");
}

TEST(SealPolicy, NamesMediaTypesAndFamilies) {
    SealPolicy policy;
    policy.media_types = {"application/pdf", "image/*"};
    ASSERT_TRUE(check_policy(policy).ok());
    PolicyFacts facts = at(0);
    for (const char* taken :
         {"application/pdf", "Application/PDF", "image/png", "application/pdf; version=1.7"}) {
        facts.media_type = taken;
        EXPECT_EQ(problem_of(policy, facts), "") << taken;
    }
    for (const char* refused : {"application/pdfx", "application/pd", "images/png", "text/plain",
                                "application/octet-stream"}) {
        facts.media_type = refused;
        EXPECT_EQ(problem_of(policy, facts), refusal::media_type) << refused;
    }
}

TEST(SealPolicy, CountsADay) {
    SealPolicy policy;
    policy.quota_per_day = 3;
    PolicyFacts facts = at(0);
    facts.today = 2;
    EXPECT_EQ(problem_of(policy, facts), "");
    facts.today = 3;
    EXPECT_EQ(problem_of(policy, facts), refusal::quota);
}

TEST(SealPolicy, KnowsItsHoursAlsoOverMidnight) {
    SealPolicy policy;
    policy.hours = DayHours{8 * 60, 18 * 60};
    EXPECT_EQ(problem_of(policy, at(8 * 60)), "");
    EXPECT_EQ(problem_of(policy, at(18 * 60 - 1)), "");
    EXPECT_EQ(problem_of(policy, at(18 * 60)), refusal::hours);
    EXPECT_EQ(problem_of(policy, at(8 * 60 - 1)), refusal::hours);
    policy.hours = DayHours{22 * 60, 6 * 60};
    EXPECT_EQ(problem_of(policy, at(23 * 60)), "");
    EXPECT_EQ(problem_of(policy, at(0)), "");
    EXPECT_EQ(problem_of(policy, at(6 * 60)), refusal::hours);
    EXPECT_EQ(problem_of(policy, at(12 * 60)), refusal::hours);
}

TEST(SealPolicy, StopsWhatWaitsForAnAnchor) {
    SealPolicy policy;
    policy.lock_after_statements = 2;
    policy.lock_after_hours = 72;
    PolicyFacts facts = at(0);
    facts.unanchored = 1;
    facts.oldest_unanchored_age_s = 72 * 3600 - 1;
    EXPECT_EQ(problem_of(policy, facts), "");
    facts.unanchored = 2;
    EXPECT_EQ(problem_of(policy, facts), refusal::unanchored_count);
    facts.unanchored = 1;
    facts.oldest_unanchored_age_s = 72 * 3600;
    EXPECT_EQ(problem_of(policy, facts), refusal::unanchored_age);
}

TEST(DayHours, HaveOneText) {
    for (const char* text : {"08:00-18:00", "22:30-06:15", "00:00-24:00"}) {
        const auto hours = parse_day_hours(text);
        ASSERT_TRUE(hours.ok()) << text;
        EXPECT_EQ(to_string(*hours), text);
    }
    for (const char* text :
         {"", "08:00", "8:00-18:00", "08:00-18:00 ", "08:60-18:00", "25:00-26:00", "08:00-08:00",
          "24:00-08:00", "08:00–18:00", "0a:00-18:00"}) {
        EXPECT_FALSE(parse_day_hours(text).ok()) << text;
    }
}

TEST(SealPolicy, IsRefusedWhenItMakesNoSense) {
    const auto refused = [](const auto& edit) {
        SealPolicy policy;
        edit(policy);
        return !check_policy(policy).ok();
    };
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types = {"pdf"}; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types = {"*/*"}; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types = {"Text/plain"}; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types = {"text/*x"}; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types = {"text/plain", "text/plain"}; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.media_types.assign(65, "text/plain"); }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.quota_per_day = 0; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.lock_after_statements = kPolicyCountMax + 1; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.lock_after_hours = 0; }));
    EXPECT_TRUE(refused([](SealPolicy& p) { p.idle_lock_s = kPolicyIdleMax_s + 1; }));
    EXPECT_FALSE(refused([](SealPolicy& p) { p.idle_lock_s = 0; }));
    EXPECT_FALSE(refused([](SealPolicy& p) { p.media_types = {"application/vnd.a+xml"}; }));
}

}  // namespace
}  // namespace fieldseal::node
