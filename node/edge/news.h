// SPDX-License-Identifier: Apache-2.0
// "Something is new": wakes those who wait for it. Says nothing about what; they look into the
// store. So telling costs the writer a few instructions, and nothing is ever queued or lost.
// OWNED BY: the daemon. THREADS: any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace fieldseal::node {

class News {
public:
    // Something is durable, or a target's state changed, since the last call.
    void tell();
    // No more news: everybody who waits returns at once, from now on.
    void close();

    std::uint64_t edition() const;
    bool closed() const;
    // Until there is a newer edition than `seen`, close() or the deadline.
    void wait(std::uint64_t seen, std::chrono::steady_clock::time_point deadline) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable wake_;
    std::uint64_t edition_ = 0;  // guarded by mutex_
    bool closed_ = false;        // guarded by mutex_
};

}  // namespace fieldseal::node
