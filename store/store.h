// SPDX-License-Identifier: Apache-2.0
// The one durable thing of a node: two RFC 6962 logs, their statements, checkpoints, outbox and
// indexes, in one RocksDB database, with the tail pin beside it.
//
//   data_dir/lock      held while open        data_dir/db/        RocksDB, nobody else's
//   data_dir/tail.pin  store/tail_pin.h       data_dir/ballast    store/space.h
//
// OWNED BY: node. THREADS: reads any; begin() and commit() only the sequencer.
// DURABLE: when commit() returns ok, everything in the batch survives kill -9 and a power cut; when
// it does not return ok, the store is poisoned, every later commit is refused and the process must
// end (crash-only: the next open decides what is there). Readers only ever see what is durable.
// Errors: io, storage_full, corrupt, conflict (somebody else has it open), unsupported (newer
// schema).
#pragma once

#include "core/result.h"
#include "store/batch.h"
#include "store/checkpoint_reader.h"
#include "store/log_reader.h"
#include "store/outbox_reader.h"
#include "store/records.h"
#include "store/statement_reader.h"
#include "store/tail_pin.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::store {

// Free bytes an open asks for besides room to write out the write-ahead log: Debian's RocksDB
// aborts the process when the disk is full while it opens.
inline constexpr std::uint64_t kOpenReserveBytes = 8 * 1024 * 1024;

enum class PinPolicy {
    verify,           // a store behind its pin, or a missing or unreadable pin, is an error
    accept_rollback,  // `doctor --accept-rollback`: pin what is there; a person has decided
};

struct OpenOptions {
    std::filesystem::path data_dir;
    PinKey pin_key{};
    PinPolicy pin_policy = PinPolicy::verify;
    std::uint64_t reserve_bytes = kOpenReserveBytes;
};

class Store {
public:
    // Makes an empty store in an existing directory. Errors: conflict when there is one already.
    static Result<void> create(const std::filesystem::path& data_dir, const PinKey& pin_key);

    // Opens an existing store: takes the lock, looks at free space, replays, checks both logs'
    // heads and the tail pin. Errors as above, and not_found when there is no store.
    static Result<std::unique_ptr<Store>> open(const OpenOptions& options);

    // Like close(), with errors ignored.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Sentences about what open() found and repaired, for the log of the node.
    const std::vector<std::string>& notices() const;

    // A view of one log as of now; it does not move while you hold it.
    LogReader log(LogId log) const;
    StatementReader statements() const;
    CheckpointReader checkpoints(LogId log) const;
    OutboxReader outbox() const;

    // Hub. `origin` = SHA-256 of the origin line.
    Result<std::optional<WitnessState>> witness_state(const Digest& origin) const;
    Result<std::optional<IdempotencyRecord>> idempotency(std::string_view key) const;
    Result<std::optional<Bytes>> meta(std::string_view name) const;

    Result<std::optional<Bytes>> row(RowSpace space, std::string_view key) const;
    // At most `limit` (1 to kListMax) rows whose keys begin with `prefix` and are greater than
    // `after` (a whole key; "" is the beginning), in the order of the keys' bytes.
    Result<std::vector<SpaceRow>> rows(RowSpace space, std::string_view prefix,
                                       std::string_view after, std::size_t limit) const;
    // The one with the greatest key.
    Result<std::optional<SpaceRow>> last_row(RowSpace space) const;

    // Starts a group of writes on top of everything committed. One at a time; dropping it is free.
    Batch begin();

    // One write, one sync: all of the batch or nothing. Errors: io, storage_full (both poison),
    // conflict (the batch was begun before another commit; nothing happened).
    Result<void> commit(Batch&& batch);

    // Why the store takes no more commits; nothing while it is healthy. Also set when RocksDB fails
    // in the background. THREADS: any.
    std::optional<Error> failure() const;

    // Waits for the tail pin to catch up and reports the first failure. Idempotent. The files are
    // let go when the object goes; no reader may be left then.
    Result<void> close();

private:
    friend class Checker;
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace fieldseal::store
