// SPDX-License-Identifier: Apache-2.0
// Token buckets by caller, and the RateLimit fields about them
// (draft-ietf-httpapi-ratelimit-headers, structured fields). Memory is bounded: a full bucket is
// forgotten, and when too many callers are known at once, new ones share one bucket. THREADS: any.
#pragma once

#include "api/http.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace fieldseal::api {

// Seconds of a clock that never goes back; node/ has it.
using SteadySeconds = std::function<double()>;

struct RatePolicy {
    std::string_view name;       // as in RateLimit-Policy
    std::uint32_t requests = 0;  // at once, and in each window
    std::uint32_t window_s = 60;
};
// Somebody known: an account, or each of its tokens. 100 a second, so that a batch of documents
// sealed one by one passes.
inline constexpr RatePolicy kCallerPolicy{"caller", 6000, 60};
// Nobody: all requests without credentials from one remote address.
inline constexpr RatePolicy kNobodyPolicy{"nobody", 600, 60};
inline constexpr std::size_t kBucketsMax = 4096;

class RateLimiter {
public:
    explicit RateLimiter(SteadySeconds now) : now_(std::move(now)) {}

    struct Verdict {
        RatePolicy policy;
        bool allowed = true;
        std::uint32_t remaining = 0;
        std::uint32_t full_again_s = 0;  // until the whole quota is there again
        std::uint32_t retry_after_s = 0;
    };
    // Takes one request from the caller's bucket.
    Verdict take(const Request& request);

private:
    struct Bucket {
        double requests = 0;
        double at_s = 0;
    };
    Bucket& bucket(const std::string& key, const RatePolicy& policy, double now_s);
    void forget_full(double now_s);

    SteadySeconds now_;
    std::mutex mutex_;
    std::map<std::string, Bucket> buckets_;  // guarded by mutex_
    double forgot_at_s_ = 0;                 // guarded by mutex_
};

void add_rate_limit_headers(Response& response, const RateLimiter::Verdict& verdict);

}  // namespace fieldseal::api
