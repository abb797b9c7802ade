// SPDX-License-Identifier: Apache-2.0
// The only place that asks the system what time it is, and says how far to believe the answer.
//
// A wall clock is a claim. It is *synchronised* while the system's discipline says so; *holdover*
// for kHoldoverMaxS after it last was, or after an anchor agreed with it, as long as it has run
// evenly since; *untrusted* otherwise. "Evenly" is judged by the boot clock (CLOCK_BOOTTIME), which
// nobody sets. A clock that is behind what was proven, recorded or measured was set back
// (ClockSetBack) and is untrusted whatever the discipline says. Durations never use the wall clock.
// THREADS: any; look() by one thread.
#pragma once

#include "core/statement.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace fieldseal::node {

// How far the clock may run behind another's time before it counts as set back: the skew that
// witnesses are allowed.
inline constexpr std::int64_t kBehindToleranceS = 300;
// A step of the clock within one run that is more than a discipline's slewing.
inline constexpr std::int64_t kStepToleranceS = 10;
// A quartz off by 100 ppm leaves the tolerance above after 34 days.
inline constexpr std::int64_t kHoldoverMaxS = std::int64_t{30} * 86400;

// What the system says about its clock just now.
struct ClockDiscipline {
    bool synchronised = false;
    std::optional<std::int64_t> age_s = {};  // since the last correction, if it is known
};

// What contradicts the clock.
enum class ClockEvidence : std::uint8_t {
    anchor,  // a time that somebody else signed and this node verified
    record,  // the newest record of the node's own log
    boot,    // the boot clock: the wall clock was set back while the node ran
};
std::string_view to_string(ClockEvidence evidence);
// "the newest entry of the log": what the clock is behind.
std::string_view in_words(ClockEvidence evidence);

struct ClockSetBack {
    ClockEvidence evidence = ClockEvidence::record;
    std::int64_t behind_s = 0;
};

class Clock {
public:
    virtual ~Clock() = default;

    // POSIX seconds and milliseconds of the wall clock.
    virtual std::int64_t now_s() const = 0;
    virtual std::int64_t now_ms() const = 0;
    // Seconds since the machine started, sleep included. Never set.
    virtual std::int64_t boot_s() const = 0;

    // What statements say about the clock at this moment.
    ClockState state() const;
    // What contradicts the clock most, or nothing.
    std::optional<ClockSetBack> set_back() const;
    // Seconds the clock is behind, 0 when nothing contradicts it.
    std::int64_t behind_s() const;
    // The earliest that it can be now: the newest time observed, and what the boot clock counted
    // since. 0 for none.
    std::int64_t observed_s() const;

    // The node recorded something at this time: the clock said so itself.
    void observe_record(std::int64_t time_s);
    // Somebody else's signature, verified here, says this time. One that agrees with the clock also
    // overrules what the clock said itself before: it had been ahead then.
    void observe_anchor(std::int64_t time_s);
    // Compares the wall clock with the boot clock since the last look. Returns how many seconds the
    // wall clock was set back meanwhile, 0 for not.
    std::int64_t look();

protected:
    virtual ClockDiscipline discipline() const = 0;

private:
    // It was `time_s` when the boot clock said `boot_s`.
    struct Mark {
        std::int64_t time_s = 0;
        std::int64_t boot_s = 0;
    };
    struct Reference {
        Mark mark;
        ClockSource source = ClockSource::kernel_synchronised;
    };
    static std::int64_t expected(const Mark& mark, std::int64_t boot_s);
    std::optional<ClockSetBack> contradiction(std::int64_t now_s, std::int64_t boot_s) const;

    mutable std::mutex mutex_;
    Mark anchor_;  // all below guarded by mutex_; time_s 0 is none
    Mark record_;
    std::optional<Mark> last_look_;
    std::optional<Reference> reference_;  // when the clock was last known to be right
    std::int64_t lost_s_ = 0;             // set back while the node ran, and not put right since
};

class SystemClock final : public Clock {
public:
    std::int64_t now_s() const override;
    std::int64_t now_ms() const override;
    std::int64_t boot_s() const override;

protected:
    // Asks the system once a second at most.
    ClockDiscipline discipline() const override;

private:
    mutable std::mutex asked_mutex_;
    mutable std::int64_t asked_s_ = -1;  // the boot clock's second of the last question
    mutable ClockDiscipline answer_;
};

}  // namespace fieldseal::node
