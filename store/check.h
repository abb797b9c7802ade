// SPDX-License-Identifier: Apache-2.0
// Recomputing everything a store holds: from the records to the entries, tiles, roots, checkpoints
// and indexes, in both directions. What `fieldseal check` shows.
//
// A damaged store is not an Error here: it is a report with findings, each naming a file or a row.
// check() needs the store open; check_files() is for a store that does not open.
// REQUIRES: nothing is committed while check() runs. THREADS: one.
// Errors: io, conflict (check_files: a daemon owns the directory).
#pragma once

#include "core/result.h"
#include "store/records.h"
#include "store/tail_pin.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::store {

class Store;

// Findings beyond this many are counted and not described.
inline constexpr std::size_t kFindingsMax = 100;

struct Finding {
    std::string place;  // "statement row 17", "db/000012.sst"
    std::string what;
};

// Without "; run `fieldseal check`" in it: whoever reads a finding has done so.
std::string without_check_advice(std::string what);

struct CheckReport {
    std::vector<Finding> findings;
    std::uint64_t findings_total = 0;
    std::vector<std::string> notices;  // worth knowing, not damage: a torn tail, files nobody reads
    std::uint64_t statements = 0;
    std::uint64_t entries = 0;
    std::uint64_t tiles = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t other_rows = 0;
    std::uint64_t files = 0;

    // Some rows lie in damaged blocks: what is not seen is then not missing.
    bool unread = false;

    bool ok() const { return findings_total == 0; }
    void add(std::string place, std::string what);
    // Of rows that could not be read, so that nothing is said about them.
    void add_unread(std::string place, const Error& why);
};

// What the store cannot judge, since it knows no formats and no keys. An Error becomes a finding.
struct CheckHooks {
    std::function<Result<void>(const StatementRecord&)> statement;
    std::function<Result<void>(LogId, const CheckpointRecord&)> checkpoint;
    std::function<Result<void>(const OutboxRow&)> outbox;
    std::function<Result<void>(const ProofRecord&)> proof;
    // After all statements, in the order of spaces, and of keys within each.
    std::function<Result<void>(const SpaceRow&)> row;
    // Called about once per thousand rows.
    std::function<void(std::string_view stage, std::uint64_t done, std::uint64_t total)> progress;
};

Result<CheckReport> check(const Store& store, const CheckHooks& hooks);

// Reads every file of the data directory by itself: write-ahead logs and manifests record by
// record, tables block by block, CURRENT, the tail pin when a key is given. Takes the lock.
Result<CheckReport> check_files(const std::filesystem::path& data_dir,
                                const std::optional<PinKey>& pin_key);

}  // namespace fieldseal::store
