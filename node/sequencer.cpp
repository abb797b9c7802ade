// SPDX-License-Identifier: Apache-2.0
#include "node/sequencer.h"

#include "store/crash_point.h"

namespace fieldseal::node {
namespace {

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
    }
    wake_.notify_one();
    command.done.wait(0, std::memory_order_acquire);
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
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !queue_.empty() || stopping_; };
    if (const auto deadline = closer_.deadline()) {
        wake_.wait_until(lock, *deadline, ready);
    } else {
        wake_.wait(lock, ready);
    }
    return !failure_ && (!stopping_ || !queue_.empty());
}

void Sequencer::take_group() {
    const std::scoped_lock lock(mutex_);
    while (!queue_.empty() && group_.size() < options_.group_max) {
        group_.push_back(queue_.front());
        queue_.pop_front();
    }
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
    // After the store the command may be gone with its owner's stack; notify_one only uses the
    // address.
    command.done.store(1, std::memory_order_release);
    command.done.notify_one();
}

}  // namespace fieldseal::node
