// SPDX-License-Identifier: Apache-2.0
#include "anchor/history.h"

#include "tests/support/test_log.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

using testing::TestLog;

constexpr std::uint8_t kSeed = 0x11;
constexpr std::string_view kOrigin = "office.example/node-1/1";

class HistoryOf : public ::testing::Test {
protected:
    HistoryOf() : log_(kOrigin, kSeed, 9) {
        view_.origin = log_.origin();
        view_.vkey = note::format_vkey(log_.key());
        view_.root_at = [this](std::uint64_t size) -> Result<std::optional<Digest>> {
            if (size > log_.size()) return std::optional<Digest>();
            return std::optional<Digest>(log_.checkpoint(size).root);
        };
    }
    History judge(std::string_view note) {
        const auto seen = judge_checkpoint(view_, note);
        EXPECT_TRUE(seen.ok());
        return seen->history;
    }

    TestLog log_;
    LogView view_;
};

TEST_F(HistoryOf, KnowsItsOwnCheckpoints) {
    for (std::uint64_t size = 0; size <= 9; ++size) {
        EXPECT_EQ(judge(log_.note(size)), History::ours) << size;
    }
}

TEST_F(HistoryOf, SeesThatALargerOneIsBeyondIt) {
    EXPECT_EQ(judge(TestLog(kOrigin, kSeed, 10).note(10)), History::beyond);
}

TEST_F(HistoryOf, SeesAForkAtEachSize) {
    const TestLog fork(kOrigin, kSeed, 9, 1);
    for (std::uint64_t size = 1; size <= 9; ++size) {
        EXPECT_EQ(judge(fork.note(size)), History::forked) << size;
    }
    EXPECT_EQ(judge(fork.note(0)), History::ours) << "all empty trees are one";
}

TEST_F(HistoryOf, IgnoresWhatItsKeyDidNotSign) {
    EXPECT_EQ(judge(TestLog(kOrigin, 0x22, 20).note(20)), History::not_signed_by_us);
    EXPECT_EQ(judge(TestLog("office.example/node-1/2", kSeed, 20).note(20)),
              History::not_signed_by_us);
    EXPECT_EQ(judge(""), History::not_signed_by_us);
    EXPECT_EQ(judge("<html>\n"), History::not_signed_by_us);
    std::string note = TestLog(kOrigin, kSeed, 20).note(20);
    note[note.size() - 20] = note[note.size() - 20] == 'A' ? 'B' : 'A';
    EXPECT_EQ(judge(note), History::not_signed_by_us);
    // Our old signature over a text somebody changed.
    std::string larger = log_.note(9);
    larger.replace(larger.find("\n9\n"), 3, "\n99\n");
    EXPECT_EQ(judge(larger), History::not_signed_by_us);
}

TEST_F(HistoryOf, FailsWithTheStore) {
    view_.root_at = [](std::uint64_t) -> Result<std::optional<Digest>> {
        return Error{Errc::io, "disk"};
    };
    EXPECT_FALSE(judge_checkpoint(view_, log_.note(9)).ok());
}

}  // namespace
}  // namespace fieldseal::anchor
