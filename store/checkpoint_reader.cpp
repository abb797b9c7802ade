// SPDX-License-Identifier: Apache-2.0
#include "store/checkpoint_reader.h"

#include "store/database.h"
#include "store/schema.h"

namespace fieldseal::store {
namespace {

// The checkpoint row the walk stands on, if any.
Result<std::optional<CheckpointRecord>> current(const Database::Walk& walk) {
    if (!walk.valid()) {
        FIELDSEAL_TRY(walk.status());
        return std::optional<CheckpointRecord>{};
    }
    const auto size = schema::key_number(walk.key(), 2);
    if (!size) return Error{Errc::corrupt, "checkpoint row has a malformed key"};
    return std::optional(FIELDSEAL_TRY(schema::decode_checkpoint({*size}, walk.value())));
}

}  // namespace

Result<std::optional<CheckpointRecord>> CheckpointReader::at(merkle::TreeSize size) const {
    const auto row = FIELDSEAL_TRY(database_->get(schema::checkpoint_key(log_, size)));
    if (!row) return std::optional<CheckpointRecord>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_checkpoint(size, *row)));
}

Result<std::optional<CheckpointRecord>> CheckpointReader::latest() const {
    auto walk = database_->walk(schema::prefix(schema::Kind::checkpoint, log_));
    walk.seek_last();
    return current(walk);
}

Result<std::optional<CheckpointRecord>> CheckpointReader::covering(merkle::LeafIndex index) const {
    if (index.value >= merkle::kTreeSizeMax.value) return std::optional<CheckpointRecord>{};
    auto walk = database_->walk(schema::prefix(schema::Kind::checkpoint, log_));
    walk.seek_at_or_after(schema::checkpoint_key(log_, {index.value + 1}));
    return current(walk);
}

}  // namespace fieldseal::store
