// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include "store/crash_point.h"

#include <algorithm>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

// How long a group waits for company, and how much company makes that worth while.
constexpr std::chrono::microseconds kCompanyWaitMax{1000};
constexpr std::size_t kCompanyMin = 4;

// std::atomic::wait would yield in a loop before it sleeps, which 64 waiters pay for dearly.
void sleep_while_zero(const std::atomic<std::int32_t>& word) {
    while (word.load(std::memory_order_acquire) == 0) {
        ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
}

// Only the address is used.
void wake_sleeper(const std::atomic<std::int32_t>* word) {
    ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

Error stopping_error() {
    return {Errc::unavailable, "the daemon is stopping: try again when it is back"};
}

}  // namespace

// Lives on the stack of the thread that waits for it.
struct Sequencer::Command {
    const Apply& apply;
    Result<void> outcome;
    std::atomic<std::int32_t> done{0};  // an int: waits on a futex of its own

    // After the store the command may be gone with its owner's stack.
    void finish() {
        const std::atomic<std::int32_t>* word = &done;
        done.store(1, std::memory_order_release);
        wake_sleeper(word);
    }
};

Sequencer::Sequencer(store::Store& store, GroupCloser& closer, SequencerOptions options,
                     OnFatal on_fatal)
    : store_(store),
      closer_(closer),
      options_(options),
      on_fatal_(std::move(on_fatal)),
      due_(closer.deadline()),
      thread_([this] { loop(); }) {}

Sequencer::~Sequencer() {
    stop();
}

Result<void> Sequencer::run(const Apply& apply) {
    Command command{apply, {}, {}};
    std::unique_lock lock(mutex_);
    if (failure_) return *failure_;
    if (stopping_) return stopping_error();
    if (queue_.size() >= options_.queue_max) {
        return Error{Errc::exhausted, "too many orders wait to be written (" +
                                          std::to_string(options_.queue_max) +
                                          "): try again shortly"};
    }
    if (!writing_ && queue_.empty() && company() == 0) {
        writing_ = true;
        lock.unlock();
        write({&command}, false);
        return std::move(command.outcome);
    }
    queue_.push_back(&command);
    const bool enough = queue_.size() == wanted_ && !writing_;
    lock.unlock();
    if (enough) wake_.notify_one();
    sleep_while_zero(command.done);
    return std::move(command.outcome);
}

void Sequencer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

std::size_t Sequencer::queued() const {
    const std::scoped_lock lock(mutex_);
    return queue_.size();
}

void Sequencer::loop() {
    std::unique_lock lock(mutex_);
    while (wait_for_work(lock)) {
        const Group group = take_group();
        writing_ = true;
        lock.unlock();
        write(group, false);
        lock.lock();
    }
    if (failure_) return;
    writing_ = true;
    lock.unlock();
    write({}, true);
}

// False when there is nothing left to do, ever.
bool Sequencer::wait_for_work(std::unique_lock<std::mutex>& lock) {
    const auto ready = [this] { return failure_ || (!writing_ && (!queue_.empty() || stopping_)); };
    while (!ready()) {
        alarm_ = writing_ ? std::nullopt : due_;
        if (!alarm_) {
            wake_.wait(lock);
        } else if (wake_.wait_until(lock, *alarm_) == std::cv_status::timeout && !writing_) {
            break;  // an empty group, for the closer
        }
    }
    // A group that waits for half of those who are signing costs one sync instead of several, and
    // the cores sign meanwhile.
    const std::size_t enough = company();
    if (!queue_.empty() && queue_.size() < enough && !stopping_) {
        wanted_ = enough;
        wake_.wait_for(lock, kCompanyWaitMax, [&] { return queue_.size() >= enough || stopping_; });
        wanted_ = 1;
    }
    return !failure_ && (!stopping_ || !queue_.empty());
}

// How many commands a group should wait for; 0 when it should not.
std::size_t Sequencer::company() const {
    const std::size_t half = under_way_.load(std::memory_order_relaxed) / 2;
    return half >= kCompanyMin ? half : 0;
}

// With company a group takes no more than its half: while one half is written the other one signs.
// A group of everybody would leave the cores with nothing to do until its sync is over.
Sequencer::Group Sequencer::take_group() {
    const std::size_t half = company();
    const std::size_t most = std::min(half == 0 ? queue_.size() : half, options_.group_max);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), most));
    Group group(queue_.begin(), end);
    queue_.erase(queue_.begin(), end);
    return group;
}

// REQUIRES: writing_ was set by the caller; it is given back.
void Sequencer::write(const Group& group, bool last) {
    const Result<void> outcome = write_batch(group, last);
    if (!outcome.ok()) {
        fail(outcome.error(), group);
        on_fatal_(outcome.error());
        return;
    }
    {
        const std::scoped_lock lock(mutex_);
        due_ = closer_.deadline();
        writing_ = false;
        const bool sooner = due_ && (!alarm_ || *due_ < *alarm_);
        if (!queue_.empty() || stopping_ || sooner) wake_.notify_one();
    }
    for (Command* command : group) command->finish();
}

// An error is fatal: nothing of the group is durable, or nobody knows.
Result<void> Sequencer::write_batch(const Group& group, bool last) {
    store::Batch batch = store_.begin();
    for (Command* command : group) command->outcome = command->apply(batch);
    FIELDSEAL_TRY(closer_.close_group(batch, last));
    if (!batch.empty()) {
        FIELDSEAL_CRASH_POINT("sequencer.before_commit");
        // A crash before this line leaves nothing of the group; after it, all of it. Either way no
        // order was answered yet, and the start-up path is the ordinary one.
        FIELDSEAL_TRY(store_.commit(std::move(batch)));
        FIELDSEAL_CRASH_POINT("sequencer.after_commit");
    }
    closer_.committed();
    return {};
}

void Sequencer::fail(const Error& cause, const Group& group) {
    const Error error = cause.with_context("writing to the store failed, the daemon ends");
    std::deque<Command*> waiting(group.begin(), group.end());
    {
        const std::scoped_lock lock(mutex_);
        failure_ = error;
        writing_ = false;
        waiting.insert(waiting.end(), queue_.begin(), queue_.end());
        queue_.clear();
        wake_.notify_one();
    }
    for (Command* command : waiting) {
        command->outcome = error;
        command->finish();
    }
}

}  // namespace fieldseal::node
