// SPDX-License-Identifier: Apache-2.0
// The checkpoints of one of our logs, by size.
// OWNED BY: the caller, never longer than the Store. THREADS: any. Errors: corrupt, io.
#pragma once

#include "core/result.h"
#include "store/records.h"

#include <optional>

namespace fieldseal::store {

class Database;

class CheckpointReader {
public:
    // Made by Store::checkpoints().
    CheckpointReader(const Database& database, LogId log) : database_(&database), log_(log) {}

    Result<std::optional<CheckpointRecord>> at(merkle::TreeSize size) const;
    Result<std::optional<CheckpointRecord>> latest() const;
    // The smallest checkpoint that has the entry at `index` in it.
    Result<std::optional<CheckpointRecord>> covering(merkle::LeafIndex index) const;

private:
    const Database* database_;
    LogId log_;
};

}  // namespace fieldseal::store
