// SPDX-License-Identifier: Apache-2.0
// The sequencer: the one door to writing the store. Everybody posts commands and waits.
//
// It takes what is queued, lets each command add to one store::Batch, lets the closer add what ends
// a group (a checkpoint when one is due), commits once with sync, and only then completes the
// commands. So an order that was answered is durable, and a group of any size costs one sync.
// Groups are written by the sequencer's thread; an order that finds nobody writing and no company
// is a group of its own and written by its caller, which saves two changes of threads.
//
// Crash-only: when a commit fails, every waiting command gets the error, no further one is
// accepted, and on_fatal is called once; the process must end. The next start decides what is
// there. OWNED BY: the daemon. THREADS: any; commands and the closer run on one thread at a time,
// each call after the one before. DURABLE: when run() returns ok, what the command added is on the
// disk.
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
#include <vector>

namespace fieldseal::node {

// What ends a group: checkpoints. Called by whoever writes a group: one call at a time.
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
    using Group = std::vector<Command*>;
    using Moment = std::chrono::steady_clock::time_point;

    void loop();
    bool wait_for_work(std::unique_lock<std::mutex>& lock);
    std::size_t company() const;
    Group take_group();
    void write(const Group& group, bool last);
    Result<void> write_batch(const Group& group, bool last);
    void fail(const Error& cause, const Group& group);

    store::Store& store_;
    GroupCloser& closer_;
    const SequencerOptions options_;
    const OnFatal on_fatal_;

    mutable std::mutex mutex_;
    // All guarded by mutex_.
    std::condition_variable wake_;  // for the sequencer's thread
    std::deque<Command*> queue_;
    std::size_t wanted_ = 1;       // a queue of this length wakes the sequencer's thread
    bool writing_ = false;         // somebody has the closer and the store
    std::optional<Moment> due_;    // the closer's deadline, as of the last group
    std::optional<Moment> alarm_;  // when the sequencer's thread wakes up by itself
    bool stopping_ = false;
    std::optional<Error> failure_;

    std::atomic<std::size_t> under_way_{0};  // commands being prepared, queued or written
    std::thread thread_;
};

}  // namespace fieldseal::node
