// SPDX-License-Identifier: Apache-2.0
// The port of the office network's routes: what they ask of the node besides what the admin socket
// asks (api/backend.h). Owned by api, implemented in node/edge/edge_service.h.
//
// Views are JSON values made by the node. All methods may be called from several threads at once.
// Errors become problem+json by api/problem.h.
#pragma once

#include "api/backend.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "core/json/json.h"
#include "core/result.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

inline constexpr std::size_t kBatchOrdersMax = 256;

// What became of an order that carries an idempotency key.
enum class KeyUse : std::uint8_t {
    settled,      // sealed now, or before by the same order
    reused,       // the key belongs to another order
    in_progress,  // an order with this key is being sealed at this moment
};
struct SealOutcome {
    KeyUse key = KeyUse::settled;
    SealReceipt receipt;  // settled only
};

enum class LifeState : std::uint8_t { sealed, checkpointed, anchored };

struct StatementQuery {
    std::uint32_t limit = 100;
    std::optional<std::uint64_t> before_index;  // cursor: only entries below
    std::optional<std::uint64_t> since_index;   // only entries from here on
    std::optional<std::uint64_t> until_index;   // only entries below
    std::optional<Digest> document;
    std::optional<LifeState> state;
};

// One page: the items, and what to ask for to get the next one.
struct Page {
    json::Array items;
    std::optional<std::uint64_t> next;
};

struct VerifyOrder {
    std::optional<Digest> sha256;
    std::optional<Sha512Digest> sha512;
    std::string evidence;  // the text of `<document>.seal`
    std::string trust;     // the text of a trust file; empty = this node's own
};

// Whether the node can seal, in words that may be shown to anybody.
struct Readiness {
    bool ready = false;
    std::string state;   // ready, locked, held, stopped, storage-full, clock-set-back, failed
    std::string reason;  // a sentence; empty for ready
};

// Something that happened, in the order of the log. `cursor` is where a listener goes on after it:
// made of durable positions only, so it is good across reconnects and restarts.
struct Event {
    std::string name;  // sealed, seal, checkpointed, anchored, target
    json::Value data;
    std::string cursor;
};

// One listener's place in the stream. OWNED BY: one request. THREADS: one.
class EventStream {
public:
    virtual ~EventStream() = default;
    // Where the listener stands.
    virtual std::string cursor() const = 0;
    // What happened since the last call, oldest first, a bounded number; waits for it at most
    // `patience`. Empty: nothing happened, or the node stops (`open` says which).
    virtual Result<std::vector<Event>> next(std::chrono::milliseconds patience) = 0;
    virtual bool open() const = 0;
};

class OfficeBackend {
public:
    virtual ~OfficeBackend() = default;

    // DURABLE on return. Never touches the network.
    virtual Result<SealOutcome> seal(const SealOrder& order) = 0;
    // One outcome for each order, in their order; all that succeed are durable on return, with one
    // sync. REQUIRES: at most kBatchOrdersMax.
    virtual std::vector<Result<SealOutcome>> seal_batch(const std::vector<SealOrder>& orders) = 0;

    virtual Result<Page> statements(const StatementQuery& query) = 0;
    // Asks every target for what is missing, and answers the statement and who has not answered.
    virtual Result<json::Value> refresh(const Digest& entry) = 0;

    // Oldest first. `after` = cursor: only checkpoints above this size.
    virtual Result<Page> checkpoints(std::optional<std::uint64_t> after, std::uint32_t limit) = 0;
    virtual Result<json::Value> targets() = 0;
    virtual Result<json::Value> outbox() = 0;

    // The report, as `fieldseal-verify --json` prints it. Errors: invalid_argument (a trust file
    // that is refused).
    virtual Result<std::string> verify(const VerifyOrder& order) = 0;

    virtual Readiness readiness() = 0;
    virtual json::Value well_known() = 0;

    // From now on, or from where a listener stood. Errors: invalid_argument for a cursor that this
    // node never gave.
    virtual Result<std::unique_ptr<EventStream>> listen(
        const std::optional<std::string>& cursor) = 0;
};

}  // namespace fieldseal::api
