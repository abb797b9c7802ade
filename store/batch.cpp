// SPDX-License-Identifier: Apache-2.0
#include "store/batch.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "store/batch_impl.h"
#include "store/schema.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace fieldseal::store {
namespace {

struct Bounds {
    std::size_t min = 0;
    std::size_t max = 0;
};

// The bounds on what is written are the bounds decoders enforce: a row that could not be read back
// is refused before it is durable.
Result<void> check_size(std::string_view what, std::size_t size, Bounds bounds) {
    if (size >= bounds.min && size <= bounds.max) return {};
    return Error{Errc::invalid_argument, std::string(what) + " has " + std::to_string(size) +
                                             " bytes, not " + std::to_string(bounds.min) + " to " +
                                             std::to_string(bounds.max)};
}

Result<void> check_target(std::string_view target) {
    return check_size("a target's name", target.size(), {1, kTargetBytesMax});
}

}  // namespace

Result<bool> Batch::Impl::contains(LogId log, const Digest& entry) const {
    if (entries[static_cast<std::size_t>(log)].contains(entry)) return true;
    return FIELDSEAL_TRY(database.get(schema::by_entry_key(log, entry))).has_value();
}

Result<merkle::LeafIndex> Batch::Impl::append_entry(LogId log, const Digest& entry, bool search) {
    const bool twice = search ? FIELDSEAL_TRY(contains(log, entry))
                              : entries[static_cast<std::size_t>(log)].contains(entry);
    if (twice) {
        return Error{Errc::conflict, "entry " + hex_encode(entry) + " is already in the " +
                                         std::string(to_string(log)) + " log"};
    }
    const merkle::LeafIndex index{edge(log).size().value};
    edge(log).append(entry, writes);
    entries[static_cast<std::size_t>(log)].emplace(entry, index);
    return index;
}

void Batch::Impl::finish() {
    for (const LogId log : kLogs) {
        const auto at = static_cast<std::size_t>(log);
        if (entries[at].empty()) continue;
        for (const auto& [entry, index] : entries[at]) {
            writes.put(schema::by_entry_key(log, entry), schema::encode_number(index.value));
        }
        edges[at].write_edge(writes);
        pin.logs[at].head = edges[at].head();
    }
    for (const Indexed& row : statements) {
        writes.put(schema::by_time_key(row.received_at_s, row.index), {});
    }
    const auto by_document = [](const Indexed& a, const Indexed& b) {
        return std::tie(a.document, a.index) < std::tie(b.document, b.index);
    };
    std::sort(statements.begin(), statements.end(), by_document);
    for (const Indexed& row : statements) {
        writes.put(schema::by_document_key(row.document, row.index), {});
    }
}

Batch::Batch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

bool Batch::empty() const {
    return impl_->empty();
}
std::size_t Batch::appended() const {
    return impl_->appended();
}
merkle::TreeHead Batch::head(LogId log) const {
    return impl_->edge(log).head();
}

Result<merkle::LeafIndex> Batch::append_statement(const NewStatement& statement) {
    FIELDSEAL_TRY(check_size("a statement", statement.cose.size(), {1, kCoseBytesMax}));
    FIELDSEAL_TRY(
        check_size("a statement's local part", statement.local.size(), {0, kLocalBytesMax}));
    FIELDSEAL_CHECK(sha256(statement.cose) == statement.entry);
    const auto index = FIELDSEAL_TRY(
        impl_->append_entry(LogId::statements, statement.entry, !statement.made_just_now));
    impl_->writes.put(schema::statement_key(index), schema::encode(statement));
    if (statement.kind == StatementKind::audit) impl_->needs_newest_schema = true;
    impl_->statements.push_back({index, statement.received_at_s, statement.document});
    return index;
}

Result<merkle::LeafIndex> Batch::append_checkpoint_digest(const Digest& entry) {
    return impl_->append_entry(LogId::checkpoints, entry, true);
}

Result<void> Batch::put_checkpoint(LogId log, const CheckpointRecord& checkpoint) {
    FIELDSEAL_TRY(check_size("a checkpoint", checkpoint.note.size(), {1, kNoteBytesMax}));
    const auto& before = impl_->base[static_cast<std::size_t>(log)];
    if (checkpoint.head != head(log) && checkpoint.head != before) {
        return Error{Errc::conflict, "a checkpoint of size " +
                                         std::to_string(checkpoint.head.size.value) + " and root " +
                                         hex_encode(checkpoint.head.root) + " is not one of the " +
                                         std::string(to_string(log)) + " log, which has " +
                                         std::to_string(head(log).size.value) + " entries"};
    }
    impl_->writes.put(schema::checkpoint_key(log, checkpoint.head.size),
                      schema::encode(checkpoint));
    auto& pinned = impl_->pinned(log).checkpoint;
    pinned = std::max(pinned, checkpoint.head.size);
    return {};
}

