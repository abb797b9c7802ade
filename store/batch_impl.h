// SPDX-License-Identifier: Apache-2.0
// The inside of Batch, shared by batch.cpp and store.cpp.
// THREADS: the sequencer's.
#pragma once

#include "store/batch.h"
#include "store/database.h"
#include "store/log_edge.h"
#include "store/tail_pin.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace fieldseal::store {

struct Batch::Impl {
    Impl(const Database& store_database, std::uint64_t commits,
         const std::array<LogEdge, kLogs.size()>& committed, const PinValue& pinned)
        : database(store_database), begun_after_commits(commits), edges(committed), pin(pinned) {
        for (const LogId log : kLogs) base[static_cast<std::size_t>(log)] = edge(log).head();
    }

    LogEdge& edge(LogId log) { return edges[static_cast<std::size_t>(log)]; }
    const LogEdge& edge(LogId log) const { return edges[static_cast<std::size_t>(log)]; }
    PinnedLog& pinned(LogId log) { return pin.logs[static_cast<std::size_t>(log)]; }

    Result<bool> contains(LogId log, const Digest& entry) const;
    // Appends to the log itself: edge, entry row, entry index. Errors: conflict when it is there.
    // `search`: whether the log itself may have the entry already.
    Result<merkle::LeafIndex> append_entry(LogId log, const Digest& entry, bool search);
    // Adds the index rows and the logs' edges: the last thing before the write.
    void finish();
    bool empty() const { return writes.empty() && appended() == 0; }
    std::size_t appended() const { return entries[0].size() + entries[1].size(); }

    const Database& database;
    std::uint64_t begun_after_commits;
    std::array<LogEdge, kLogs.size()> edges;
    std::array<merkle::TreeHead, kLogs.size()> base;  // the heads before this batch
    PinValue pin;
    Database::Writes writes;
    // Index rows wait for finish(), which writes them kind by kind in the order of their keys:
    // RocksDB's memtable finds the place of a row beside the row before it almost for free.
    struct Indexed {
        merkle::LeafIndex index;
        std::int64_t received_at_s = 0;
        Digest document{};
    };
    std::vector<Indexed> statements;
    // The entries appended, by value: their index rows, and what contains() needs of the batch
    // itself.
    std::array<std::map<Digest, merkle::LeafIndex>, kLogs.size()> entries;
    std::map<std::string, IdempotencyRecord, std::less<>> idempotency;
    std::map<Digest, WitnessState> witness_states;
    std::map<std::string, std::optional<Bytes>, std::less<>> rows;  // nothing = erased
    bool needs_newest_schema = false;  // has a row that schema version 1 does not know
};

}  // namespace fieldseal::store
