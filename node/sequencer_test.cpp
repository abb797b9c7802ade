// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

// Closes every group without doing anything to it, and counts.
class QuietCloser final : public GroupCloser {
public:
    Result<void> close_group(store::Batch&, bool last) override {
        if (fail) return Error{Errc::io, "planted"};
        groups += 1;
        last_seen = last_seen || last;
        return {};
    }
    void committed() override { commits += 1; }
    std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return std::nullopt;
    }

    std::atomic<bool> fail{false};
    std::atomic<int> groups{0};
    std::atomic<int> commits{0};
    std::atomic<bool> last_seen{false};
};

class SequencerTest : public ::testing::Test {
protected:
    SequencerTest() { node_.sequencer->stop(); }  // this test drives the store instead

    std::unique_ptr<Sequencer> make(SequencerOptions options = {}) {
        return std::make_unique<Sequencer>(*node_.store, closer_, options,
                                           [this](const Error&) { fatal_ += 1; });
    }
    static Result<void> put(store::Batch& batch) { return batch.put_meta("test", as_bytes("x")); }

    InProcessNode node_;
    QuietCloser closer_;
    std::atomic<int> fatal_{0};
};

TEST_F(SequencerTest, AnswersWhenTheCommandIsDurable) {
    const auto sequencer = make();
    ASSERT_TRUE(sequencer->run(put).ok());
    const auto row = node_.store->meta("test");
    ASSERT_TRUE(row.ok() && row->has_value());
}

TEST_F(SequencerTest, GivesACommandItsOwnErrorAndCommitsTheOthers) {
    const auto sequencer = make();
    const auto refused =
        sequencer->run([](store::Batch&) { return Error{Errc::conflict, "mine"}; });
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "mine");
    EXPECT_TRUE(sequencer->run(put).ok());
    EXPECT_EQ(fatal_, 0);
}

TEST_F(SequencerTest, ClosesALastGroupWhenItStopsAndTakesNothingAfter) {
    const auto sequencer = make();
    sequencer->stop();
    EXPECT_TRUE(closer_.last_seen);
    const auto late = sequencer->run(put);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, Errc::unavailable);
}

TEST_F(SequencerTest, NeverAcceptsAgainAfterAFailedGroup) {
    const auto sequencer = make();
    closer_.fail = true;
    EXPECT_EQ(sequencer->run(put).error().code, Errc::io);
    closer_.fail = false;
    EXPECT_EQ(sequencer->run(put).error().code, Errc::io);
    sequencer->stop();  // on_fatal comes after the waiting commands have their error
    EXPECT_EQ(fatal_, 1);
    EXPECT_EQ(closer_.commits, 0);
    EXPECT_FALSE(closer_.last_seen);
}

TEST_F(SequencerTest, RefusesWhatDoesNotFitIntoTheQueue) {
    SequencerOptions options;
    options.queue_max = 1;
    const auto sequencer = make(options);
    std::atomic<bool> blocked{false};
    std::atomic<bool> go{false};
    std::jthread first([&] {
        const auto done = sequencer->run([&](store::Batch&) {
            blocked = true;
            blocked.notify_all();
            go.wait(false);
            return Result<void>();
        });
        EXPECT_TRUE(done.ok());
    });
    blocked.wait(false);
    std::jthread second([&] { EXPECT_TRUE(sequencer->run(put).ok()); });
    while (sequencer->queued() == 0) std::this_thread::yield();
    const auto third = sequencer->run(put);
    go = true;
    go.notify_all();
    ASSERT_FALSE(third.ok());
    EXPECT_EQ(third.error().code, Errc::exhausted);
}

}  // namespace
}  // namespace fieldseal::node
