// SPDX-License-Identifier: Apache-2.0
#include "store/log_edge.h"

#include "core/check.h"
#include "core/encoding.h"
#include "store/schema.h"

#include <algorithm>
#include <string>
#include <utility>

namespace fieldseal::store {
namespace {

Error damaged(LogId log, const std::string& what) {
    return {Errc::corrupt, "the " + std::string(to_string(log)) + " log is damaged: " + what +
                               "; stop, keep the disk as it is, and run `fieldseal check`"};
}

// Leaf hashes of entries [first, size), from their rows.
Result<std::vector<Digest>> load_tail(const Database& database, LogId log, std::uint64_t first,
                                      merkle::TreeSize size) {
    std::vector<Digest> leaves;
    auto walk = database.walk(schema::prefix(schema::Kind::entry, log));
    for (walk.seek_at_or_after(schema::entry_key(log, {first})); walk.valid(); walk.next()) {
        const auto index = schema::key_number(walk.key(), 2);
        const std::uint64_t expected = first + leaves.size();
        if (index != expected || expected >= size.value) {
            return damaged(log, "the entry rows do not end at entry " + std::to_string(size.value));
        }
        leaves.push_back(merkle::leaf_hash(FIELDSEAL_TRY(to_digest(walk.value()))));
    }
    FIELDSEAL_TRY(walk.status());
    if (first + leaves.size() != size.value) {
        return damaged(log, "entry rows are missing from entry " +
                                std::to_string(first + leaves.size()) + " on");
    }
    return leaves;
}

// Index of the unfinished tile on `level` (of the next one when all are finished).
std::uint64_t next_tile(merkle::TreeSize size, unsigned level) {
    return (size.value >> (merkle::kTileHeight * level)) / merkle::kTileWidth;
}

}  // namespace

Bytes tile_bytes(const std::vector<Digest>& hashes) {
    Bytes bytes;
    bytes.reserve(hashes.size() * kDigestBytes);
    for (const Digest& hash : hashes) append(bytes, hash);
    return bytes;
}

std::vector<Digest> tile_hashes(ByteView bytes) {
    FIELDSEAL_CHECK(bytes.size() % kDigestBytes == 0);
    std::vector<Digest> hashes(bytes.size() / kDigestBytes);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const ByteView at = bytes.subspan(i * kDigestBytes, kDigestBytes);
        std::copy(at.begin(), at.end(), hashes[i].begin());
    }
    return hashes;
}

Result<LogEdge> LogEdge::load(const Database& database, LogId log) {
    LogEdge edge(log);
    const auto row = FIELDSEAL_TRY(database.get(schema::head_key(log)));
    if (!row) return damaged(log, "its head row is missing");
    const merkle::TreeHead head = FIELDSEAL_TRY(schema::decode_head(*row));
    for (unsigned level = 0; level < kTileLevels; ++level) {
        FIELDSEAL_TRY(edge.load_level(database, level, head.size));
    }
    // Every maximal complete subtree lies in the unfinished tile of its level.
    std::vector<Digest> subtrees;
    for (const merkle::NodeId node : merkle::complete_subtrees(0, head.size.value)) {
        const merkle::TileId tile = merkle::tile_of(node, head.size);
        const Bytes bytes = tile_bytes(edge.levels_[tile.level]);
        subtrees.push_back(FIELDSEAL_TRY(merkle::hash_in_tile(node, tile, bytes)));
    }
    edge.frontier_ = FIELDSEAL_TRY(merkle::Frontier::from(head.size, std::move(subtrees)));
    edge.head_.reset();
    if (edge.head().root != head.root) {
        return damaged(log, "its last tiles do not have the root of its head row at size " +
                                std::to_string(head.size.value));
    }
    return edge;
}

Result<void> LogEdge::load_level(const Database& database, unsigned level, merkle::TreeSize size) {
    const std::uint64_t hashes = size.value >> (merkle::kTileHeight * level);
    const std::uint64_t tile = next_tile(size, level);
    const std::uint64_t width = hashes % merkle::kTileWidth;
    if (level == 0) {
        levels_[0] = FIELDSEAL_TRY(load_tail(database, log_, tile * merkle::kTileWidth, size));
        return {};
    }
    if (width == 0) return {};
    const auto row = FIELDSEAL_TRY(database.get(schema::tile_key(log_, level, tile)));
    if (!row || row->size() != width * kDigestBytes) {
        return damaged(log_, "the tile at level " + std::to_string(level) + ", index " +
                                 std::to_string(tile) + " is not " + std::to_string(width) +
                                 " hashes wide");
    }
    levels_[level] = tile_hashes(*row);
    return {};
}

void LogEdge::append(const Digest& entry, Database::Writes& writes) {
    unwritten_.push_back(entry);
    const Digest leaf = merkle::leaf_hash(entry);
    frontier_.append(leaf);
    head_.reset();
    push(0, leaf, writes);
}

void LogEdge::push(unsigned level, const Digest& hash, Database::Writes& writes) {
    FIELDSEAL_CHECK(level < kTileLevels);
    auto& hashes = levels_[level];
    hashes.push_back(hash);
    changed_[level] = level > 0;
    if (hashes.size() < merkle::kTileWidth) return;
    const std::uint64_t tile = next_tile(size(), level) - 1;
    writes.put(schema::tile_key(log_, level, tile), tile_bytes(hashes));
    const Digest above = merkle::root_of(hashes);
    hashes.clear();
    changed_[level] = false;
    push(level + 1, above, writes);
}

void LogEdge::write_edge(Database::Writes& writes) {
    std::uint64_t index = size().value - unwritten_.size();
    for (const Digest& entry : unwritten_) writes.put(schema::entry_key(log_, {index++}), entry);
    unwritten_.clear();
    for (unsigned level = 1; level < kTileLevels; ++level) {
        if (!std::exchange(changed_[level], false)) continue;
        writes.put(schema::tile_key(log_, level, next_tile(size(), level)),
                   tile_bytes(levels_[level]));
    }
    writes.put(schema::head_key(log_), schema::encode(head()));
}

}  // namespace fieldseal::store
