// SPDX-License-Identifier: Apache-2.0
#include "people/session_book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace fieldseal::people {
namespace {

constexpr SessionLimits kLimits{.idle_s = 100, .max_s = 1000};

TEST(SessionBook, AnOpenSessionIsFoundByItsCookieOnly) {
    SessionBook book(kLimits);
    const auto opened = book.open("anna", 0);
    const auto found = book.use(opened.cookie, 50);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->account, "anna");
    EXPECT_EQ(found->csrf, opened.session.csrf);
    EXPECT_NE(found->csrf, opened.cookie);

    std::string other = opened.cookie;
    other[0] = other[0] == 'A' ? 'B' : 'A';
    for (const std::string& cookie : {std::string(), other, opened.cookie + "A",
                                      opened.cookie.substr(1), opened.session.csrf}) {
        EXPECT_FALSE(book.use(cookie, 50)) << cookie;
    }
}

TEST(SessionBook, EndsWhenItIsNotUsed) {
    SessionBook book(kLimits);
    const auto opened = book.open("anna", 0);
    EXPECT_TRUE(book.use(opened.cookie, 99));
    EXPECT_TRUE(book.use(opened.cookie, 198));
    EXPECT_FALSE(book.use(opened.cookie, 298));
    EXPECT_EQ(book.size(), 0U);
}

TEST(SessionBook, EndsAtItsLatestMomentHoweverBusyItIs) {
    SessionBook book(kLimits);
    const auto opened = book.open("anna", 0);
    for (std::int64_t now_s = 90; now_s < 1000; now_s += 90) {
        EXPECT_TRUE(book.use(opened.cookie, now_s)) << now_s;
    }
    EXPECT_FALSE(book.use(opened.cookie, 1000));
}

TEST(SessionBook, ClosingEndsOneAndSaysWhose) {
    SessionBook book(kLimits);
    const auto first = book.open("anna", 0);
    const auto second = book.open("anna", 0);
    EXPECT_EQ(book.close(first.cookie), "anna");
    EXPECT_EQ(book.close(first.cookie), std::nullopt);
    EXPECT_FALSE(book.use(first.cookie, 1));
    EXPECT_TRUE(book.use(second.cookie, 1));
}

TEST(SessionBook, ClosingAllOfAnAccountLeavesOthersAndTheOneNamed) {
    SessionBook book(kLimits);
    const auto first = book.open("anna", 0);
    const auto second = book.open("anna", 0);
    const auto other = book.open("ben", 0);
    book.close_all("anna", second.session.csrf);
    EXPECT_FALSE(book.use(first.cookie, 1));
    EXPECT_TRUE(book.use(second.cookie, 1));
    book.close_all("anna");
    EXPECT_FALSE(book.use(second.cookie, 1));
    EXPECT_TRUE(book.use(other.cookie, 1));
}

TEST(SessionBook, OneMoreThanAllowedEndsTheLongestUnused) {
    SessionBook book(kLimits);
    std::vector<SessionBook::Opened> opened;
    for (std::size_t i = 0; i < kSessionsPerAccountMax; ++i) {
        opened.push_back(book.open("anna", static_cast<std::int64_t>(i)));
    }
    EXPECT_TRUE(book.use(opened[0].cookie, 20));
    book.open("anna", 21);
    EXPECT_EQ(book.size(), kSessionsPerAccountMax);
    EXPECT_TRUE(book.use(opened[0].cookie, 22));
    EXPECT_FALSE(book.use(opened[1].cookie, 22));
    EXPECT_TRUE(book.use(opened[2].cookie, 22));
}

TEST(SessionBook, OpeningSweepsWhatHasEnded) {
    SessionBook book(kLimits);
    for (int i = 0; i < 50; ++i) book.open("account" + std::to_string(i), 0);
    book.open("anna", 500);
    EXPECT_EQ(book.size(), 1U);
}

TEST(SessionBook, ConfirmingMovesOnlyThatMoment) {
    SessionBook book(kLimits);
    const auto opened = book.open("anna", 0);
    EXPECT_TRUE(book.confirm(opened.cookie, 50));
    EXPECT_EQ(book.use(opened.cookie, 60)->confirmed_s, 50);
    EXPECT_EQ(book.use(opened.cookie, 61)->started_s, 0);
    EXPECT_FALSE(book.confirm(opened.cookie, 400));
    EXPECT_FALSE(book.confirm("nobody's", 60));
}

}  // namespace
}  // namespace fieldseal::people
