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
#include <vector>

namespace fieldseal::node {

// Problem codes (api/openapi/errors.json).
inline constexpr std::string_view kSealNotActiveProblem = "seal-not-active";
inline constexpr std::string_view kSealStateProblem = "seal-state";

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
    // What becomes of one seal, which may be new.
    struct Change {
        Digest kid{};
        SealState state = SealState::pre_active;
        std::optional<std::int64_t> invalid_from = std::nullopt;  // compromised only
    };
    // False when all of it is so already. Errors: conflict (kSealStateProblem) for a state that may
    // not follow.
    Result<bool> would_change(const store::Batch& batch, const std::vector<Change>& changes) const;
    // A snapshot with these changes recorded in it; returns its index. `rotation` is what a new
    // seal among them signed about the old one, or empty.
    Result<std::uint64_t> append_changes(store::Batch& batch, const std::vector<Change>& changes,
                                         const Bytes& rotation = {});
    // Sequencer's thread: the batch's last entry is a snapshot of this book.
    bool is_last(const store::Batch& batch) const;
    void committed();

    // Errc::denied (problem "seal-not-active") with the state's name unless the published state
    // lets the seal make statements.
    Result<void> check_active(const Digest& kid) const;
    // The same in the sequencer's turn, where a snapshot may be in the batch already.
    Result<void> check_active_in_turn(const Digest& kid) const;
    // Whether that state may follow the published one. Errors: conflict (kSealStateProblem).
    Result<void> check_may_become(const Digest& kid, SealState state) const;
    // What is published about a seal; nothing before its first snapshot.
    std::optional<SealStatus> find(const Digest& kid) const;
    std::optional<SealStatus> find_in_turn(const Digest& kid) const;
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
    // What the next snapshot follows: in the batch, else durable.
    std::optional<Published> newest_in_turn() const;
    Result<void> append(store::Batch& batch, StatusSnapshot next,
                        const std::optional<Published>& previous);

    const NodeIdentity& identity_;
    const SigningKey& status_key_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::optional<Published> published_;  // guarded by mutex_
    std::optional<Published> pending_;    // the writer's only
};

}  // namespace fieldseal::node
