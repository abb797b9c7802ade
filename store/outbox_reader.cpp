// SPDX-License-Identifier: Apache-2.0
#include "store/outbox_reader.h"

#include "store/database.h"
#include "store/schema.h"

#include <string>

namespace fieldseal::store {
namespace {

Result<void> check_target(std::string_view target) {
    if (!target.empty() && target.size() <= kTargetBytesMax) return {};
    return Error{Errc::invalid_argument, "a target's name has 1 to " +
                                             std::to_string(kTargetBytesMax) + " bytes, not " +
                                             std::to_string(target.size())};
}

Result<std::optional<ProofRecord>> current(const Database::Walk& walk) {
    if (!walk.valid()) {
        FIELDSEAL_TRY(walk.status());
        return std::optional<ProofRecord>{};
    }
    return std::optional(FIELDSEAL_TRY(schema::decode_proof(walk.key(), walk.value())));
}

}  // namespace

Result<std::optional<OutboxRow>> OutboxReader::row(LogId log, std::string_view target) const {
    FIELDSEAL_TRY(check_target(target));
    const std::string key = schema::outbox_key(log, target);
    const auto value = FIELDSEAL_TRY(database_->get(key));
    if (!value) return std::optional<OutboxRow>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_outbox(as_bytes(key), *value)));
}

Result<std::vector<OutboxRow>> OutboxReader::rows() const {
    std::vector<OutboxRow> rows;
    auto walk = database_->walk(schema::prefix(schema::Kind::outbox));
    for (walk.seek_first(); walk.valid(); walk.next()) {
        rows.push_back(FIELDSEAL_TRY(schema::decode_outbox(walk.key(), walk.value())));
    }
    FIELDSEAL_TRY(walk.status());
    return rows;
}

Result<std::optional<ProofRecord>> OutboxReader::proof(LogId log, std::string_view target,
                                                       merkle::TreeSize size) const {
    FIELDSEAL_TRY(check_target(target));
    const std::string key = schema::proof_key(log, target, size);
    const auto value = FIELDSEAL_TRY(database_->get(key));
    if (!value) return std::optional<ProofRecord>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_proof(as_bytes(key), *value)));
}

Result<std::optional<ProofRecord>> OutboxReader::proof_covering(LogId log, std::string_view target,
                                                                merkle::LeafIndex index) const {
    FIELDSEAL_TRY(check_target(target));
    if (index.value >= merkle::kTreeSizeMax.value) return std::optional<ProofRecord>{};
    auto walk = database_->walk(schema::proof_prefix(log, target));
    walk.seek_at_or_after(schema::proof_key(log, target, {index.value + 1}));
    return current(walk);
}

Result<std::optional<ProofRecord>> OutboxReader::latest_proof(LogId log,
                                                              std::string_view target) const {
    FIELDSEAL_TRY(check_target(target));
    auto walk = database_->walk(schema::proof_prefix(log, target));
    walk.seek_last();
    return current(walk);
}

}  // namespace fieldseal::store
