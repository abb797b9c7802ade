// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

namespace fieldseal::node::pkcs11 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShort{30};
constexpr milliseconds kAmple{20'000};

// A call that returns when the test says so.
class Gate {
public:
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        entered_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void wait_entered() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return entered_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    bool entered_ = false;
};

std::function<Result<int>()> through(const std::shared_ptr<Gate>& gate, int value) {
    return [gate, value]() -> Result<int> {
        gate->pass();
        return value;
    };
}

TEST(PkcsWorker, RunsJobsAndGivesTheirAnswers) {
    Worker worker("the token \"t\"");
    EXPECT_EQ(*worker.run<int>([]() -> Result<int> { return 7; }, kAmple), 7);
    const auto failed =
        worker.run<int>([]() -> Result<int> { return Error{Errc::denied, "no"}; }, kAmple);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, Errc::denied);
}

TEST(PkcsWorker, ACallThatHangsHoldsUpNobodyElseAndRecovers) {
    Worker worker("the token \"t\"");
    const auto gate = std::make_shared<Gate>();
    const auto late = worker.run<int>(through(gate, 1), kShort);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, Errc::unavailable);
    EXPECT_NE(late.error().message.find("has not answered"), std::string::npos);
    EXPECT_TRUE(worker.hangs());
    // At once, not after a deadline of its own.
    const auto next = worker.run<int>([]() -> Result<int> { return 2; }, kAmple);
    ASSERT_FALSE(next.ok());
    EXPECT_EQ(next.error().code, Errc::unavailable);
    gate->open();
    for (;;) {
        const auto again = worker.run<int>([]() -> Result<int> { return 3; }, kAmple);
        if (!again.ok()) continue;  // the ctest has a deadline
        EXPECT_EQ(*again, 3);
        break;
    }
    EXPECT_FALSE(worker.hangs());
}

TEST(PkcsWorker, WhatWaitsBehindAHangIsToldAndNeverRuns) {
    Worker worker("the token \"t\"");
    const auto gate = std::make_shared<Gate>();
    std::atomic<bool> ran{false};
    auto first = std::async(std::launch::async,
                            [&] { return worker.run<int>(through(gate, 1), milliseconds(300)); });
    gate->wait_entered();
    const auto second = worker.run<int>(
        [&ran]() -> Result<int> {
            ran = true;
            return 2;
        },
        kAmple);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, Errc::unavailable);
    EXPECT_FALSE(first.get().ok());
    gate->open();
    EXPECT_TRUE(worker.stop());
    EXPECT_FALSE(ran);
}

TEST(PkcsWorker, TheQueueIsBounded) {
    Worker worker("the token \"t\"");
    const auto gate = std::make_shared<Gate>();
    std::vector<std::future<Result<int>>> waiting;
    waiting.push_back(
        std::async(std::launch::async, [&] { return worker.run<int>(through(gate, 0), kAmple); }));
    gate->wait_entered();
    std::atomic<int> refused{0};
    constexpr int kMore = 20;
    for (int i = 0; i < kMore; ++i) {
        waiting.push_back(std::async(std::launch::async, [&] {
            auto answer = worker.run<int>([]() -> Result<int> { return 1; }, kAmple);
            if (!answer.ok() && answer.error().code == Errc::exhausted &&
                ++refused == kMore - static_cast<int>(kWorkerQueueMax))
                gate->open();
            return answer;
        }));
    }
    int done = 0;
    for (auto& each : waiting) done += each.get().ok() ? 1 : 0;
    EXPECT_EQ(done, static_cast<int>(kWorkerQueueMax) + 1);
    EXPECT_EQ(refused, kMore - static_cast<int>(kWorkerQueueMax));
}

TEST(PkcsWorker, EndsInTimeWhileACallHangs) {
    const auto gate = std::make_shared<Gate>();
    {
        Worker worker("the token \"t\"");
        EXPECT_FALSE(worker.run<int>(through(gate, 1), kShort).ok());
        const auto started = std::chrono::steady_clock::now();
        EXPECT_FALSE(worker.stop());
        EXPECT_LT(std::chrono::steady_clock::now() - started, 5 * kStopWait);
        EXPECT_EQ(Worker::abandoned(), 1U);
    }
    gate->open();  // it ends after all, and nothing of it is gone
    while (Worker::abandoned() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace fieldseal::node::pkcs11
