// SPDX-License-Identifier: Apache-2.0
// Decides when a group ends in a checkpoint, and makes it: the head of the audit log when it
// grew, a fresh status snapshot as the last entry, the tree's head signed by the log key, the
// targets' next errand — all in the group's own batch, so a checkpoint is durable before anybody
// can see it.
//
// The statements log: after `entries_max` new statements, `interval` after the first of them, on
// demand, and on shutdown. An empty log is closed too (by `init`): entry 0 is the first snapshot.
// The witnessed log of a hub: with every group that added to it. OWNED BY: the daemon. THREADS: the
// GroupCloser part is the sequencer's; request() and the observers are set up before it starts.
#pragma once

#include "node/clock.h"
#include "node/custody/signing_key.h"
#include "node/people/audit_book.h"
#include "node/seals/status_book.h"
#include "node/sequencer.h"

#include <atomic>
#include <functional>

namespace fieldseal::node {

class Checkpointer final : public GroupCloser {
public:
    struct Options {
        std::uint64_t entries_max = 256;
        std::chrono::seconds interval{10};
    };
    struct Parts {
        const store::Store& store;
        const NodeIdentity& identity;
        const SigningKey& log_key;
        const SigningKey& witnessed_log_key;
        StatusBook& status;
        const Clock& clock;
        // Called after a checkpoint of a log is durable, by the writer.
        std::function<void(store::LogId log, std::uint64_t size)> made;
        // Called after each durable group, by the writer; may be empty.
        std::function<void()> grown = {};
        AuditBook* audit = nullptr;  // its head goes before the snapshot
    };
    // Counts what the newest checkpoint does not cover yet. Errors: corrupt, io.
    static Result<std::unique_ptr<Checkpointer>> load(Parts parts, Options options);

    // The next group ends in a checkpoint if anything is new. THREADS: any; wake the sequencer
    // after.
    void request() { requested_ = true; }

    Result<void> close_group(store::Batch& batch, bool last) override;
    void committed() override;
    std::optional<std::chrono::steady_clock::time_point> deadline() const override {
        return deadline_;
    }

private:
    Checkpointer(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}

    bool due(std::uint64_t uncovered, bool last);
    Result<std::uint64_t> close_statements(store::Batch& batch);
    Result<void> close_witnessed(store::Batch& batch);
    Result<void> put(store::Batch& batch, store::LogId log, const std::string& origin,
                     const SigningKey& key) const;

    const Parts parts_;
    const Options options_;
    std::atomic<bool> requested_{false};

    // The writer's only.
    std::uint64_t covered_size_ = 0;    // of the newest durable checkpoint of the statements log
    std::uint64_t witnessed_size_ = 0;  // the same of the witnessed log
    std::optional<std::uint64_t> pending_size_;
    std::optional<std::uint64_t> pending_witnessed_size_;
    std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace fieldseal::node
