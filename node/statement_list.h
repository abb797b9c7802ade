// SPDX-License-Identifier: Apache-2.0
// One page of what the office sealed, newest first. The log's own entries (snapshots of the seals,
// heads of the audit log) are passed over and not counted.
// THREADS: any. Errors: the store's.
#pragma once

#include "core/result.h"
#include "store/statement_reader.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fieldseal::node {

// What one request costs at most, however many entries of the log's own lie between two statements.
inline constexpr std::size_t kEntriesLookedAtMax = 10'000;

struct StatementStretch {
    std::uint64_t from = 0;              // inclusive
    std::optional<std::uint64_t> below;  // exclusive; absent = to the end of the log
};

struct StatementPage {
    std::vector<store::StatementRecord> records;
    // Where the next page begins to look, exclusive. Absent: there is none further down, for sure.
    // After kEntriesLookedAtMax entries it is given without knowing; the page may be empty then.
    std::optional<std::uint64_t> next_below;
};

// REQUIRES: limit > 0.
Result<StatementPage> list_statements(const store::StatementReader& statements,
                                      const StatementStretch& stretch, std::size_t limit,
                                      std::size_t looked_at_max = kEntriesLookedAtMax);

}  // namespace fieldseal::node
