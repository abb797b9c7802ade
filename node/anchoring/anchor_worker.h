// SPDX-License-Identifier: Apache-2.0
// One thread per target: loads the target's row, steps the scheduler, performs what it says, and
// hands results to the sequencer. The network is only ever touched here.
//
// Everything that decides is in anchor/schedule.h; this class only reads clocks, waits and calls.
// OWNED BY: the daemon. THREADS: public members any; one thread of its own.
#pragma once

#include "anchor/schedule.h"
#include "anchor/target.h"
#include "core/evidence.h"
#include "node/clock.h"
#include "node/sequencer.h"
#include "store/store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace fieldseal::node {

// What the rest of the node wants to hear of a target.
struct AnchorHooks {
    // A checkpoint of this size is anchored at `target`, its pieces are stored.
    std::function<void(const std::string& target, const anchor::AnchorPieces&)> anchored;
    std::function<void(const std::string& target, const anchor::Alarm&)> alarm;
    std::function<void(const std::string& target)> reconciled;
    // A chain's block that a quorum of its pinned validators sealed.
    std::function<void(const ChainFloor& block, std::int64_t time_s)> sealed_block;
    // A token of a time-stamping authority, verified, and its time.
    std::function<void(const TokenFloor& token, std::int64_t time_s)> token;
    // The target's phase is another one; may be empty.
    std::function<void()> phase_changed = {};
};

class AnchorWorker {
public:
    struct Parts {
        store::Store& store;
        Sequencer& sequencer;
        Clock& clock;
        store::LogId log_id = store::LogId::statements;  // whose checkpoints are anchored
        anchor::LogView log;                             // the same log, as adapters see it
        AnchorHooks hooks;
        anchor::SchedulePolicy policy;
    };

    // Reads the target's row (a corrupt row is an error) and starts the thread.
    static Result<std::unique_ptr<AnchorWorker>> start(std::string name,
                                                       std::unique_ptr<anchor::Target> target,
                                                       Parts parts);
    ~AnchorWorker();  // stop()

    void post(anchor::Event event);
    anchor::TargetState state() const;
    const std::string& name() const { return name_; }
    // Ends a running request and joins.
    void stop();

private:
    AnchorWorker(std::string name, std::unique_ptr<anchor::Target> target, Parts parts,
                 anchor::TargetState state);

    void loop(const std::stop_token& stop);
    bool next_event(const std::stop_token& stop, anchor::Event& event);
    void step(const anchor::Event& event, const std::stop_token& stop);
    void perform(const anchor::Action& action, const std::stop_token& stop);
    void submit(const anchor::Submit& action, const std::stop_token& stop);
    void observe(const std::stop_token& stop);
    void complete(const anchor::Complete& action, const std::stop_token& stop);
    Result<anchor::Outcome> ask(const anchor::Submit& action, const std::stop_token& stop);
    anchor::SubmitContext context(const std::string& note, const std::stop_token& stop) const;
    Result<void> persist(const anchor::TargetState& state);
    Result<void> store_pieces(std::uint64_t size, const anchor::AnchorPieces& pieces);
    std::uint64_t newest_checkpoint() const;

    const std::string name_;
    const std::unique_ptr<anchor::Target> target_;
    Parts parts_;

    mutable std::mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<anchor::Event> events_;  // guarded by mutex_
    anchor::TargetState state_;         // guarded by mutex_; changed by the worker's thread only

    std::jthread thread_;
};

}  // namespace fieldseal::node
