// SPDX-License-Identifier: Apache-2.0
#include "people/password.h"

#include "tests/support/memory_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace fieldseal::people {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::size_t kCharsMin = 12;

TEST(NewPassword, LongOnesAreAcceptedWhateverTheyAreMadeOf) {
    for (const std::string_view password :
         {"seven brown foxes", "correcthorsebattery", "äöüß äöüß äöüß", "пароль из слов",
          "111122223333444455555"}) {
        EXPECT_TRUE(check_new_password(password, "anna", kCharsMin).ok()) << password;
    }
}

TEST(NewPassword, AVeryShortNameMayStandInOne) {
    EXPECT_TRUE(check_new_password("seven brown foxes", "eve", kCharsMin).ok());
}

TEST(NewPassword, ShortUniformOrObviousOnesAreRefused) {
    struct Case {
        std::string password;
        std::string_view why;
    };
    const Case cases[] = {
        {"", "shorter than 12"},
        {"short words", "shorter than 12"},
        {"äöüäöüäöüäö", "shorter than 12"},
        {std::string(300, 'a'), "longer than 256"},
        {"aaaabbbbccccdddd", "different characters"},
        {"the one of anna 1", "account's name"},
        {std::string("nul in it \0 here", 16), "zero byte"},
        {"not utf8 \xff\xfe here", "UTF-8"},
    };
    for (const Case& one : cases) {
        const auto refused = check_new_password(one.password, "anna", kCharsMin);
        ASSERT_FALSE(refused.ok()) << one.why;
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
        EXPECT_THAT(refused.error().message, HasSubstr(one.why));
    }
}

TEST(PasswordHasher, OnlyThePasswordMatchesItsHash) {
    PasswordHasher hasher(kCheapCost);
    const auto turn = hasher.turn().value();
    const std::string hash = hasher.hash(turn, kTestPassword).value();
    EXPECT_THAT(hash, StartsWith("$argon2id$"));
    EXPECT_TRUE(hasher.matches(turn, hash, kTestPassword).value());
    EXPECT_FALSE(hasher.matches(turn, hash, "seven brown foxeS").value());
    EXPECT_FALSE(hasher.matches(turn, hash, "").value());
    EXPECT_NE(hasher.hash(turn, kTestPassword).value(), hash);
    EXPECT_EQ(hasher.hashes(), 5U);
}

TEST(PasswordHasher, AHashItCannotReadIsAnErrorAndNoMatch) {
    PasswordHasher hasher(kCheapCost);
    const auto turn = hasher.turn().value();
    const auto answer = hasher.matches(turn, "$argon2id$nonsense", kTestPassword);
    EXPECT_TRUE(!answer.ok() || !*answer);
}

TEST(PasswordHasher, TheCostIsWhatOwaspAdvises) {
    PasswordHasher hasher(PasswordCost{});
    const auto turn = hasher.turn().value();
    EXPECT_THAT(hasher.hash(turn, kTestPassword).value(), HasSubstr("m=19456,t=2,p=1"));
}

TEST(PasswordHasher, WhoComesWhenTheQueueIsFullIsSentAway) {
    PasswordHasher hasher(kCheapCost);
    std::vector<PasswordHasher::Turn> running;
    for (std::size_t i = 0; i < kHashesAtOnce; ++i) running.push_back(hasher.turn().value());
    std::atomic<std::size_t> refused = 0;
    std::atomic<std::size_t> served = 0;
    std::vector<std::jthread> threads;
    constexpr std::size_t kComing = kHashesWaiting + 3;
    for (std::size_t i = 0; i < kComing; ++i) {
        threads.emplace_back([&] {
            const auto turn = hasher.turn();
            if (turn.ok()) {
                ++served;
            } else {
                EXPECT_EQ(turn.error().code, Errc::rate_limited);
                ++refused;
            }
        });
    }
    // The others wait: nobody is served before a turn is given back.
    while (refused < kComing - kHashesWaiting) std::this_thread::yield();
    EXPECT_EQ(served, 0U);
    running.clear();
    threads.clear();
    EXPECT_EQ(served, kHashesWaiting);
    EXPECT_EQ(refused, kComing - kHashesWaiting);
    EXPECT_TRUE(hasher.turn().ok());
}

}  // namespace
}  // namespace fieldseal::people
