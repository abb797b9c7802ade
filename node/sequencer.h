// SPDX-License-Identifier: Apache-2.0
// The sequencer: the one thread that writes the store. Everybody else posts commands and waits.
//
// It takes what is queued, lets each command add to one store::Batch, lets the closer add what ends
// a group (a checkpoint when one is due), commits once with sync, and only then completes the
// commands. So an order that was answered is durable, and a group of any size costs one sync.
//
// Crash-only: when a commit fails, every waiting command gets the error, no further one is
// accepted, and on_fatal is called once; the process must end. The next start decides what is
// there. OWNED BY: the daemon. THREADS: run() blocks its caller for its whole work; post and stop
// any thread. DURABLE: when run() returns ok, what the command added is on the disk.
#pragma once

#include "core/result.h"
#include "store/store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace fieldseal::node {

// What ends a group: checkpoints. Called on the sequencer's thread only.
class GroupCloser {
public:
    virtual ~GroupCloser() = default;
    // Adds to a batch that is about to be committed; `last` on shutdown. Errors are fatal.
    virtual Result<void> close_group(store::Batch& batch, bool last) = 0;
    // The batch is durable.
    virtual void committed() = 0;
    // When close_group wants to be called even if no command arrives; nullopt = not at all.
    virtual std::optional<std::chrono::steady_clock::time_point> deadline() const = 0;
};

struct SequencerOptions {
    std::size_t queue_max = 1024;
    std::size_t group_max = 1024;  // commands in one commit
};

class Sequencer {
public:
    // Adds one command's writes. REQUIRES: an error means that nothing was added.
    using Apply = std::function<Result<void>(store::Batch&)>;
    using OnFatal = std::function<void(const Error&)>;

    // REQUIRES: store and closer outlive the sequencer.
    Sequencer(store::Store& store, GroupCloser& closer, SequencerOptions options, OnFatal on_fatal);
    ~Sequencer();  // stop()
    Sequencer(const Sequencer&) = delete;
    Sequencer& operator=(const Sequencer&) = delete;

    // Runs `apply` in the next group and waits until the group is durable.
    // Errors: the command's own, exhausted (queue full), unavailable (stopping), io (commit
    // failed).
    Result<void> run(const Apply& apply);

    // Held by whoever is preparing a command that run() will soon be called for (signing takes
    // longer than writing): the sequencer lets a group wait for it a little. Costs nothing but a
    // counter.
    class Preparing {
    public:
        explicit Preparing(Sequencer& sequencer) : count_(sequencer.under_way_) { ++count_; }
        ~Preparing() { --count_; }
        Preparing(const Preparing&) = delete;
        Preparing& operator=(const Preparing&) = delete;

    private:
        std::atomic<std::size_t>& count_;
    };

    // Finishes what is queued, lets the closer close a last group, joins. Safe to call twice.
    void stop();

    std::size_t queued() const;

private:
    struct Command;
    void loop();
    bool failed() const;
    bool wait_for_work();
    void take_group();
    void work_group(bool last);
    void fail_all(const Error& error);
    void complete(Command& command, const Result<void>& outcome);

    store::Store& store_;
    GroupCloser& closer_;
    const SequencerOptions options_;
    const OnFatal on_fatal_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Command*> queue_;    // guarded by mutex_
    bool stopping_ = false;         // guarded by mutex_
    std::optional<Error> failure_;  // guarded by mutex_

    std::size_t wanted_ = 1;      // guarded by mutex_; a queue of this length wakes the sequencer
    std::size_t last_group_ = 0;  // commands in the group before; the sequencer's thread only
    std::atomic<std::size_t> under_way_{0};  // commands being prepared, queued or written

    std::atomic<bool> pending_{false};     // the queue is not empty: to look at without the mutex
    std::atomic<std::size_t> waiting_{0};  // callers in run()

    std::deque<Command*> group_;  // the sequencer's thread only
    std::thread thread_;
};

}  // namespace fieldseal::node
