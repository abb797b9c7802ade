// SPDX-License-Identifier: Apache-2.0
// A fixed number of threads that run handlers, and a bounded queue before them. Nobody waits to
// get in: a full crew says so at once.
//
// OWNED BY: HttpServer. THREADS: offer from any; end from the owner.
#pragma once

#include "api/connection.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace fieldseal::api {

class Crew {
public:
    // `handle` runs the handler; `send` sends its answer and passes the connection on. Between the
    // two the thread counts as free, so whoever got an answer finds room for the next request.
    struct Work {
        std::function<void(Connection&)> handle;
        std::function<void(std::unique_ptr<Connection>)> send;
    };

    // ERRORS: std::system_error when the system gives no thread; HttpServer::start catches it.
    Crew(std::size_t threads, std::size_t queue_max, Work work);
    ~Crew();  // end()

    // Takes the connection, or leaves it and returns false: all are busy and the queue is full.
    bool offer(std::unique_ptr<Connection>& connection);
    // Works off the queue and joins. Safe to call twice.
    void end();

private:
    void run();

    const std::size_t queue_max_;
    const Work work_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Connection>> waiting_;
    std::size_t free_ = 0;  // threads that run no handler
    bool ended_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace fieldseal::api