Result<void> Batch::put_outbox(const OutboxRow& row) {
    FIELDSEAL_TRY(check_target(row.target));
    FIELDSEAL_TRY(check_size("a target's kind", row.kind.size(), {1, kTargetKindBytesMax}));
    FIELDSEAL_TRY(check_size("an outbox row", row.state.size(), {0, kOpaqueBytesMax}));
    impl_->writes.put(schema::outbox_key(row.log, row.target), schema::encode(row));
    return {};
}

Result<void> Batch::erase_outbox(LogId log, std::string_view target) {
    FIELDSEAL_TRY(check_target(target));
    impl_->writes.erase(schema::outbox_key(log, target));
    return {};
}

Result<void> Batch::put_proof(const ProofRecord& proof) {
    FIELDSEAL_TRY(check_target(proof.target));
    FIELDSEAL_TRY(check_size("a proof", proof.proof.size(), {1, kOpaqueBytesMax}));
    if (proof.size > head(proof.log).size || proof.size.value == 0) {
        return Error{Errc::conflict, "a proof for size " + std::to_string(proof.size.value) +
                                         " of the " + std::string(to_string(proof.log)) +
                                         " log, which has " +
                                         std::to_string(head(proof.log).size.value) + " entries"};
    }
    impl_->writes.put(schema::proof_key(proof.log, proof.target, proof.size),
                      schema::encode(proof));
    return {};
}

Result<void> Batch::put_witness_state(const Digest& origin, const WitnessState& state) {
    FIELDSEAL_TRY(check_size("a witnessed checkpoint", state.note.size(), {1, kNoteBytesMax}));
    impl_->writes.put(schema::witness_key(origin), schema::encode(state));
    impl_->witness_states.insert_or_assign(origin, state);
    return {};
}

Result<void> Batch::put_idempotency(std::string_view key, const IdempotencyRecord& record) {
    FIELDSEAL_TRY(check_size("an idempotency key", key.size(), {1, kIdempotencyKeyBytesMax}));
    impl_->writes.put(schema::idempotency_key(key), schema::encode(record));
    impl_->idempotency.insert_or_assign(std::string(key), record);
    return {};
}

Result<void> Batch::put_meta(std::string_view name, ByteView value) {
    FIELDSEAL_TRY(check_size("a meta name", name.size(), {1, kMetaNameBytesMax}));
    FIELDSEAL_TRY(check_size("a meta value", value.size(), {0, kOpaqueBytesMax}));
    impl_->writes.put(schema::meta_key(name), value);
    return {};
}

Result<void> Batch::erase_meta(std::string_view name) {
    FIELDSEAL_TRY(check_size("a meta name", name.size(), {1, kMetaNameBytesMax}));
    impl_->writes.erase(schema::meta_key(name));
    return {};
}

Result<void> Batch::put_row(RowSpace space, std::string_view key, ByteView value) {
    FIELDSEAL_TRY(check_size("the key of a row", key.size(), {1, kRowKeyBytesMax}));
    FIELDSEAL_TRY(check_size("a row", value.size(), {0, kRowBytesMax}));
    std::string whole = schema::space_row_key(space, key);
    impl_->writes.put(whole, schema::encode(SpaceRow{space, {}, to_bytes(value)}));
    impl_->needs_newest_schema = true;
    impl_->rows.insert_or_assign(std::move(whole), to_bytes(value));
    return {};
}

Result<void> Batch::erase_row(RowSpace space, std::string_view key) {
    FIELDSEAL_TRY(check_size("the key of a row", key.size(), {1, kRowKeyBytesMax}));
    std::string whole = schema::space_row_key(space, key);
    impl_->writes.erase(whole);
    impl_->rows.insert_or_assign(std::move(whole), std::nullopt);
    return {};
}

Result<bool> Batch::contains(LogId log, const Digest& entry) const {
    return impl_->contains(log, entry);
}

Result<std::optional<IdempotencyRecord>> Batch::idempotency(std::string_view key) const {
    if (const auto pending = impl_->idempotency.find(key); pending != impl_->idempotency.end()) {
        return std::optional(pending->second);
    }
    const auto row = FIELDSEAL_TRY(impl_->database.get(schema::idempotency_key(key)));
    if (!row) return std::optional<IdempotencyRecord>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_idempotency(*row)));
}

Result<std::optional<Bytes>> Batch::row(RowSpace space, std::string_view key) const {
    const std::string whole = schema::space_row_key(space, key);
    if (const auto pending = impl_->rows.find(whole); pending != impl_->rows.end()) {
        return pending->second;
    }
    const auto row = FIELDSEAL_TRY(impl_->database.get(whole));
    if (!row) return std::optional<Bytes>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_space_row(as_bytes(whole), *row)).value);
}

Result<std::optional<WitnessState>> Batch::witness_state(const Digest& origin) const {
    const auto pending = impl_->witness_states.find(origin);
    if (pending != impl_->witness_states.end()) return std::optional(pending->second);
    const auto row = FIELDSEAL_TRY(impl_->database.get(schema::witness_key(origin)));
    if (!row) return std::optional<WitnessState>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_witness(*row)));
}

}  // namespace fieldseal::store
