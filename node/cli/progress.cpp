// SPDX-License-Identifier: Apache-2.0
#include "node/cli/progress.h"

#include "node/cli/readable.h"

#include <fmt/format.h>

#include <algorithm>

namespace fieldseal::node::cli {
namespace {

constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kNameBytesMax = 24;
constexpr std::chrono::milliseconds kInterval{100};
// Before this, a rate says more about the first read than about the rest.
constexpr std::chrono::milliseconds kRateFrom{500};

// The end of a long name: that is where files of one folder differ.
std::string short_name(std::string_view name) {
    const auto slash = name.rfind('/');
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    if (name.size() <= kNameBytesMax) return printable(name);
    name.remove_prefix(name.size() - kNameBytesMax);
    // Not in the middle of a UTF-8 sequence.
    while (!name.empty() && (static_cast<unsigned char>(name[0]) & 0xC0) == 0x80)
        name.remove_prefix(1);
    return "…" + printable(name);
}

}  // namespace

std::string progress_line(std::string_view name, const ProgressState& state,
                          std::size_t columns_max) {
    const std::uint64_t done = std::min(state.done_bytes, state.total_bytes);
    const double share = state.total_bytes == 0
                             ? 1.0
                             : static_cast<double>(done) / static_cast<double>(state.total_bytes);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
    std::vector<std::string> parts = {
        short_name(name),
        fmt::format("  [{}{}]", std::string(filled, '#'), std::string(kBarColumns - filled, '-')),
        fmt::format(" {:3.0f}%", share * 100),
        fmt::format("  {} of {}", readable_bytes(done), readable_bytes(state.total_bytes))};
    if (state.elapsed >= kRateFrom && done > 0) {
        const double per_second =
            static_cast<double>(done) * 1000 / static_cast<double>(state.elapsed.count());
        const double left_s = static_cast<double>(state.total_bytes - done) / per_second;
        parts.push_back(
            fmt::format("  {}/s", readable_bytes(static_cast<std::uint64_t>(per_second))));
        parts.push_back(fmt::format("  about {} left",
                                    readable_duration(static_cast<std::uint64_t>(left_s + 0.5))));
    }
    std::string line;
    for (const std::string& part : parts) {
        if (columns_of(line) + columns_of(part) > columns_max) break;
        line += part;
    }
    return line;
}

ProgressMeter::ProgressMeter(std::ostream* terminal, std::size_t columns_max, std::string name,
                             std::uint64_t total_bytes)
    : terminal_(total_bytes >= kProgressFromBytes ? terminal : nullptr),
      columns_max_(columns_max),
      name_(std::move(name)),
      total_bytes_(total_bytes) {}

ProgressMeter::~ProgressMeter() {
    if (shown_columns_ > 0)
        *terminal_ << '\r' << std::string(shown_columns_, ' ') << '\r' << std::flush;
}

void ProgressMeter::update_at(std::uint64_t done_bytes, Clock::time_point now) {
    if (terminal_ == nullptr || now < next_) return;
    next_ = now + kInterval;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
    std::string line = progress_line(name_, {done_bytes, total_bytes_, elapsed}, columns_max_);
    const std::size_t columns = columns_of(line);
    if (columns < shown_columns_) line.append(shown_columns_ - columns, ' ');
    shown_columns_ = std::max(shown_columns_, columns);
    *terminal_ << '\r' << line << std::flush;
}

}  // namespace fieldseal::node::cli
