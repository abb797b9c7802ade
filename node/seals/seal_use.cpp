// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_use.h"

#include "core/statement.h"
#include "node/sequencer.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;
constexpr std::int64_t kSecondsPerDay = 86'400;
// A day's midnight may have been in another offset than its noon.
constexpr std::int64_t kOffsetChangeMaxS = std::int64_t{3} * 3600;
// The clock's own look at a step comes within this time.
constexpr std::int64_t kLookWithinS = 60;

}  // namespace

// From the moment that `tracking_` is set, added() sees every statement; once a group that was
// under way at that moment is durable, what it did not see can be read from the log.
Result<void> SealUse::track(Sequencer& sequencer) {
    const std::scoped_lock starting(starting_);
    {
        const std::scoped_lock lock(mutex_);
        if (complete_) return {};
        tracking_ = true;
    }
    const auto nothing = [](store::Batch&) { return Result<void>(); };
    FIELDSEAL_TRY(sequencer.run(nothing));
    const std::uint64_t anchored = FIELDSEAL_TRY(parts_.anchored_size());
    std::uint64_t below = parts_.store.log(kLog).head().size.value;
    {
        const std::scoped_lock lock(mutex_);
        if (first_seen_) below = std::min(below, *first_seen_);
    }
    FIELDSEAL_TRY(read_waiting(anchored, below));
    const std::scoped_lock lock(mutex_);
    FIELDSEAL_TRY(count_day());
    complete_ = true;
    return {};
}

Result<void> SealUse::read_waiting(std::uint64_t from, std::uint64_t below) {
    std::map<Digest, std::deque<Waiting>> found;
    const std::int64_t boot_s = parts_.clock.boot_s();
    store::ListQuery query;
    query.order = store::Order::oldest_first;
    query.limit = store::kListMax;
    if (from > 0) query.after = merkle::LeafIndex{from - 1};
    for (bool more = true; more;) {
        const auto records = FIELDSEAL_TRY(parts_.store.statements().list(query));
        more = records.size() == query.limit;
        for (const auto& record : records) {
            query.after = record.index;
            if (record.index.value >= below) more = false;
            if (record.index.value >= below || record.kind != store::StatementKind::statement) {
                continue;
            }
            const auto statement = FIELDSEAL_TRY(parse_statement(record.cose));
            found[statement.claims.kid].push_back(
                {record.index.value, record.received_at_s, boot_s});
        }
    }
    const std::scoped_lock lock(mutex_);
    for (auto& [kid, waiting] : found) {
        auto& all = waiting_[kid];
        all.insert(all.begin(), waiting.begin(), waiting.end());
    }
    return {};
}

// What is in the log, and behind it what this turn's batch adds.
Result<SealUse::Day> SealUse::read_day(const LocalMoment& date, bool and_later) const {
    Day found{date.day, and_later};
    const std::uint64_t durable = parts_.store.log(kLog).head().size.value;
    store::TimeQuery query;
    query.from_s = std::max<std::int64_t>(0, date.midnight_s - kOffsetChangeMaxS);
    query.until_s = and_later ? INT64_MAX : date.midnight_s + kSecondsPerDay + kOffsetChangeMaxS;
    query.order = store::Order::oldest_first;
    query.limit = store::kListMax;
    for (bool more = true; more;) {
        const auto records = FIELDSEAL_TRY(parts_.store.statements().list(query));
        more = records.size() == query.limit;
        for (const auto& record : records) {
            query.after = store::TimeCursor{record.received_at_s, record.index};
            if (record.index.value >= durable) continue;
            if (record.kind != store::StatementKind::statement) continue;
            if (!found.has(local_moment(record.received_at_s).day)) continue;
            const auto statement = FIELDSEAL_TRY(parse_statement(record.cose));
            ++found.made[statement.claims.kid];
        }
    }
    for (const auto& [kid, waiting] : waiting_) {
        for (auto at = waiting.rbegin(); at != waiting.rend() && at->index >= durable; ++at) {
            if (found.has(local_moment(at->at_s).day)) ++found.made[kid];
        }
    }
    return found;
}

// Whether the date went back so lately that the clock may not have looked yet.
bool SealUse::went_back(std::int64_t day) {
    const std::int64_t boot_s = parts_.clock.boot_s();
    if (day < day_.day) back_boot_s_ = boot_s;
    return back_boot_s_ && boot_s - *back_boot_s_ < kLookWithinS;
}

Result<void> SealUse::count_day() {
    const LocalMoment date = local_moment(parts_.clock.now_s());
    const bool and_later = went_back(date.day) || parts_.clock.set_back().has_value();
    if (date.day == day_.day && and_later == day_.and_later) return {};
    day_ = FIELDSEAL_TRY(read_day(date, and_later));
    return {};
}

void SealUse::added(const Digest& kid, std::uint64_t index, std::int64_t at_s) {
    const std::scoped_lock lock(mutex_);
    if (!tracking_) return;
    if (!first_seen_) first_seen_ = index;
    waiting_[kid].push_back({index, at_s, parts_.clock.boot_s()});
    // One that was signed just before midnight was let in by the count of this day.
    if (day_.and_later || local_moment(at_s).day <= day_.day) ++day_.made[kid];
}

Result<SealUse::Counts> SealUse::counts(const Digest& kid) {
    const std::uint64_t anchored = FIELDSEAL_TRY(parts_.anchored_size());
    const std::scoped_lock lock(mutex_);
    Counts counts;
    if (!complete_) return counts;
    FIELDSEAL_TRY(count_day());
    if (const auto made = day_.made.find(kid); made != day_.made.end()) counts.today = made->second;
    const auto at = waiting_.find(kid);
    if (at == waiting_.end()) return counts;
    auto& waiting = at->second;
    while (!waiting.empty() && waiting.front().index < anchored) waiting.pop_front();
    counts.unanchored = waiting.size();
    if (waiting.empty()) return counts;
    const std::int64_t now_s = std::max(parts_.clock.now_s(), parts_.clock.observed_s());
    const std::int64_t by_boot_s = parts_.clock.boot_s() - waiting.front().boot_s;
    counts.oldest_unanchored_age_s =
        std::max({std::int64_t{0}, now_s - waiting.front().at_s, by_boot_s});
    return counts;
}

}  // namespace fieldseal::node
