// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

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
        if (due_in_ms == 0) return std::nullopt;
        return std::chrono::steady_clock::now() + std::chrono::milliseconds(due_in_ms);
    }

    std::atomic<int> due_in_ms{0};
    std::atomic<bool> fail{false};
    std::atomic<int> groups{0};
    std::atomic<int> commits{0};
    std::atomic<bool> last_seen{false};
};

template <class Condition>
bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

class SequencerTest : public ::testing::Test {
protected:
    SequencerTest() { node_.sequencer->stop(); }  // this test drives the store instead

    std::unique_ptr<Sequencer> make(SequencerOptions options = {}) {
        return std::make_unique<Sequencer>(*node_.store, closer_, options,
                                           [this](const Error&) { fatal_ += 1; });
    }
    // Which thread wrote the group of a command of the caller's.
    static std::thread::id writer_for_caller(Sequencer& sequencer) {
        std::thread::id writer;
        const auto done = sequencer.run([&](store::Batch& batch) {
            writer = std::this_thread::get_id();
            return put(batch);
        });
        EXPECT_TRUE(done.ok());
        return writer;
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

TEST_F(SequencerTest, LetsALoneCallerWriteItsOwnGroup) {
    const auto sequencer = make();
    EXPECT_EQ(writer_for_caller(*sequencer), std::this_thread::get_id());
}

TEST_F(SequencerTest, WritesForThoseWhoHaveCompany) {
    const auto sequencer = make();
    std::deque<Sequencer::Preparing> others;
    for (int i = 0; i < 8; ++i) others.emplace_back(*sequencer);
    EXPECT_NE(writer_for_caller(*sequencer), std::this_thread::get_id());
}

TEST_F(SequencerTest, KeepsADeadlineThatALoneCallersGroupSet) {
    const auto sequencer = make();
    closer_.due_in_ms = 1;
    ASSERT_TRUE(sequencer->run(put).ok());
    const int before = closer_.groups;
    EXPECT_TRUE(comes_true([&] { return closer_.groups > before; }));
}

TEST_F(SequencerTest, AnswersEverybodyWhileItStops) {
    const auto sequencer = make();
    std::atomic<int> written{0};
    std::atomic<int> answered{0};
    {
        std::vector<std::jthread> callers;
        for (int i = 0; i < 16; ++i) {
            callers.emplace_back([&] {
                for (;;) {
                    const Sequencer::Preparing preparing(*sequencer);
                    const auto done = sequencer->run([&](store::Batch& batch) {
                        ++written;
                        return put(batch);
                    });
                    if (!done.ok()) {
                        EXPECT_EQ(done.error().code, Errc::unavailable);
                        return;
                    }
                    ++answered;
                }
            });
        }
        EXPECT_TRUE(comes_true([&] { return answered > 200; }));
        sequencer->stop();
    }
    EXPECT_EQ(written, answered);
    EXPECT_TRUE(closer_.last_seen);
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
