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
#include <set>
#include <string>

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
    Result<merkle::LeafIndex> append_entry(LogId log, const Digest& entry);
    // Adds the rows of the logs' edges: the last thing before the write.
    void finish();

    const Database& database;
    std::uint64_t begun_after_commits;
    std::array<LogEdge, kLogs.size()> edges;
    std::array<merkle::TreeHead, kLogs.size()> base;  // the heads before this batch
    PinValue pin;
    Database::Writes writes;
    std::size_t appended = 0;
    // What the lookups need of the batch itself.
    std::array<std::set<Digest>, kLogs.size()> entries;
    std::map<std::string, IdempotencyRecord, std::less<>> idempotency;
    std::map<Digest, WitnessState> witness_states;
};

}  // namespace fieldseal::store
