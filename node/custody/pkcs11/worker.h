// SPDX-License-Identifier: Apache-2.0
// One thread for all calls into one token, with a deadline for each, so that a token that hangs
// holds up nobody but those who want that token: a caller leaves when its time is up, later callers
// are told at once, and ending does not wait for a call that never returns.
//
// A job must own what it uses (no references to its caller's stack): it may outlive its caller.
// A thread that still hangs kStopWait after stop() is abandoned: nobody joins it, and nothing it
// works with may be freed or finalised (stop() says so).
// OWNED BY: a Token or a Module. THREADS: any; jobs run one after another on the worker's thread.
// Errors: unavailable (no answer in time, hangs, stopping), exhausted (queue full, busy too long).
#pragma once

#include "core/result.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace fieldseal::node::pkcs11 {

// Callers that wait for one token at once. Half of an API crew's threads, so that a slow token
// never takes all of them.
inline constexpr std::size_t kWorkerQueueMax = 8;
// How long a caller waits for its turn.
inline constexpr std::chrono::milliseconds kTurnWaitMax{10'000};
inline constexpr std::chrono::milliseconds kStopWait{1'000};

class Worker {
public:
    using Duration = std::chrono::milliseconds;

    // `subject` begins sentences: "the token "office"".
    explicit Worker(std::string subject);
    ~Worker();  // stop()
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Runs `job` on the thread and waits for its answer, at most `deadline` from its start.
    template <class T>
    Result<T> run(std::function<Result<T>()> job, Duration deadline) {
        auto answer = std::make_shared<std::optional<Result<T>>>();
        FIELDSEAL_TRY(run_job([answer, job = std::move(job)] { *answer = job(); }, deadline));
        return std::move(**answer);
    }
    // Runs `job` after what is queued; nobody waits.
    void post(std::function<void()> job);

    // A call has exceeded its deadline and has not returned yet.
    bool hangs() const;
    // Refuses what is queued and ends the thread. False: it hangs in a call and was abandoned.
    bool stop();

    // Threads that hang in a token's library in this process now; joins those that came back. If
    // there are any, a program ends by _Exit: destructors of that library must not run below them.
    static std::size_t abandoned();

private:
    struct Core;
    struct Left;
    Result<void> run_job(std::function<void()> work, Duration deadline);

    std::shared_ptr<Core> core_;  // shared with the thread, which may outlive this object
    std::thread thread_;
};

}  // namespace fieldseal::node::pkcs11
