// SPDX-License-Identifier: Apache-2.0
#include "node/edge/news.h"

namespace fieldseal::node {

void News::tell() {
    {
        const std::scoped_lock lock(mutex_);
        ++edition_;
    }
    wake_.notify_all();
}

void News::close() {
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    wake_.notify_all();
}

std::uint64_t News::edition() const {
    const std::scoped_lock lock(mutex_);
    return edition_;
}

bool News::closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
}

void News::wait(std::uint64_t seen, std::chrono::steady_clock::time_point deadline) const {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, deadline, [&] { return closed_ || edition_ != seen; });
}

}  // namespace fieldseal::node
