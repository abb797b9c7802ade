// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include "core/check.h"

#include <algorithm>

namespace fieldseal::store {

std::string_view to_string(LogId log) {
    switch (log) {
        case LogId::statements:
            return "statements";
        case LogId::checkpoints:
            return "checkpoints";
    }
    std::abort();
}

std::string_view to_string(RowSpace space) {
    switch (space) {
        case RowSpace::people:
            return "people";
        case RowSpace::audit:
            return "audit";
        case RowSpace::seals:
            return "seals";
    }
    std::abort();
}

}  // namespace fieldseal::store

namespace fieldseal::store::schema {
namespace {

// The first byte of every row but the bare ones (entry, tile, number): room for a second layout
// without a new schema version.
constexpr std::uint8_t kRowFormat = 1;

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

// Signed seconds so that the order of bytes is the order of times, 1969 before 1970.
std::uint64_t biased(std::int64_t seconds) {
    return static_cast<std::uint64_t>(seconds) ^ kSignBit;
}
std::int64_t unbiased(std::uint64_t value) {
    return static_cast<std::int64_t>(value ^ kSignBit);
}

void add_u64(std::string& key, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(value >> shift));
}
void add(std::string& key, ByteView bytes) {
    key.append(as_text(bytes));
}

void add_sized(std::string& key, std::string_view text) {
    FIELDSEAL_CHECK(!text.empty() && text.size() <= 255);
    key.push_back(static_cast<char>(text.size()));
    key.append(text);
}

class RowWriter {
public:
    explicit RowWriter(std::size_t reserve) {
        row_.reserve(reserve);
        row_.push_back(kRowFormat);
    }
    RowWriter& u8(std::uint8_t value) {
        row_.push_back(value);
        return *this;
    }
    RowWriter& u32(std::uint32_t value) {
        append_u32_be(row_, value);
        return *this;
    }
    RowWriter& u64(std::uint64_t value) {
        append_u64_be(row_, value);
        return *this;
    }
    RowWriter& time(std::int64_t seconds) { return u64(static_cast<std::uint64_t>(seconds)); }
    RowWriter& digest(const Digest& value) {
        append(row_, value);
        return *this;
    }
    RowWriter& sized(ByteView bytes) {
        append_u32_be(row_, static_cast<std::uint32_t>(bytes.size()));
        append(row_, bytes);
        return *this;
    }
    Bytes take() { return std::move(row_); }

private:
    Bytes row_;
};

// Takes a row apart from the front. The first thing that does not fit makes every later read yield
// zeros and finish() an error, so a decoder is one expression and one question.
class RowReader {
public:
    RowReader(Kind kind, ByteView row) : kind_(kind), rest_(row) {
        if (u8() != kRowFormat) bad_ = true;
    }
    std::uint8_t u8() {
        const auto bytes = take(1);
        return bytes.empty() ? std::uint8_t{0} : bytes[0];
    }
    std::uint32_t u32() {
        const auto bytes = take(4);
        return bytes.empty() ? 0 : read_u32_be(bytes);
    }
    std::uint64_t u64() {
        const auto bytes = take(8);
        return bytes.empty() ? 0 : read_u64_be(bytes);
    }
    std::int64_t time() { return static_cast<std::int64_t>(u64()); }
    Digest digest() {
        Digest value{};
        const auto bytes = take(kDigestBytes);
        std::copy(bytes.begin(), bytes.end(), value.begin());
        return value;
    }
    ByteView sized(std::size_t max) {
        const std::uint32_t size = u32();
        if (size > max) bad_ = true;
        return take(size);
    }
    void refuse() { bad_ = true; }
    Result<void> finish() const {
        if (!bad_ && rest_.empty()) return {};
        return Error{Errc::corrupt, std::string(to_string(kind_)) +
                                        " cannot be read: not the layout "
                                        "of this schema version; run `fieldseal check`"};
    }

private:
    ByteView take(std::size_t size) {
        if (bad_ || rest_.size() < size) {
            bad_ = true;
            return {};
        }
        const ByteView front = rest_.first(size);
        rest_ = rest_.subspan(size);
        return front;
    }
    Kind kind_;
    ByteView rest_;
    bool bad_ = false;
};

Error bad_key(Kind kind) {
    return {Errc::corrupt,
            std::string(to_string(kind)) + " has a malformed key; run `fieldseal check`"};
}

struct TargetKey {
    LogId log = LogId::statements;
    std::string target;
    ByteView rest;
};

// kind ‖ log ‖ length ‖ target ‖ rest.
Result<TargetKey> parse_target_key(Kind kind, ByteView key) {
    if (key.size() < 3 || key[0] != static_cast<std::uint8_t>(kind)) return bad_key(kind);
    if (key[1] >= kLogs.size()) return bad_key(kind);
    const std::size_t size = key[2];
    if (size == 0 || size > kTargetBytesMax || key.size() < 3 + size) return bad_key(kind);
    return TargetKey{LogId{key[1]}, to_text(key.subspan(3, size)), key.subspan(3 + size)};
}

}  // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::checkpoint:
            return "checkpoint row";
        case Kind::by_document:
            return "document index row";
        case Kind::entry:
            return "entry row";
        case Kind::head:
            return "head row";
        case Kind::by_entry:
            return "entry index row";
        case Kind::idempotency:
            return "idempotency row";
        case Kind::tile:
            return "tile row";
        case Kind::meta:
            return "meta row";
        case Kind::outbox:
            return "outbox row";
        case Kind::proof:
            return "proof row";
        case Kind::space_row:
            return "row of a space";
        case Kind::statement:
            return "statement row";
        case Kind::by_time:
            return "time index row";
        case Kind::version:
            return "version row";
        case Kind::witness:
            return "witness row";
    }
    std::abort();
}

