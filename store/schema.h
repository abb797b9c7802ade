// SPDX-License-Identifier: Apache-2.0
// The bytes of the store: how keys and rows are written and read. Pure; knows nothing of RocksDB.
//
// Keys begin with one letter per kind of row, integers are big-endian so that the order of keys is
// the order of values. Rows begin with kRowFormat; decoders take exactly what the encoders write.
// THREADS: pure functions, any. Errors: corrupt, naming the kind of row. Grammar:
// docs/formats/store.md.
#pragma once

#include "core/result.h"
#include "store/records.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::store::schema {

// Raised when an older program would misread the rows. A newer store is refused, an older one is
// migrated or refused by name (docs/formats/store.md §1).
inline constexpr std::uint32_t kVersion = 3;
// Opened as it is, and raised by the first commit with a row that an older program would misread.
inline constexpr std::uint32_t kVersionMin = 1;

enum class Kind : char {
    checkpoint = 'C',
    by_document = 'D',
    entry = 'E',
    head = 'H',
    by_entry = 'I',
    idempotency = 'K',
    tile = 'L',
    meta = 'M',
    outbox = 'O',
    proof = 'P',
    space_row = 'R',
    statement = 'S',
    by_time = 'T',
    version = 'V',
    witness = 'W',
};
// "statement row", for messages.
std::string_view to_string(Kind kind);

// The first bytes shared by all rows of a kind (of one log).
std::string prefix(Kind kind);
std::string prefix(Kind kind, LogId log);

std::string version_key();
std::string head_key(LogId log);
std::string entry_key(LogId log, merkle::LeafIndex index);
std::string by_entry_key(LogId log, const Digest& entry);
std::string tile_key(LogId log, unsigned level, std::uint64_t index);
std::string statement_key(merkle::LeafIndex index);
std::string by_document_key(const Digest& document, merkle::LeafIndex index);
std::string by_document_prefix(const Digest& document);
std::string by_time_key(std::int64_t received_at_s, merkle::LeafIndex index);
std::string checkpoint_key(LogId log, merkle::TreeSize size);
// REQUIRES: 1 to kTargetBytesMax bytes of target.
std::string outbox_key(LogId log, std::string_view target);
std::string proof_key(LogId log, std::string_view target, merkle::TreeSize size);
std::string proof_prefix(LogId log, std::string_view target);
std::string witness_key(const Digest& origin);
std::string idempotency_key(std::string_view key);
std::string meta_key(std::string_view name);
// REQUIRES: for a whole key, 1 to kRowKeyBytesMax bytes. Also the prefix of the keys that begin so.
std::string space_row_key(RowSpace space, std::string_view key);

// The u64 at the end of a key of this prefix; nothing when the key has any other length.
std::optional<std::uint64_t> key_number(ByteView key, std::size_t prefix_bytes);
// The pair in a by_time key.
struct TimePosition {
    std::int64_t received_at_s = 0;
    merkle::LeafIndex index;
    auto operator<=>(const TimePosition&) const = default;
};
std::optional<TimePosition> time_position(ByteView key);

Bytes encode_version(std::uint32_t version);
Bytes encode_number(std::uint64_t value);
Bytes encode(const merkle::TreeHead& head);
Bytes encode(const NewStatement& statement);
Bytes encode(const CheckpointRecord& record);
Bytes encode(const OutboxRow& row);
Bytes encode(const ProofRecord& record);
Bytes encode(const WitnessState& state);
Bytes encode(const IdempotencyRecord& record);
Bytes encode(const SpaceRow& row);

Result<std::uint32_t> decode_version(ByteView row);
Result<std::uint64_t> decode_number(ByteView row);
Result<merkle::TreeHead> decode_head(ByteView row);
Result<StatementRecord> decode_statement(merkle::LeafIndex index, ByteView row);
Result<CheckpointRecord> decode_checkpoint(merkle::TreeSize size, ByteView row);
// `key` is the whole key.
Result<OutboxRow> decode_outbox(ByteView key, ByteView row);
Result<ProofRecord> decode_proof(ByteView key, ByteView row);
Result<WitnessState> decode_witness(ByteView row);
Result<IdempotencyRecord> decode_idempotency(ByteView row);
Result<SpaceRow> decode_space_row(ByteView key, ByteView row);

}  // namespace fieldseal::store::schema
