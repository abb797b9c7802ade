// SPDX-License-Identifier: Apache-2.0
// Places that are held for long (uploads, event streams), so that no account holds more than half
// of them: one that is stolen, or runs wild, leaves room for the others. THREADS: any.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace fieldseal::api {

class FairShare {
public:
    // Of `places` in all, at least one an account.
    explicit FairShare(std::size_t places) : most_(std::max<std::size_t>(places / 2, 1)) {}

    // Held for as long as it lives, also longer than this. Null: the account has its share.
    std::shared_ptr<const void> take(const std::string& account);
    std::size_t most() const { return most_; }

private:
    struct Held {
        std::mutex mutex = {};
        std::map<std::string, std::size_t> by_account = {};
    };
    const std::size_t most_;
    const std::shared_ptr<Held> held_ = std::make_shared<Held>();
};

}  // namespace fieldseal::api
