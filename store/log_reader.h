// SPDX-License-Identifier: Apache-2.0
// One log as of one moment: its head, tiles, entries and proofs at any size up to the head.
//
// A LogReader is a cheap value that does not move: the log may grow behind it, its answers stay
// those of its head, so several calls on one reader always fit together. OWNED BY: the caller,
// never longer than the Store. THREADS: any. Errors: invalid_argument for what is beyond the head,
// corrupt, io.
#pragma once

#include "core/merkle/proof.h"
#include "core/merkle/tile.h"
#include "core/merkle/tree.h"
#include "core/result.h"
#include "store/records.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace fieldseal::store {

inline constexpr std::size_t kEntriesPerReadMax = 4096;

class Database;
struct LogSnapshot;

class LogReader {
public:
    // Made by Store::log().
    LogReader(const Database& database, LogId log, std::shared_ptr<const LogSnapshot> snapshot);

    merkle::TreeHead head() const;

    // The hashes of a tile, 32 · width bytes. A narrower width than is stored is a prefix (C2SP
    // tlog-tiles: an older tree's partial tile stays servable).
    Result<Bytes> read_tile(const merkle::TileId& tile) const;

    // Entries [first, first + count). REQUIRES nothing; count <= kEntriesPerReadMax and inside the
    // head.
    Result<std::vector<Digest>> entries(merkle::LeafIndex first, std::size_t count) const;

    // Where `entry` is, if it is below the head.
    Result<std::optional<merkle::LeafIndex>> find(const Digest& entry) const;

    // The root the log had at `size`.
    Result<Digest> root_at(merkle::TreeSize size) const;

    Result<merkle::Proof> inclusion_proof(merkle::LeafIndex index, merkle::TreeSize size) const;
    Result<merkle::Proof> consistency_proof(merkle::TreeSize older, merkle::TreeSize newer) const;

    // For core/merkle: the hashes of a tree of `size` leaves. Keeps this view alive by itself.
    merkle::HashReader hash_reader(merkle::TreeSize size) const;

private:
    Result<void> inside(merkle::TreeSize size) const;

    const Database* database_;
    LogId log_;
    std::shared_ptr<const LogSnapshot> snapshot_;
};

}  // namespace fieldseal::store