std::string prefix(Kind kind) {
    return std::string(1, static_cast<char>(kind));
}
std::string prefix(Kind kind, LogId log) {
    return prefix(kind) + static_cast<char>(log);
}

std::string version_key() {
    return prefix(Kind::version);
}
std::string head_key(LogId log) {
    return prefix(Kind::head, log);
}

std::string entry_key(LogId log, merkle::LeafIndex index) {
    std::string key = prefix(Kind::entry, log);
    add_u64(key, index.value);
    return key;
}

std::string by_entry_key(LogId log, const Digest& entry) {
    std::string key = prefix(Kind::by_entry, log);
    add(key, entry);
    return key;
}

std::string tile_key(LogId log, unsigned level, std::uint64_t index) {
    std::string key = prefix(Kind::tile, log);
    key.push_back(static_cast<char>(level));
    add_u64(key, index);
    return key;
}

std::string statement_key(merkle::LeafIndex index) {
    std::string key = prefix(Kind::statement);
    add_u64(key, index.value);
    return key;
}

std::string by_document_prefix(const Digest& document) {
    std::string key = prefix(Kind::by_document);
    add(key, document);
    return key;
}

std::string by_document_key(const Digest& document, merkle::LeafIndex index) {
    std::string key = by_document_prefix(document);
    add_u64(key, index.value);
    return key;
}

std::string by_time_key(std::int64_t received_at_s, merkle::LeafIndex index) {
    std::string key = prefix(Kind::by_time);
    add_u64(key, biased(received_at_s));
    add_u64(key, index.value);
    return key;
}

std::string checkpoint_key(LogId log, merkle::TreeSize size) {
    std::string key = prefix(Kind::checkpoint, log);
    add_u64(key, size.value);
    return key;
}

std::string outbox_key(LogId log, std::string_view target) {
    std::string key = prefix(Kind::outbox, log);
    add_sized(key, target);
    return key;
}

std::string proof_prefix(LogId log, std::string_view target) {
    std::string key = prefix(Kind::proof, log);
    add_sized(key, target);
    return key;
}

std::string proof_key(LogId log, std::string_view target, merkle::TreeSize size) {
    std::string key = proof_prefix(log, target);
    add_u64(key, size.value);
    return key;
}

std::string witness_key(const Digest& origin) {
    std::string key = prefix(Kind::witness);
    add(key, origin);
    return key;
}

std::string idempotency_key(std::string_view key) {
    return prefix(Kind::idempotency) + std::string(key);
}
std::string meta_key(std::string_view name) {
    return prefix(Kind::meta) + std::string(name);
}

std::string space_row_key(RowSpace space, std::string_view key) {
    return prefix(Kind::space_row) + static_cast<char>(space) + std::string(key);
}

std::optional<std::uint64_t> key_number(ByteView key, std::size_t prefix_bytes) {
    if (key.size() != prefix_bytes + 8) return std::nullopt;
    return read_u64_be(key.subspan(prefix_bytes));
}

std::optional<TimePosition> time_position(ByteView key) {
    if (key.size() != 1 + 8 + 8) return std::nullopt;
    return TimePosition{unbiased(read_u64_be(key.subspan(1))), {read_u64_be(key.subspan(9))}};
}

Bytes encode_version(std::uint32_t version) {
    return RowWriter(5).u32(version).take();
}

Bytes encode_number(std::uint64_t value) {
    Bytes row;
    append_u64_be(row, value);
    return row;
}

Bytes encode(const merkle::TreeHead& head) {
    return RowWriter(1 + 8 + kDigestBytes).u64(head.size.value).digest(head.root).take();
}

Bytes encode(const NewStatement& statement) {
    return RowWriter(96 + statement.cose.size() + statement.local.size())
        .u8(static_cast<std::uint8_t>(statement.kind))
        .time(statement.received_at_s)
        .digest(statement.entry)
        .digest(statement.document)
        .sized(statement.cose)
        .sized(statement.local)
        .take();
}

Bytes encode(const CheckpointRecord& record) {
    return RowWriter(64 + record.note.size())
        .digest(record.head.root)
        .time(record.made_at_s)
        .sized(as_bytes(record.note))
        .take();
}

Bytes encode(const OutboxRow& row) {
    return RowWriter(64 + row.state.size())
        .sized(as_bytes(row.kind))
        .u32(row.version)
        .sized(row.state)
        .take();
}

