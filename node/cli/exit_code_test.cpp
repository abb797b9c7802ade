// SPDX-License-Identifier: Apache-2.0
#include "node/cli/exit_code.h"

#include <gtest/gtest.h>

#include <vector>

namespace fieldseal::node::cli {
namespace {

TEST(ExitCode, IsAContractWithScripts) {
    // The numbers of docs/cli.md. Changing one breaks somebody's cron job.
    const std::vector<int> expected = {0, 1, 2, 3, 4, 5, 6, 7, 64, 66, 77};
    std::vector<int> codes;
    for (const auto& [code, meaning] : exit_code_meanings()) {
        codes.push_back(static_cast<int>(code));
        EXPECT_FALSE(meaning.empty());
    }
    EXPECT_EQ(codes, expected);
}

TEST(ExitCode, TellsWhatAPersonDoesNextApart) {
    EXPECT_EQ(exit_code_of(Errc::locked), ExitCode::locked);
    EXPECT_EQ(exit_code_of(Errc::held), ExitCode::held);
    EXPECT_EQ(exit_code_of(Errc::storage_full), ExitCode::storage_full);
    EXPECT_EQ(exit_code_of(Errc::unavailable), ExitCode::no_daemon);
    EXPECT_EQ(exit_code_of(Errc::denied), ExitCode::permission);
    EXPECT_EQ(exit_code_of(Errc::corrupt), ExitCode::failed);
}

TEST(ExitCode, OfSeveralSaysPartialOnlyWhenSomethingWasDone) {
    using enum ExitCode;
    EXPECT_EQ(combine({}), ok);
    EXPECT_EQ(combine(std::vector{ok, ok}), ok);
    EXPECT_EQ(combine(std::vector{ok, unreadable}), partial);
    EXPECT_EQ(combine(std::vector{unreadable, unreadable}), unreadable);
    EXPECT_EQ(combine(std::vector{unreadable, locked}), failed);
    EXPECT_EQ(combine(std::vector{locked}), locked);
}

TEST(ExitCode, StopsOnlyForTroubleThatTheNextFileShares) {
    EXPECT_TRUE(stops_the_rest(ExitCode::locked));
    EXPECT_TRUE(stops_the_rest(ExitCode::no_daemon));
    EXPECT_FALSE(stops_the_rest(ExitCode::unreadable));
    EXPECT_FALSE(stops_the_rest(ExitCode::ok));
}

}  // namespace
}  // namespace fieldseal::node::cli
