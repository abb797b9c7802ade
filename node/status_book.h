// SPDX-License-Identifier: Apache-2.0
// The seals' states and the chain of snapshots that publishes them (docs/formats/status.md).
//
// The newest snapshot in the log is the truth: it is read back at start-up, and every later one
// follows it by validate_transition. OWNED BY: the daemon. THREADS: load() first; then the
// sequencer's writer makes snapshots, and any thread reads states.
#pragma once

#include "core/status.h"
#include "node/clock.h"
#include "node/custody/signing_key.h"
#include "node/identity.h"
#include "store/store.h"

#include <memory>
#include <mutex>
#include <optional>

namespace fieldseal::node {

class StatusBook {
public:
    // Reads the newest snapshot back. A store without one is a fresh log: its entry 0 will be the
    // first snapshot, with every seal of the identity active. Errors: corrupt, io.
    static Result<std::unique_ptr<StatusBook>> load(const store::Store& store,
                                                    const NodeIdentity& identity,
                                                    const SigningKey& status_key,
                                                    const Clock& clock);

    // Appends a fresh snapshot to the batch: the last entry before a checkpoint. Sequencer's
    // thread. The book believes it only in committed().
    Result<void> append_snapshot(store::Batch& batch);
    void committed();

    // Errc::denied with the state's name unless the seal may make statements now.
    Result<void> check_active(const Digest& kid) const;
    // The newest durable snapshot; nothing before the first.
    std::optional<StatusSnapshot> newest() const;
    // The entry of the newest durable snapshot.
    std::optional<Digest> newest_entry() const;

private:
    struct Published {
        StatusSnapshot snapshot;
        Digest entry{};
    };
    StatusBook(const NodeIdentity& identity, const SigningKey& status_key, const Clock& clock,
               std::optional<Published> published)
        : identity_(identity),
          status_key_(status_key),
          clock_(clock),
          published_(std::move(published)) {}

    StatusSnapshot next_snapshot(const Published* previous, std::uint64_t size) const;

    const NodeIdentity& identity_;
    const SigningKey& status_key_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::optional<Published> published_;  // guarded by mutex_
    std::optional<Published> pending_;    // the writer's only
};

}  // namespace fieldseal::node
