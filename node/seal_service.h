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
#include "node/anchoring/floor_book.h"
#include "node/clock.h"
#include "node/identity.h"
#include "node/seal_gate.h"
#include "node/seals/seal_keys.h"
#include "node/seals/seal_use.h"
#include "node/sequencer.h"
#include "store/store.h"

#include <optional>
#include <string>
#include <vector>

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
        const StatusBook& status;
        SealUse& use;
        std::string origin;
    };
    explicit SealService(Parts parts) : parts_(std::move(parts)) {}

    struct Sealed {
        store::StatementRecord record;
        bool replayed = false;
    };
    Result<Sealed> seal(const api::SealOrder& order);
    // Each order signed, all appended in one group: one sync. One outcome for each, in their order;
    // a failure is that order's alone.
    std::vector<Result<Sealed>> seal_many(const std::vector<api::SealOrder>& orders);

private:
    // An order on its way into the log.
    struct Signed {
        const api::SealOrder* order;
        Digest request;  // what must be equal when the order's key comes again
        SealRecordPtr seal;
        store::NewStatement statement;
        std::optional<merkle::LeafIndex> index = std::nullopt;  // once it is appended
        Result<void> appended = {};
    };
    // Either was carried out before, or is new.
    struct Begun {
        std::optional<Sealed> before;
        std::optional<Signed> fresh;
    };
    Result<Begun> begin(const api::SealOrder& order) const;
    Result<std::optional<Sealed>> replay(const api::SealOrder& order, const Digest& request) const;
    Result<store::NewStatement> sign(const api::SealOrder& order, const SealRecord& seal) const;
    Result<StatementClaims> claims(const api::SealOrder& order, const SealRecord& seal) const;
    // What the seal's policy says to an order for such a document now.
    Result<void> check_policy(const SealRecord& seal, const std::string& media_type) const;
    Result<void> append(Signed& one, store::Batch& batch) const;
    Result<Sealed> settle(Signed& one) const;

    Parts parts_;
};

// The row of an order's idempotency key; empty without one. Each account has keys of its own: the
// same key from two accounts means two orders, and nobody is answered with another's.
std::string idempotency_row(const api::SealOrder& order);

// What the node remembers of an order beside the statement (store: "local").
struct LocalNote {
    std::string document_name;
    std::optional<std::uint64_t> document_bytes;
    std::string actor = {};  // who ordered it; at most api::kActorBytesMax
};
Bytes encode_local(const LocalNote& local);
LocalNote decode_local(ByteView bytes);  // unreadable is empty: it is only a reminder

}  // namespace fieldseal::node
