// SPDX-License-Identifier: Apache-2.0
#include "api/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace fieldseal::api {
namespace {

constexpr double kForgetEvery_s = 1;  // at most once a second: it walks over all buckets
constexpr std::string_view kShared = "shared";

double per_second(const RatePolicy& policy) {
    return static_cast<double>(policy.requests) / policy.window_s;
}

double refilled(double requests, double passed_s, const RatePolicy& policy) {
    return std::min<double>(policy.requests, requests + passed_s * per_second(policy));
}

std::uint32_t whole_seconds(double requests, const RatePolicy& policy) {
    return static_cast<std::uint32_t>(std::ceil(requests / per_second(policy)));
}

std::string key_of(const Request& request) {
    const Caller& caller = request.caller;
    switch (caller.kind) {
        case CallerKind::session:
            return "a:" + caller.account;
        case CallerKind::token:
            return "t:" + caller.token_id;
        case CallerKind::nobody:
            break;
    }
    return "r:" + request.remote;
}

}  // namespace

void RateLimiter::forget_full(double now_s) {
    forgot_at_s_ = now_s;
    // After one window every bucket that was not touched is full again.
    std::erase_if(buckets_, [now_s](const auto& entry) {
        return now_s - entry.second.at_s >=
               std::max(kCallerPolicy.window_s, kNobodyPolicy.window_s);
    });
}

RateLimiter::Bucket& RateLimiter::bucket(const std::string& key, const RatePolicy& policy,
                                         double now_s) {
    const auto known = buckets_.find(key);
    if (known != buckets_.end()) return known->second;
    if (buckets_.size() >= kBucketsMax && now_s - forgot_at_s_ >= kForgetEvery_s) {
        forget_full(now_s);
    }
    const bool full = buckets_.size() >= kBucketsMax;
    const std::string name = full ? std::string(policy.name) + ":" + std::string(kShared) : key;
    return buckets_.try_emplace(name, Bucket{static_cast<double>(policy.requests), now_s})
        .first->second;
}

RateLimiter::Verdict RateLimiter::take(const Request& request) {
    Verdict verdict;
    verdict.policy = request.caller.kind == CallerKind::nobody ? kNobodyPolicy : kCallerPolicy;
    const double now_s = now_();
    const std::lock_guard lock(mutex_);
    Bucket& bucket = this->bucket(key_of(request), verdict.policy, now_s);
    bucket.requests = refilled(bucket.requests, std::max(0.0, now_s - bucket.at_s), verdict.policy);
    bucket.at_s = now_s;
    verdict.allowed = bucket.requests >= 1;
    if (verdict.allowed) bucket.requests -= 1;
    verdict.remaining = static_cast<std::uint32_t>(bucket.requests);
    verdict.full_again_s = whole_seconds(verdict.policy.requests - bucket.requests, verdict.policy);
    if (!verdict.allowed) {
        verdict.retry_after_s =
            std::max<std::uint32_t>(1, whole_seconds(1 - bucket.requests, verdict.policy));
    }
    return verdict;
}

void add_rate_limit_headers(Response& response, const RateLimiter::Verdict& verdict) {
    const std::string name = "\"" + std::string(verdict.policy.name) + "\"";
    response.headers.emplace_back("RateLimit-Policy",
                                  name + ";q=" + std::to_string(verdict.policy.requests) +
                                      ";w=" + std::to_string(verdict.policy.window_s));
    response.headers.emplace_back("RateLimit", name + ";r=" + std::to_string(verdict.remaining) +
                                                   ";t=" + std::to_string(verdict.full_again_s));
    if (!verdict.allowed) {
        response.headers.emplace_back("Retry-After", std::to_string(verdict.retry_after_s));
    }
}

}  // namespace fieldseal::api
