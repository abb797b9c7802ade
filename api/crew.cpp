// SPDX-License-Identifier: Apache-2.0
#include "api/crew.h"

#include "api/thread_priority.h"

#include <utility>

namespace fieldseal::api {

Crew::Crew(std::size_t threads, std::size_t queue_max, Work work)
    : queue_max_(queue_max), work_(std::move(work)), free_(threads) {
    threads_.reserve(threads);
    try {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
    } catch (...) {
        end();
        throw;
    }
}

Crew::~Crew() {
    end();
}

bool Crew::offer(std::unique_ptr<Connection>& connection) {
    {
        const std::lock_guard lock(mutex_);
        if (ended_ || waiting_.size() >= free_ + queue_max_) return false;
        waiting_.push_back(std::move(connection));
    }
    wake_.notify_one();
    return true;
}

void Crew::end() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void Crew::run() {
    give_way();
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        auto connection = std::move(waiting_.front());
        waiting_.pop_front();
        --free_;
        lock.unlock();
        work_.handle(*connection);
        lock.lock();
        ++free_;
        lock.unlock();
        work_.send(std::move(connection));
        lock.lock();
    }
}

}  // namespace fieldseal::api
