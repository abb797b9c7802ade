// SPDX-License-Identifier: Apache-2.0
#include "store/log_reader.h"

#include "core/encoding.h"
#include "store/database.h"
#include "store/log_edge.h"
#include "store/log_snapshot.h"
#include "store/schema.h"

#include <string>
#include <utility>

namespace fieldseal::store {

LogReader::LogReader(const Database& database, LogId log,
                     std::shared_ptr<const LogSnapshot> snapshot)
    : database_(&database), log_(log), snapshot_(std::move(snapshot)) {}

merkle::TreeHead LogReader::head() const {
    return snapshot_->head;
}

Result<void> LogReader::inside(merkle::TreeSize size) const {
    if (size <= snapshot_->head.size) return {};
    return Error{Errc::invalid_argument, "the " + std::string(to_string(log_)) + " log has " +
                                             std::to_string(snapshot_->head.size.value) +
                                             " entries, not " + std::to_string(size.value)};
}

Result<Bytes> LogReader::read_tile(const merkle::TileId& tile) const {
    const unsigned available = merkle::tile_width(tile.level, tile.index, snapshot_->head.size);
    if (tile.width == 0 || tile.width > available) {
        return Error{Errc::invalid_argument,
                     merkle::path_of(tile) + " is beyond the head: the tree of " +
                         std::to_string(snapshot_->head.size.value) + " entries has " +
                         std::to_string(available) + " hashes there"};
    }
    const std::size_t bytes = tile.width * kDigestBytes;
    const bool in_tail = tile.level == 0 && available < merkle::kTileWidth;
    if (in_tail) {
        Bytes tail = tile_bytes(snapshot_->tail);
        tail.resize(bytes);
        return tail;
    }
    auto row = FIELDSEAL_TRY(database_->get(schema::tile_key(log_, tile.level, tile.index)));
    if (!row || row->size() < bytes || row->size() > merkle::kFullTileBytes ||
        row->size() % kDigestBytes != 0) {
        return Error{Errc::corrupt, merkle::path_of(tile) + " of the " +
                                        std::string(to_string(log_)) + " log is " +
                                        (row ? "damaged" : "missing") + "; run `fieldseal check`"};
    }
    row->resize(bytes);
    return std::move(*row);
}

Result<std::vector<Digest>> LogReader::entries(merkle::LeafIndex first, std::size_t count) const {
    if (count > kEntriesPerReadMax) {
        return Error{Errc::invalid_argument, "at most " + std::to_string(kEntriesPerReadMax) +
                                                 " entries are read at once, not " +
                                                 std::to_string(count)};
    }
    const std::uint64_t size = snapshot_->head.size.value;
    if (first.value > size || count > size - first.value) {
        return Error{Errc::invalid_argument,
                     "entries from " + std::to_string(first.value) + ", " + std::to_string(count) +
                         " of them, reach beyond the head at " + std::to_string(size)};
    }
    std::vector<Digest> entries;
    entries.reserve(count);
    if (count == 0) return entries;
    auto walk = database_->walk(schema::prefix(schema::Kind::entry, log_));
    for (walk.seek_at_or_after(schema::entry_key(log_, first)); walk.valid(); walk.next()) {
        if (schema::key_number(walk.key(), 2) != first.value + entries.size()) break;
        entries.push_back(FIELDSEAL_TRY(to_digest(walk.value())));
        if (entries.size() == count) return entries;
    }
    FIELDSEAL_TRY(walk.status());
    return Error{Errc::corrupt, "entry " + std::to_string(first.value + entries.size()) +
                                    " of the " + std::string(to_string(log_)) +
                                    " log is missing; run `fieldseal check`"};
}

Result<std::optional<merkle::LeafIndex>> LogReader::find(const Digest& entry) const {
    const auto row = FIELDSEAL_TRY(database_->get(schema::by_entry_key(log_, entry)));
    if (!row) return std::optional<merkle::LeafIndex>{};
    const merkle::LeafIndex index{FIELDSEAL_TRY(schema::decode_number(*row))};
    if (index.value >= snapshot_->head.size.value) return std::optional<merkle::LeafIndex>{};
    return std::optional(index);
}

Result<Digest> LogReader::root_at(merkle::TreeSize size) const {
    FIELDSEAL_TRY(inside(size));
    if (size == snapshot_->head.size) return snapshot_->head.root;
    return merkle::root(hash_reader(size), size);
}

Result<merkle::Proof> LogReader::inclusion_proof(merkle::LeafIndex index,
                                                 merkle::TreeSize size) const {
    FIELDSEAL_TRY(inside(size));
    return merkle::inclusion_proof(hash_reader(size), index, size);
}

Result<merkle::Proof> LogReader::consistency_proof(merkle::TreeSize older,
                                                   merkle::TreeSize newer) const {
    FIELDSEAL_TRY(inside(newer));
    return merkle::consistency_proof(hash_reader(newer), older, newer);
}

merkle::HashReader LogReader::hash_reader(merkle::TreeSize size) const {
    // By value: the reader may outlive this object, not the store.
    return merkle::tile_hash_reader(
        size, [reader = *this](const merkle::TileId& tile) { return reader.read_tile(tile); });
}

}  // namespace fieldseal::store
