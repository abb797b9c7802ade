// SPDX-License-Identifier: Apache-2.0
// A group of writes that becomes durable together: the sequencer begins one, appends everything
// that is queued, and hands it to Store::commit().
//
// Readers see nothing of it before the commit; the lookups of this class see the store with the
// batch on top, which is what the second of two equal requests in one group needs. OWNED BY: the
// sequencer. THREADS: one thread; the Store must outlive it. Errors: invalid_argument for members
// longer than records.h allows, conflict for an entry that is already in the log, corrupt and io
// from reads.
#pragma once

#include "core/merkle/tree.h"
#include "core/result.h"
#include "store/records.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace fieldseal::store {

class Batch {
public:
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    // True when there is nothing to commit.
    bool empty() const;
    // Entries appended to both logs by this batch.
    std::size_t appended() const;

    // Size and root of a log with this batch on top: what a checkpoint written in the same batch
    // signs.
    merkle::TreeHead head(LogId log) const;

    // Appends one statement to the statements log with its record and its indexes.
    // REQUIRES: statement.entry is the SHA-256 of statement.cose (checked: a wrong id must never be
    // logged). Errors: conflict (the log has the entry; with `made_just_now` only this batch is
    // searched).
    Result<merkle::LeafIndex> append_statement(const NewStatement& statement);

    // Appends one 32-byte entry to the checkpoints log of a hub.
    Result<merkle::LeafIndex> append_checkpoint_digest(const Digest& entry);

    // The checkpoint of one of our logs. Errors: conflict when its root is not the log's root at
    // its size (with this batch on top), so a wrong checkpoint is never stored.
    Result<void> put_checkpoint(LogId log, const CheckpointRecord& checkpoint);

    Result<void> put_outbox(const OutboxRow& row);
    Result<void> erase_outbox(LogId log, std::string_view target);
    Result<void> put_proof(const ProofRecord& proof);
    Result<void> put_witness_state(const Digest& origin, const WitnessState& state);
    Result<void> put_idempotency(std::string_view key, const IdempotencyRecord& record);
    Result<void> put_meta(std::string_view name, ByteView value);
    Result<void> erase_meta(std::string_view name);

    Result<void> put_row(RowSpace space, std::string_view key, ByteView value);
    Result<void> erase_row(RowSpace space, std::string_view key);

    Result<bool> contains(LogId log, const Digest& entry) const;
    Result<std::optional<IdempotencyRecord>> idempotency(std::string_view key) const;
    Result<std::optional<WitnessState>> witness_state(const Digest& origin) const;
    Result<std::optional<Bytes>> row(RowSpace space, std::string_view key) const;

private:
    friend class Store;
    struct Impl;
    explicit Batch(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::store
