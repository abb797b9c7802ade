// SPDX-License-Identifier: Apache-2.0
// The audit log of the node: entries as rows of the store, chained, and a signed head of the chain
// in the statements log before the snapshot that closes a checkpoint, when entries came since the
// last head (docs/formats/audit.md).
//
// OWNED BY: the daemon. THREADS: load() and attach() first; then append() and reading from any,
// append_to(), append_head() and committed() the sequencer's writer. DURABLE: append() on return.
// Errors: those of AuditSink; corrupt and io from reads.
#pragma once

#include "api/gatekeeper.h"
#include "core/audit.h"
#include "node/clock.h"
#include "node/custody/signing_key.h"
#include "node/identity.h"
#include "node/people/audit_sink.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::node {

class Sequencer;

// The key of entry `seq` in store::RowSpace::audit: its number, big-endian.
std::string audit_row_key(std::uint64_t seq);
// Nothing when a key is of another length.
std::optional<std::uint64_t> audit_row_number(std::string_view key);

class AuditBook final : public AuditSink {
public:
    struct Parts {
        const store::Store& store;
        const NodeIdentity& identity;
        const SigningKey& status_key;
        const Clock& clock;
    };
    // Finds the newest entry and the newest head. Errors: corrupt, io.
    static Result<std::unique_ptr<AuditBook>> load(const Parts& parts);
    // Without one, append() is refused and append_to() is the way.
    void attach(Sequencer& sequencer) { sequencer_ = &sequencer; }

    // Why the entries were once not those of the newest head; empty when they always were. The log
    // goes on from what is there, and says so until a person accepts it (maintenance/gates.h):
    // `fieldseal check` names it for good.
    const std::string& damage() const { return damage_; }

    Result<void> append(const AuditNote& note) override;

    // As append(), into a batch the caller commits.
    Result<void> append_to(store::Batch& batch, const AuditNote& note);
    Result<void> append_head(store::Batch& batch);
    // A person decided that the log goes on without what is missing. REQUIRES: damage() is not
    // empty.
    Result<void> accept_damage(store::Batch& batch);
    // The batch is durable.
    void committed();

    // The newest first.
    Result<std::vector<AuditEntry>> list(std::uint32_t limit,
                                         std::optional<std::uint64_t> before) const;
    // The same as the API and the command line show it.
    Result<json::Value> page(const api::AuditQuery& query) const;
    AuditChain chain() const;

private:
    explicit AuditBook(const Parts& parts) : parts_(parts) {}
    Result<void> load_head();

    const Parts parts_;
    Sequencer* sequencer_ = nullptr;
    std::string damage_;
    bool damage_kept_ = false;  // in the store; the writer's only

    mutable std::mutex mutex_;
    AuditChain chain_;  // guarded by mutex_; what is durable

    // The writer's only.
    std::optional<AuditChain> pending_;
    std::uint64_t covered_ = 0;  // entries the newest durable head covers
    std::optional<std::uint64_t> pending_covered_;
};

}  // namespace fieldseal::node
