// SPDX-License-Identifier: Apache-2.0
#include "node/clock.h"

#include <chrono>
#include <sys/timex.h>

namespace fieldseal::node {
namespace {

// How far the clock may run behind an observed time before it counts as set back: the skew that
// witnesses are allowed.
constexpr std::int64_t kBehindToleranceS = 300;

}  // namespace

ClockState Clock::state() const {
    if (behind_s() > 0) return {ClockSource::system, std::nullopt, ClockTrust::untrusted};
    if (kernel_synchronised())
        return {ClockSource::kernel_synchronised, std::nullopt, ClockTrust::synchronised};
    return {ClockSource::system, std::nullopt, ClockTrust::untrusted};
}

void Clock::observe(std::int64_t time_s) {
    std::int64_t known = observed_s_;
    while (known < time_s && !observed_s_.compare_exchange_weak(known, time_s)) {
    }
}

std::int64_t Clock::behind_s() const {
    const std::int64_t behind = observed_s_ - now_s();
    return behind > kBehindToleranceS ? behind : 0;
}

std::int64_t SystemClock::now_s() const {
    return now_ms() / 1000;
}

std::int64_t SystemClock::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

bool SystemClock::kernel_synchronised() const {
    using namespace std::chrono;
    const std::int64_t second =
        duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
    const std::int64_t known = answered_.load(std::memory_order_relaxed);
    if (known >= 0 && known / 2 == second) return known % 2 != 0;
    timex query{};
    const bool yes = ::adjtimex(&query) != TIME_ERROR && (query.status & STA_UNSYNC) == 0;
    answered_.store(second * 2 + (yes ? 1 : 0), std::memory_order_relaxed);
    return yes;
}

}  // namespace fieldseal::node
