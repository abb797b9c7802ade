// SPDX-License-Identifier: Apache-2.0
// The progress of one long read: a pure text for a state, and a meter that writes it to a terminal
// at most ten times a second. Small files and pipes see nothing.
// THREADS: one thread each. OWNED BY: the verb that reads.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace fieldseal::node::cli {

inline constexpr std::uint64_t kProgressFromBytes = 64 * 1024 * 1024;

struct ProgressState {
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::chrono::milliseconds elapsed{0};
};

// "contract.pdf  [########----]  67%  1.3 GiB of 2.0 GiB  450.2 MiB/s  about 2 s left"; the last
// parts are left out where they do not fit: a line that wraps cannot be drawn over.
std::string progress_line(std::string_view name, const ProgressState& state,
                          std::size_t columns_max = 100);

class ProgressMeter {
public:
    using Clock = std::chrono::steady_clock;
    // `terminal` null: no output at all.
    ProgressMeter(std::ostream* terminal, std::size_t columns_max, std::string name,
                  std::uint64_t total_bytes);
    // Clears the line, whatever happened meanwhile.
    ~ProgressMeter();
    ProgressMeter(const ProgressMeter&) = delete;
    ProgressMeter& operator=(const ProgressMeter&) = delete;

    void update(std::uint64_t done_bytes) { update_at(done_bytes, Clock::now()); }
    void update_at(std::uint64_t done_bytes, Clock::time_point now);

private:
    std::ostream* const terminal_;
    const std::size_t columns_max_;
    const std::string name_;
    const std::uint64_t total_bytes_;
    const Clock::time_point started_ = Clock::now();
    Clock::time_point next_ = started_;
    std::size_t shown_columns_ = 0;
};

}  // namespace fieldseal::node::cli
