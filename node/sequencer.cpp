// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include "store/crash_point.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using std::chrono::microseconds;
using Steady = std::chrono::steady_clock;

// A lone submitter looks for its answer this long before it sleeps: waking up costs a good part of
// a commit. With company the cores have better work to do.
constexpr microseconds kLookAloneMax{500};
// The sequencer looks this long for the next command after a group. After a group of one: as long
// as that one needs to sign again, so that nobody has to be woken up in between.
constexpr microseconds kLookForWorkMax{60};
constexpr microseconds kLookForOneMax{200};

// How long a group waits for company, and how much company makes that worth while.
constexpr microseconds kCompanyWaitMax{1000};
constexpr std::size_t kCompanyMin = 4;

// Looks until `found` or the time is over; lets others run between two looks.
template <class Found>
bool look(microseconds longest, Found found) {
    const auto end = Steady::now() + longest;
    while (!found()) {
        if (Steady::now() >= end) return false;
        std::this_thread::yield();
    }
    return true;
}

// std::atomic::wait would yield in a loop before it sleeps, which 64 waiters pay for dearly.
void sleep_while_zero(const std::atomic<std::int32_t>& word) {
    while (word.load(std::memory_order_acquire) == 0) {
        ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
    }
}

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
};

Sequencer::Sequencer(store::Store& store, GroupCloser& closer, SequencerOptions options,
                     OnFatal on_fatal)
    : store_(store),
      closer_(closer),
      options_(options),
      on_fatal_(std::move(on_fatal)),
      thread_([this] { loop(); }) {}

Sequencer::~Sequencer() {
    stop();
}

Result<void> Sequencer::run(const Apply& apply) {
    Command command{apply, {}, {}};
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        if (failure_) return *failure_;
        if (stopping_) return stopping_error();
        if (queue_.size() >= options_.queue_max) {
            return Error{Errc::exhausted, "too many orders wait to be written (" +
                                              std::to_string(options_.queue_max) +
                                              "): try again shortly"};
        }
        queue_.push_back(&command);
        pending_.store(true, std::memory_order_release);
        wake = queue_.size() == wanted_;
    }
    if (wake) wake_.notify_one();
    const auto is_done = [&] { return command.done.load(std::memory_order_acquire) != 0; };
    const bool alone = waiting_.fetch_add(1) == 0;
    if (!alone || !look(kLookAloneMax, is_done)) sleep_while_zero(command.done);
    waiting_.fetch_sub(1);
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
    while (wait_for_work()) {
        take_group();
        work_group(false);
    }
    if (!failed()) work_group(true);
    fail_all(stopping_error());
}

bool Sequencer::failed() const {
    const std::scoped_lock lock(mutex_);
    return failure_.has_value();
}

// False when there is nothing left to do, ever.
bool Sequencer::wait_for_work() {
    look(last_group_ == 1 ? kLookForOneMax : kLookForWorkMax,
         [this] { return pending_.load(std::memory_order_acquire); });
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !queue_.empty() || stopping_; };
    if (const auto deadline = closer_.deadline()) {
        wake_.wait_until(lock, *deadline, ready);
    } else {
        wake_.wait(lock, ready);
    }
    // A group that waits for half of those who are signing costs one sync instead of several, and
    // the cores sign meanwhile.
    const std::size_t company = under_way_.load(std::memory_order_relaxed) / 2;
    if (company >= kCompanyMin && queue_.size() < company && !stopping_) {
        wanted_ = company;
        wake_.wait_for(lock, kCompanyWaitMax,
                       [&] { return queue_.size() >= company || stopping_; });
        wanted_ = 1;
    }
    return !failure_ && (!stopping_ || !queue_.empty());
}

void Sequencer::take_group() {
    const std::scoped_lock lock(mutex_);
    while (!queue_.empty() && group_.size() < options_.group_max) {
        group_.push_back(queue_.front());
        queue_.pop_front();
    }
    last_group_ = group_.size();
    pending_.store(!queue_.empty(), std::memory_order_release);
}

void Sequencer::work_group(bool last) {
    store::Batch batch = store_.begin();
    for (Command* command : group_) command->outcome = command->apply(batch);
    Result<void> outcome = closer_.close_group(batch, last);
    if (outcome.ok() && !batch.empty()) {
        FIELDSEAL_CRASH_POINT("sequencer.before_commit");
        // A crash before this line leaves nothing of the group; after it, all of it. Either way no
        // order was answered yet, and the start-up path is the ordinary one.
        outcome = store_.commit(std::move(batch));
        FIELDSEAL_CRASH_POINT("sequencer.after_commit");
    }
    if (!outcome.ok()) {
        fail_all(outcome.error().with_context("writing to the store failed, the daemon ends"));
        on_fatal_(outcome.error());
        return;
    }
    closer_.committed();
    for (Command* command : group_) complete(*command, command->outcome);
    group_.clear();
}

void Sequencer::fail_all(const Error& error) {
    std::deque<Command*> waiting;
    {
        const std::scoped_lock lock(mutex_);
        if (!failure_) failure_ = error;
        waiting.swap(queue_);
    }
    for (Command* command : group_) complete(*command, error);
    group_.clear();
    for (Command* command : waiting) complete(*command, error);
}

void Sequencer::complete(Command& command, const Result<void>& outcome) {
    if (&outcome != &command.outcome) command.outcome = outcome;
    // After the store the command may be gone with its owner's stack; a wake-up only uses its
    // address.
    const std::atomic<std::int32_t>* word = &command.done;
    command.done.store(1, std::memory_order_release);
    wake_sleeper(word);
}

}  // namespace fieldseal::node
