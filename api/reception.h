// SPDX-License-Identifier: Apache-2.0
// Where connections wait: one thread that holds every socket no handler works on. It collects
// requests, passes complete ones on, and writes what a worker's first attempt left of an answer.
// So a slow peer costs a place here, never a thread, and each wait has its deadline.
//
// OWNED BY: HttpServer. THREADS: admit and take_back from any; the rest from the owner.
#pragma once

#include "api/connection.h"
#include "core/result.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace fieldseal::api {

class Reception {
public:
    using Owned = std::unique_ptr<Connection>;
    // Takes a connection whose request is complete; leaves it and returns false when nobody can.
    using Dispatch = std::function<bool(Owned&)>;

    Reception(const ServerOptions& options, HttpLibrary& library, Dispatch dispatch);
    ~Reception();  // end()

    Result<void> start();
    void admit(int fd);
    // From a worker: the answer is set, and written as far as the socket took it.
    void take_back(Owned connection);
    // Ends connections that are not being answered; further answers are their connections' last.
    void stop_reading();
    // Writes the last answers, for a short while, and joins. Safe to call twice.
    void end();

private:
    void run();
    void receive_arrivals();
    void admit_now(Owned connection);
    void on_ready(int fd);
    void handle(Owned connection, ReadStep step);
    bool pass_on(Owned& connection);
    void write_more(Owned connection);
    void hold(Owned connection);
    // The one of `phase`, or of all, that has been there for longest. False when there is none.
    bool evict_slowest(std::optional<Phase> phase);
    bool make_room_for_body(Connection& connection);
    void make_room_for_answers();
    void expire();
    void drop_unanswered();
    bool finished() const;
    int timeout_ms() const;
    std::chrono::milliseconds allowance(const Connection& connection) const;
    void wake();

    const ServerOptions& options_;
    HttpLibrary& library_;
    const Dispatch dispatch_;
    Holdings holdings_;  // of connections here and with workers
    int epoll_ = -1;
    int wake_ = -1;
    std::thread thread_;

    std::mutex mutex_;  // of the two below
    std::vector<Owned> admitted_;
    std::vector<Owned> returned_;

    std::atomic<bool> reading_{true};
    std::atomic<bool> ended_{false};

    // The thread's own.
    std::unordered_map<int, Owned> held_;
    Clock::time_point next_deadline_ = Clock::time_point::max();
    Clock::time_point end_deadline_ = Clock::time_point::max();
};

}  // namespace fieldseal::api
