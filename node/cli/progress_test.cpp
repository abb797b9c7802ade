// SPDX-License-Identifier: Apache-2.0
#include "node/cli/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fieldseal::node::cli {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t kGiB = 1ULL << 30;

TEST(Progress, SaysShareRateAndTimeLeft) {
    EXPECT_EQ(progress_line("dir/contract.pdf", {kGiB, 4 * kGiB, 2000ms}),
              "contract.pdf  [#####---------------]  25%  1.0 GiB of 4.0 GiB  512.0 MiB/s  about 6 "
              "s left");
}

TEST(Progress, SaysNoRateBeforeThereIsOne) {
    EXPECT_EQ(progress_line("a", {0, kGiB, 100ms}),
              "a  [--------------------]   0%  0 B of 1.0 GiB");
}

TEST(Progress, StaysWithinTheTotal) {
    EXPECT_NE(progress_line("a", {2 * kGiB, kGiB, 100ms}).find("100%"), std::string::npos);
    EXPECT_NE(progress_line("a", {0, 0, 100ms}).find("100%"), std::string::npos);
}

TEST(Progress, LeavesOutWhatDoesNotFitTheTerminal) {
    const ProgressState state{kGiB, 4 * kGiB, 2000ms};
    EXPECT_EQ(progress_line("a", state, 60), "a  [#####---------------]  25%  1.0 GiB of 4.0 GiB");
    EXPECT_EQ(progress_line("a", state, 30), "a  [#####---------------]  25%");
    EXPECT_EQ(progress_line("a", state, 0), "");
}

TEST(Progress, KeepsTheEndOfALongName) {
    const auto line = progress_line(std::string(100, 'x') + "-2026-11.tar", {0, kGiB, 0ms});
    EXPECT_EQ(line.find("…"), 0U);
    EXPECT_NE(line.find("-2026-11.tar"), std::string::npos);
}

TEST(ProgressMeter, DrawsAtMostTenTimesASecondAndClearsItsLine) {
    std::ostringstream terminal;
    const auto start = ProgressMeter::Clock::now() + 1s;
    {
        ProgressMeter meter(&terminal, 79, "a", kGiB);
        meter.update_at(1, start);
        const auto drawn = terminal.str().size();
        EXPECT_GT(drawn, 0U);
        meter.update_at(2, start + 99ms);
        EXPECT_EQ(terminal.str().size(), drawn);
        meter.update_at(3, start + 100ms);
        EXPECT_GT(terminal.str().size(), drawn);
    }
    EXPECT_EQ(terminal.str().back(), '\r');
}

TEST(ProgressMeter, IsSilentForSmallFilesAndWithoutATerminal) {
    std::ostringstream terminal;
    {
        ProgressMeter small(&terminal, 79, "a", kProgressFromBytes - 1);
        small.update_at(1, ProgressMeter::Clock::now() + 1s);
        ProgressMeter unseen(nullptr, 79, "a", kGiB);
        unseen.update_at(1, ProgressMeter::Clock::now() + 1s);
    }
    EXPECT_EQ(terminal.str(), "");
}

}  // namespace
}  // namespace fieldseal::node::cli
