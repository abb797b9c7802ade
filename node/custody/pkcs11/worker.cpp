// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/worker.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace fieldseal::node::pkcs11 {
namespace {

using Clock = std::chrono::steady_clock;

struct Job {
    std::function<void()> work;
    std::optional<Clock::time_point> started;
    bool done = false;
};

std::string seconds(std::chrono::milliseconds duration) {
    return std::to_string(duration.count() / 1000) + " s";
}

}  // namespace

struct Worker::Core {
    const std::string subject;
    std::mutex mutex;
    // All guarded by mutex.
    std::condition_variable wake;     // for the thread
    std::condition_variable changed;  // for callers and stop()
    std::deque<std::shared_ptr<Job>> queue;
    bool late = false;  // the running job has exceeded its deadline
    bool stopping = false;
    bool ended = false;

    explicit Core(std::string name) : subject(std::move(name)) {}
    void loop();
    Error hanging() const {
        return {Errc::unavailable, subject +
                                       " does not answer: unplug it and plug it in again, or "
                                       "restart what serves it (docs/operations/tokens.md)"};
    }
};

void Worker::Core::loop() {
    std::unique_lock lock(mutex);
    for (;;) {
        wake.wait(lock, [this] { return stopping || !queue.empty(); });
        if (queue.empty()) break;
        const std::shared_ptr<Job> job = queue.front();
        queue.pop_front();
        job->started = Clock::now();
        changed.notify_all();  // the caller's deadline counts from here
        lock.unlock();
        job->work();
        job->work = nullptr;  // what it owned goes here, not under the lock
        lock.lock();
        job->done = true;
        late = false;
        changed.notify_all();
    }
    ended = true;
    changed.notify_all();
}

// The abandoned threads. Never destroyed: they run until they come back or the process ends.
struct Worker::Left {
    std::mutex mutex;
    std::vector<std::pair<std::shared_ptr<Core>, std::thread>> threads;  // guarded by mutex

    static Left& behind() {
        static Left& left = *new Left;
        return left;
    }
};

Worker::Worker(std::string subject)
    : core_(std::make_shared<Core>(std::move(subject))),
      thread_([core = core_] { core->loop(); }) {}

Worker::~Worker() {
    stop();
}

Result<void> Worker::run_job(std::function<void()> work, Duration deadline) {
    Core& core = *core_;
    const auto job = std::make_shared<Job>(Job{std::move(work), std::nullopt, false});
    const auto turn_until = Clock::now() + kTurnWaitMax;
    std::unique_lock lock(core.mutex);
    if (core.stopping) return Error{Errc::unavailable, core.subject + " is being closed"};
    if (core.late) return core.hanging();
    if (core.queue.size() >= kWorkerQueueMax) {
        return Error{Errc::exhausted, core.subject + " is busy, and " +
                                          std::to_string(kWorkerQueueMax) +
                                          " orders wait for it already: try again shortly"};
    }
    core.queue.push_back(job);
    core.wake.notify_one();
    while (!job->done) {
        const auto until = job->started ? *job->started + deadline : turn_until;
        const bool late = core.changed.wait_until(lock, until) == std::cv_status::timeout;
        if (job->done) break;
        if (job->started) {
            // The deadline may have moved here: it counts from the start.
            if (!late || Clock::now() < *job->started + deadline) continue;
            core.late = true;
            core.changed.notify_all();
            return Error{Errc::unavailable,
                         core.subject + " has not answered for " + seconds(deadline) +
                             ": unplug it and plug it in again, or restart what serves it "
                             "(docs/operations/tokens.md)"};
        }
        if (!late && !core.late && !core.stopping) continue;
        // Never started, so it never will be: what nobody waits for is not signed.
        std::erase(core.queue, job);
        if (core.late) return core.hanging();
        if (core.stopping) return Error{Errc::unavailable, core.subject + " is being closed"};
        return Error{Errc::exhausted, core.subject + " was busy with other orders for " +
                                          seconds(kTurnWaitMax) + ": try again shortly"};
    }
    return {};
}

void Worker::post(std::function<void()> work) {
    const std::scoped_lock lock(core_->mutex);
    if (core_->stopping) return;
    core_->queue.push_back(std::make_shared<Job>(Job{std::move(work), std::nullopt, false}));
    core_->wake.notify_one();
}

bool Worker::hangs() const {
    const std::scoped_lock lock(core_->mutex);
    return core_->late;
}

bool Worker::stop() {
    if (!thread_.joinable()) return true;
    bool ended = false;
    {
        std::unique_lock lock(core_->mutex);
        core_->stopping = true;
        core_->wake.notify_one();
        core_->changed.notify_all();
        ended = core_->changed.wait_for(lock, kStopWait, [this] { return core_->ended; });
    }
    if (ended) {
        thread_.join();
        return true;
    }
    Left& left = Left::behind();
    const std::scoped_lock lock(left.mutex);
    left.threads.emplace_back(core_, std::move(thread_));
    return false;
}

std::size_t Worker::abandoned() {
    Left& left = Left::behind();
    const std::scoped_lock lock(left.mutex);
    std::erase_if(left.threads, [](auto& each) {
        {
            const std::scoped_lock state(each.first->mutex);
            if (!each.first->ended) return false;
        }
        each.second.join();  // it has nothing left to do
        return true;
    });
    return left.threads.size();
}

}  // namespace fieldseal::node::pkcs11
