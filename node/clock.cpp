// SPDX-License-Identifier: Apache-2.0
#include "node/clock.h"

#include "node/clock_discipline.h"

#include <algorithm>
#include <chrono>
#include <ctime>

namespace fieldseal::node {
namespace {

// What a quartz may lose against the time that others keep: 200 ppm.
constexpr std::int64_t kDriftDivisor = 5000;

}  // namespace

std::string_view to_string(ClockEvidence evidence) {
    switch (evidence) {
        case ClockEvidence::anchor:
            return "anchor";
        case ClockEvidence::record:
            return "record";
        case ClockEvidence::boot:
            return "boot-clock";
    }
    return "";
}

std::string_view in_words(ClockEvidence evidence) {
    switch (evidence) {
        case ClockEvidence::anchor:
            return "the newest time that others confirmed";
        case ClockEvidence::record:
            return "the newest entry of the log";
        case ClockEvidence::boot:
            return "the clock that runs since this machine started";
    }
    return "";
}

// The earliest that it can be now, given that mark.
std::int64_t Clock::expected(const Mark& mark, std::int64_t boot_s) {
    if (mark.time_s == 0) return 0;
    const std::int64_t passed_s = std::max<std::int64_t>(0, boot_s - mark.boot_s);
    return mark.time_s + passed_s - passed_s / kDriftDivisor;
}

std::optional<ClockSetBack> Clock::contradiction(std::int64_t now_s, std::int64_t boot_s) const {
    const ClockSetBack candidates[] = {
        {ClockEvidence::anchor, expected(anchor_, boot_s) - now_s},
        {ClockEvidence::record, expected(record_, boot_s) - now_s},
    };
    std::optional<ClockSetBack> worst;
    for (const ClockSetBack& each : candidates) {
        if (each.behind_s <= kBehindToleranceS) continue;
        if (!worst || each.behind_s > worst->behind_s) worst = each;
    }
    if (!worst && lost_s_ > 0) worst = ClockSetBack{ClockEvidence::boot, lost_s_};
    return worst;
}

std::optional<ClockSetBack> Clock::set_back() const {
    const std::scoped_lock lock(mutex_);
    return contradiction(now_s(), boot_s());
}

std::int64_t Clock::behind_s() const {
    const auto found = set_back();
    return found ? found->behind_s : 0;
}

std::int64_t Clock::observed_s() const {
    const std::scoped_lock lock(mutex_);
    const std::int64_t boot = boot_s();
    return std::max(expected(anchor_, boot), expected(record_, boot));
}

ClockState Clock::state() const {
    const ClockDiscipline now = discipline();
    const std::scoped_lock lock(mutex_);
    const std::int64_t boot = boot_s();
    const std::int64_t wall = now_s();
    const ClockState untrusted{ClockSource::system, std::nullopt, ClockTrust::untrusted};
    if (contradiction(wall, boot)) return untrusted;
    if (now.synchronised)
        return {ClockSource::kernel_synchronised, now.age_s, ClockTrust::synchronised};
    if (!reference_) return untrusted;
    const std::int64_t age_s = boot - reference_->mark.boot_s;
    const std::int64_t drifted_s = wall - (reference_->mark.time_s + age_s);
    const std::int64_t allowed_s = kStepToleranceS + age_s / kDriftDivisor;
    if (age_s > kHoldoverMaxS || std::max(drifted_s, -drifted_s) > allowed_s) return untrusted;
    return {reference_->source, age_s, ClockTrust::holdover};
}

void Clock::observe_record(std::int64_t time_s) {
    const std::scoped_lock lock(mutex_);
    const std::int64_t boot = boot_s();
    if (time_s > expected(record_, boot)) record_ = {time_s, boot};
}

void Clock::observe_anchor(std::int64_t time_s) {
    const std::scoped_lock lock(mutex_);
    const std::int64_t boot = boot_s();
    const std::int64_t wall = now_s();
    if (time_s <= expected(anchor_, boot)) return;
    anchor_ = {time_s, boot};
    const std::int64_t apart_s = wall - time_s;
    if (std::max(apart_s, -apart_s) > kBehindToleranceS) return;
    record_ = {std::min(time_s, wall), boot};
    lost_s_ = 0;
    reference_ = Reference{{wall, boot}, ClockSource::anchored_reference};
}

std::int64_t Clock::look() {
    const ClockDiscipline now = discipline();
    const std::scoped_lock lock(mutex_);
    const Mark here{now_s(), boot_s()};
    std::int64_t stepped_s = 0;
    if (last_look_) {
        const std::int64_t passed_s = here.boot_s - last_look_->boot_s;
        stepped_s = here.time_s - (last_look_->time_s + passed_s);
        if (stepped_s < -kStepToleranceS) lost_s_ += -stepped_s;
        if (stepped_s > kStepToleranceS) lost_s_ = std::max<std::int64_t>(0, lost_s_ - stepped_s);
        if (lost_s_ <= kStepToleranceS) lost_s_ = 0;
    }
    last_look_ = here;
    // A discipline that steps the clock knows better than the clock did.
    if (now.synchronised) lost_s_ = 0;
    if (now.synchronised && !contradiction(here.time_s, here.boot_s)) {
        reference_ = Reference{here, ClockSource::kernel_synchronised};
    }
    return stepped_s < -kStepToleranceS ? -stepped_s : 0;
}

std::int64_t SystemClock::now_s() const {
    return now_ms() / 1000;
}

std::int64_t SystemClock::now_ms() const {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SystemClock::boot_s() const {
    timespec now{};
    return ::clock_gettime(CLOCK_BOOTTIME, &now) == 0 ? now.tv_sec : 0;
}

ClockDiscipline SystemClock::discipline() const {
    const std::int64_t second = boot_s();
    const std::scoped_lock lock(asked_mutex_);
    if (second != asked_s_) {
        answer_ = read_clock_discipline(now_s());
        asked_s_ = second;
    }
    return answer_;
}

}  // namespace fieldseal::node
