// SPDX-License-Identifier: Apache-2.0
// What the store keeps, as values: one struct per kind of row, without its key layout (schema.h).
// Opaque members ("local", "state", "proof") belong to the room that wrote them; the store only
// bounds their length.
// THREADS: value types. Grammar: docs/formats/store.md.
#pragma once

#include "core/bytes.h"
#include "core/merkle/tree.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::store {

// The RFC 6962 logs of one node. The numbers are on disk.
enum class LogId : std::uint8_t {
    statements = 0,   // the office's log: entries are statement ids
    checkpoints = 1,  // a hub's witnessed log: entries are checkpoint digests
};
inline constexpr std::array kLogs{LogId::statements, LogId::checkpoints};
std::string_view to_string(LogId log);

enum class StatementKind : std::uint8_t {
    statement = 0,  // about a document
    status = 1,     // a status snapshot of the seals
    audit = 2,      // the head of the node's audit log
};

// Books of the node that are no part of a log: rows with keys and values of its own, in the order
// of the keys' bytes. The numbers are on disk.
enum class RowSpace : std::uint8_t {
    people = 0,  // accounts, tokens, what their owners keep of them
    audit = 1,   // the entries of the audit log, by their number
    seals = 2,   // the seals and what was done to them
};
inline constexpr std::array kRowSpaces{RowSpace::people, RowSpace::audit, RowSpace::seals};
std::string_view to_string(RowSpace space);

inline constexpr std::size_t kCoseBytesMax = 64 * 1024;
inline constexpr std::size_t kLocalBytesMax = 4 * 1024;
inline constexpr std::size_t kNoteBytesMax = 64 * 1024;
inline constexpr std::size_t kTargetBytesMax = 128;
inline constexpr std::size_t kTargetKindBytesMax = 32;
inline constexpr std::size_t kOpaqueBytesMax = 1024 * 1024;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 320;  // an account's name, LF, its key
inline constexpr std::size_t kMetaNameBytesMax = 64;
inline constexpr std::size_t kRowKeyBytesMax = 128;
inline constexpr std::size_t kRowBytesMax = 64 * 1024;

// A statement as the sequencer hands it over.
struct NewStatement {
    StatementKind kind = StatementKind::statement;
    std::int64_t received_at_s = 0;  // POSIX seconds by the node's clock: a claim, never an order
    Digest entry{};                  // SHA-256 of `cose`; the statement id
    Digest document{};  // SHA-256 of the document (of the payload for a status snapshot)
    Bytes cose;         // the tagged COSE_Sign1, exactly the bytes `entry` is over
    Bytes local;        // what the node remembers beside it; never leaves the node
    // Signed a moment ago over a random nonce: the log cannot have it, and is not searched for it.
    bool made_just_now = false;
};

struct StatementRecord {
    merkle::LeafIndex index;
    StatementKind kind = StatementKind::statement;
    std::int64_t received_at_s = 0;
    Digest entry{};
    Digest document{};
    Bytes cose;
    Bytes local;
};

// A checkpoint of one of our own logs. `note` holds every signature line we made, none of others.
struct CheckpointRecord {
    merkle::TreeHead head;
    std::int64_t made_at_s = 0;
    std::string note;
};

// What is promised to one target about one log and not done.
struct OutboxRow {
    LogId log = LogId::statements;
    std::string target;
    std::string kind;           // the adapter that reads `state`
    std::uint32_t version = 0;  // of `state`, the adapter's own
    Bytes state;
};

// What one target answered about the checkpoint of `size` leaves, verified before it came here.
struct ProofRecord {
    LogId log = LogId::statements;
    std::string target;
    merkle::TreeSize size;
    std::int64_t stored_at_s = 0;
    Bytes proof;
};

// Hub: the newest checkpoint of one origin that this node has accepted (C2SP tlog-witness).
struct WitnessState {
    merkle::TreeHead head;
    std::int64_t accepted_at_s = 0;  // never decreases: the last cosignature time
    std::string note;
};

// One row of a space.
struct SpaceRow {
    RowSpace space = RowSpace::people;
    std::string key;
    Bytes value;
};

// What a request with this idempotency key led to.
struct IdempotencyRecord {
    Digest request{};  // digest over the request: the same key with another request is a conflict
    Digest entry{};
    std::int64_t made_at_s = 0;
};

}  // namespace fieldseal::store
