// SPDX-License-Identifier: Apache-2.0
// Sealing: from an order to a durable statement. Never touches the network.
//
// Signing runs in the caller's thread, in parallel with others; only the append goes through the
// sequencer, which checks again what may have changed meanwhile (gate, idempotency key).
// OWNED BY: the daemon. THREADS: any.
// DURABLE: when seal() returns ok, the statement is in the log (store and WAL synced).
// Errors: locked, held, storage_full, conflict (idempotency key used for another order), exhausted.
#pragma once

#include "api/backend.h"
#include "node/clock.h"
#include "node/floor_book.h"
#include "node/identity.h"
#include "node/seal_gate.h"
#include "node/seal_keys.h"
#include "node/sequencer.h"
#include "store/store.h"

namespace fieldseal::node {

class SealService {
public:
    struct Parts {
        const store::Store& store;
        Sequencer& sequencer;
        const Clock& clock;
        const SealGate& gate;
        const FloorBook& floors;
        const SealKeys& keys;
        std::string origin;
    };
    explicit SealService(Parts parts) : parts_(std::move(parts)) {}

    struct Sealed {
        store::StatementRecord record;
        bool replayed = false;
    };
    Result<Sealed> seal(const api::SealOrder& order);

private:
    Result<std::optional<Sealed>> replay(const api::SealOrder& order, const Digest& request) const;
    Result<store::NewStatement> sign(const api::SealOrder& order) const;
    Result<StatementClaims> claims(const api::SealOrder& order, const SealIdentity& seal) const;
    Result<void> append(const api::SealOrder& order, const Digest& request,
                        const store::NewStatement& statement, store::Batch& batch,
                        std::optional<merkle::LeafIndex>& index) const;

    Parts parts_;
};

// What the node remembers of an order beside the statement (store: "local").
struct LocalNote {
    std::string document_name;
    std::optional<std::uint64_t> document_bytes;
    std::string actor;  // who ordered it; at most api::kActorBytesMax
};
Bytes encode_local(const LocalNote& local);
LocalNote decode_local(ByteView bytes);  // unreadable is empty: it is only a reminder

}  // namespace fieldseal::node
