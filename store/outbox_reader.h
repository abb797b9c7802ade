// SPDX-License-Identifier: Apache-2.0
// What is promised to the outside (rows) and what came back (proofs), per log and target.
// OWNED BY: the caller, never longer than the Store. THREADS: any. Errors: corrupt, io,
// invalid_argument for a target name that is empty or too long.
#pragma once

#include "core/result.h"
#include "store/records.h"

#include <optional>
#include <string_view>
#include <vector>

namespace fieldseal::store {

class Database;

class OutboxReader {
public:
    // Made by Store::outbox().
    explicit OutboxReader(const Database& database) : database_(&database) {}

    Result<std::optional<OutboxRow>> row(LogId log, std::string_view target) const;
    // Every row of both logs, by log, then by target (shorter names first).
    Result<std::vector<OutboxRow>> rows() const;

    Result<std::optional<ProofRecord>> proof(LogId log, std::string_view target,
                                             merkle::TreeSize size) const;
    // The smallest anchored checkpoint that has the entry at `index` in it: the earliest time.
    Result<std::optional<ProofRecord>> proof_covering(LogId log, std::string_view target,
                                                      merkle::LeafIndex index) const;
    // The largest anchored checkpoint.
    Result<std::optional<ProofRecord>> latest_proof(LogId log, std::string_view target) const;

private:
    const Database* database_;
};

}  // namespace fieldseal::store