Bytes encode(const ProofRecord& record) {
    return RowWriter(16 + record.proof.size()).time(record.stored_at_s).sized(record.proof).take();
}

Bytes encode(const WitnessState& state) {
    return RowWriter(64 + state.note.size())
        .u64(state.head.size.value)
        .digest(state.head.root)
        .time(state.accepted_at_s)
        .sized(as_bytes(state.note))
        .take();
}

Bytes encode(const IdempotencyRecord& record) {
    return RowWriter(1 + 2 * kDigestBytes + 8)
        .digest(record.request)
        .digest(record.entry)
        .time(record.made_at_s)
        .take();
}

Bytes encode(const SpaceRow& row) {
    return RowWriter(1 + 4 + row.value.size()).sized(row.value).take();
}

Result<std::uint32_t> decode_version(ByteView row) {
    RowReader reader(Kind::version, row);
    const std::uint32_t version = reader.u32();
    FIELDSEAL_TRY(reader.finish());
    return version;
}

Result<std::uint64_t> decode_number(ByteView row) {
    if (row.size() != 8) {
        return Error{Errc::corrupt, "index row is not 8 bytes; run `fieldseal check`"};
    }
    return read_u64_be(row);
}

Result<merkle::TreeHead> decode_head(ByteView row) {
    RowReader reader(Kind::head, row);
    merkle::TreeHead head;
    head.size.value = reader.u64();
    head.root = reader.digest();
    if (head.size > merkle::kTreeSizeMax) reader.refuse();
    FIELDSEAL_TRY(reader.finish());
    return head;
}

Result<StatementRecord> decode_statement(merkle::LeafIndex index, ByteView row) {
    RowReader reader(Kind::statement, row);
    StatementRecord record;
    record.index = index;
    const std::uint8_t kind = reader.u8();
    if (kind > static_cast<std::uint8_t>(StatementKind::audit)) reader.refuse();
    record.kind = StatementKind{kind};
    record.received_at_s = reader.time();
    record.entry = reader.digest();
    record.document = reader.digest();
    record.cose = to_bytes(reader.sized(kCoseBytesMax));
    record.local = to_bytes(reader.sized(kLocalBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return record;
}

Result<CheckpointRecord> decode_checkpoint(merkle::TreeSize size, ByteView row) {
    RowReader reader(Kind::checkpoint, row);
    CheckpointRecord record;
    record.head.size = size;
    record.head.root = reader.digest();
    record.made_at_s = reader.time();
    record.note = to_text(reader.sized(kNoteBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return record;
}

Result<OutboxRow> decode_outbox(ByteView key, ByteView row) {
    auto parsed = FIELDSEAL_TRY(parse_target_key(Kind::outbox, key));
    if (!parsed.rest.empty()) return bad_key(Kind::outbox);
    RowReader reader(Kind::outbox, row);
    OutboxRow decoded;
    decoded.log = parsed.log;
    decoded.target = std::move(parsed.target);
    decoded.kind = to_text(reader.sized(kTargetKindBytesMax));
    decoded.version = reader.u32();
    decoded.state = to_bytes(reader.sized(kOpaqueBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return decoded;
}

Result<ProofRecord> decode_proof(ByteView key, ByteView row) {
    auto parsed = FIELDSEAL_TRY(parse_target_key(Kind::proof, key));
    if (parsed.rest.size() != 8) return bad_key(Kind::proof);
    RowReader reader(Kind::proof, row);
    ProofRecord record;
    record.log = parsed.log;
    record.target = std::move(parsed.target);
    record.size.value = read_u64_be(parsed.rest);
    record.stored_at_s = reader.time();
    record.proof = to_bytes(reader.sized(kOpaqueBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return record;
}

Result<WitnessState> decode_witness(ByteView row) {
    RowReader reader(Kind::witness, row);
    WitnessState state;
    state.head.size.value = reader.u64();
    state.head.root = reader.digest();
    if (state.head.size > merkle::kTreeSizeMax) reader.refuse();
    state.accepted_at_s = reader.time();
    state.note = to_text(reader.sized(kNoteBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return state;
}

Result<IdempotencyRecord> decode_idempotency(ByteView row) {
    RowReader reader(Kind::idempotency, row);
    IdempotencyRecord record;
    record.request = reader.digest();
    record.entry = reader.digest();
    record.made_at_s = reader.time();
    FIELDSEAL_TRY(reader.finish());
    return record;
}

Result<SpaceRow> decode_space_row(ByteView key, ByteView row) {
    constexpr std::size_t kBefore = 2;  // kind, space
    if (key.size() <= kBefore || key.size() > kBefore + kRowKeyBytesMax ||
        key[0] != static_cast<std::uint8_t>(Kind::space_row) || key[1] >= kRowSpaces.size()) {
        return bad_key(Kind::space_row);
    }
    RowReader reader(Kind::space_row, row);
    SpaceRow decoded{RowSpace{key[1]}, to_text(key.subspan(kBefore)), {}};
    decoded.value = to_bytes(reader.sized(kRowBytesMax));
    FIELDSEAL_TRY(reader.finish());
    return decoded;
}

}  // namespace fieldseal::store::schema
