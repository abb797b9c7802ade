// SPDX-License-Identifier: Apache-2.0
// The growing right edge of one log: the hashes of the unfinished tile on every level. Appending to
// it yields the tile rows to write.
//
// A full tile on level 0 is written once; its unfinished tail needs no row, since entry rows have
// it. From level 1 on the unfinished tile is written again once per 256 entries, as wide as it is.
// OWNED BY: Store (committed) and Batch (pending, a copy). THREADS: one thread.
#pragma once

#include "core/merkle/frontier.h"
#include "core/merkle/tile.h"
#include "core/result.h"
#include "store/database.h"
#include "store/records.h"

#include <array>
#include <functional>
#include <optional>
#include <vector>

namespace fieldseal::store {

// 256^8 leaves are beyond kTreeSizeMax.
inline constexpr std::size_t kTileLevels = 8;

class LogEdge {
public:
    explicit LogEdge(LogId log) : log_(log) {}

    // Reads at most 256 hashes per level and folds them. Errors: corrupt when rows are missing, do
    // not fit each other, or do not have the root of the head row.
    static Result<LogEdge> load(const Database& database, LogId log);

    // Adds one entry. Tile rows that are complete go to `writes` now, entry rows with write_edge().
    void append(const Digest& entry, Database::Writes& writes);

    // Writes the head, and the entry rows and unfinished tiles since the last call.
    void write_edge(Database::Writes& writes);

    // Folded once per size: a group asks for it several times.
    merkle::TreeHead head() const {
        if (!head_) head_ = frontier_.head();
        return *head_;
    }
    merkle::TreeSize size() const { return frontier_.size(); }
    // The leaf hashes after the last full tile.
    const std::vector<Digest>& tail() const { return levels_[0]; }

private:
    Result<void> load_level(const Database& database, unsigned level, merkle::TreeSize size);
    void push(unsigned level, const Digest& hash, Database::Writes& writes);

    LogId log_;
    merkle::Frontier frontier_;
    mutable std::optional<merkle::TreeHead> head_;  // of frontier_; empty after a change
    std::array<std::vector<Digest>, kTileLevels> levels_;
    std::array<bool, kTileLevels> changed_{};
    std::vector<Digest> unwritten_;  // entries appended since the last write_edge()
};

// The bytes of a tile of these hashes.
Bytes tile_bytes(const std::vector<Digest>& hashes);
// REQUIRES: a multiple of 32 bytes.
std::vector<Digest> tile_hashes(ByteView bytes);

}  // namespace fieldseal::store
