// SPDX-License-Identifier: Apache-2.0
// The only place that asks the system what time it is, and says how far to believe the answer.
//
// A wall clock is a claim. It is `synced` while the kernel's clock discipline says so (adjtimex),
// and `untrusted` when it runs behind something already proven: the newest record of our own log,
// the newest verified cosignature. Durations never use it. THREADS: any.
#pragma once

#include "core/statement.h"

#include <atomic>
#include <cstdint>

namespace fieldseal::node {

class Clock {
public:
    virtual ~Clock() = default;

    // POSIX seconds and milliseconds of the wall clock.
    virtual std::int64_t now_s() const = 0;
    virtual std::int64_t now_ms() const = 0;

    // What statements say about the clock at this moment.
    ClockState state() const;

    // Something was proven or recorded at this time: the clock cannot honestly be before it.
    void observe(std::int64_t time_s);
    // The newest time observed, 0 for none.
    std::int64_t observed_s() const { return observed_s_; }
    // Seconds the clock is behind what was observed, beyond the tolerance; 0 when it is not.
    std::int64_t behind_s() const;

protected:
    // True while the kernel's clock is disciplined.
    virtual bool kernel_synchronised() const = 0;

private:
    std::atomic<std::int64_t> observed_s_{0};
};

class SystemClock final : public Clock {
public:
    std::int64_t now_s() const override;
    std::int64_t now_ms() const override;

protected:
    // Asks the kernel once a second at most.
    bool kernel_synchronised() const override;

private:
    // Twice the steady clock's second of the last question, plus 1 for yes; -1 before the first.
    mutable std::atomic<std::int64_t> answered_{-1};
};

}  // namespace fieldseal::node
