// SPDX-License-Identifier: Apache-2.0
// Idempotency keys whose orders are being carried out at this moment: the second of two equal
// requests is told so instead of waiting.
// OWNED BY: the edge service. THREADS: any; a Claim belongs to one.
#pragma once

#include <mutex>
#include <set>
#include <string>

namespace fieldseal::node {

class KeyClaims {
public:
    class Claim {
    public:
        Claim(KeyClaims& claims, std::string key) : claims_(claims), key_(std::move(key)) {
            const std::scoped_lock lock(claims_.mutex_);
            held_ = key_.empty() || claims_.keys_.insert(key_).second;
        }
        ~Claim() {
            const std::scoped_lock lock(claims_.mutex_);
            if (held_) claims_.keys_.erase(key_);
        }
        Claim(const Claim&) = delete;
        Claim& operator=(const Claim&) = delete;

        // False: somebody else holds the key. An empty key is everybody's.
        bool held() const { return held_; }

    private:
        KeyClaims& claims_;
        const std::string key_;
        bool held_ = false;
    };

private:
    std::mutex mutex_;
    std::set<std::string> keys_;  // guarded by mutex_
};

}  // namespace fieldseal::node
