// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_use.h"

#include "core/statement.h"
#include "node/local_time.h"
#include "node/sequencer.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;

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
    FIELDSEAL_TRY(read_today(below));
    const std::scoped_lock lock(mutex_);
    complete_ = true;
    return {};
}

Result<void> SealUse::read_waiting(std::uint64_t from, std::uint64_t below) {
    std::map<Digest, std::deque<Waiting>> found;
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
            found[statement.claims.kid].push_back({record.index.value, record.received_at_s});
        }
    }
    const std::scoped_lock lock(mutex_);
    for (auto& [kid, waiting] : found) {
        auto& all = tallies_[kid].waiting;
        all.insert(all.begin(), waiting.begin(), waiting.end());
    }
    return {};
}

Result<void> SealUse::read_today(std::uint64_t below) {
    const LocalMoment today = local_moment(parts_.clock.now_s());
    store::TimeQuery query;
    query.from_s = today.midnight_s;
    query.until_s = INT64_MAX;  // what a clock that was ahead wrote counts too
    query.order = store::Order::oldest_first;
    query.limit = store::kListMax;
    for (bool more = true; more;) {
        const auto records = FIELDSEAL_TRY(parts_.store.statements().list(query));
        more = records.size() == query.limit;
        for (const auto& record : records) {
            query.after = store::TimeCursor{record.received_at_s, record.index};
            if (record.index.value >= below || record.kind != store::StatementKind::statement) {
                continue;
            }
            const auto statement = FIELDSEAL_TRY(parse_statement(record.cose));
            const std::scoped_lock lock(mutex_);
            Tally& tally = tallies_[statement.claims.kid];
            count_day(tally, today.day);
            if (tally.day == today.day) ++tally.today;
        }
    }
    return {};
}

// A clock that is set back wins nothing: the day stays, and with it what it counted.
void SealUse::count_day(Tally& tally, std::int64_t day) const {
    if (day <= tally.day) return;
    tally.day = day;
    tally.today = 0;
}

void SealUse::added(const Digest& kid, std::uint64_t index, std::int64_t at_s) {
    const std::scoped_lock lock(mutex_);
    if (!tracking_) return;
    if (!first_seen_) first_seen_ = index;
    Tally& tally = tallies_[kid];
    count_day(tally, local_moment(at_s).day);
    ++tally.today;
    tally.waiting.push_back({index, at_s});
}

Result<SealUse::Counts> SealUse::counts(const Digest& kid) {
    const std::uint64_t anchored = FIELDSEAL_TRY(parts_.anchored_size());
    const std::int64_t now_s = std::max(parts_.clock.now_s(), parts_.clock.observed_s());
    const std::scoped_lock lock(mutex_);
    Counts counts;
    const auto at = tallies_.find(kid);
    if (at == tallies_.end()) return counts;
    Tally& tally = at->second;
    count_day(tally, local_moment(parts_.clock.now_s()).day);
    while (!tally.waiting.empty() && tally.waiting.front().index < anchored) {
        tally.waiting.pop_front();
    }
    counts.today = tally.today;
    counts.unanchored = tally.waiting.size();
    if (!tally.waiting.empty()) {
        counts.oldest_unanchored_age_s =
            std::max<std::int64_t>(0, now_s - tally.waiting.front().at_s);
    }
    return counts;
}

}  // namespace fieldseal::node
