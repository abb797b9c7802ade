// SPDX-License-Identifier: Apache-2.0
#include "store/statement_reader.h"

#include "core/encoding.h"
#include "store/database.h"
#include "store/schema.h"

#include <string>
#include <utility>

namespace fieldseal::store {
namespace {

Result<void> check_limit(std::size_t limit) {
    if (limit >= 1 && limit <= kListMax) return {};
    return Error{Errc::invalid_argument, "a list has 1 to " + std::to_string(kListMax) +
                                             " records, not " + std::to_string(limit)};
}

Error missing(merkle::LeafIndex index, std::string_view row) {
    return {Errc::corrupt, "statement " + std::to_string(index.value) + " has no " +
                               std::string(row) + "; run `fieldseal check`"};
}

void step(Database::Walk& walk, Order order) {
    if (order == Order::oldest_first) {
        walk.next();
    } else {
        walk.previous();
    }
}

}  // namespace

Result<std::optional<StatementRecord>> StatementReader::by_entry(const Digest& entry) const {
    const auto row = FIELDSEAL_TRY(database_->get(schema::by_entry_key(LogId::statements, entry)));
    if (!row) return std::optional<StatementRecord>{};
    const merkle::LeafIndex index{FIELDSEAL_TRY(schema::decode_number(*row))};
    auto record = FIELDSEAL_TRY(by_index(index));
    if (!record || record->entry != entry) return missing(index, "statement row of its id");
    return record;
}

Result<std::optional<StatementRecord>> StatementReader::by_index(merkle::LeafIndex index) const {
    const auto row = FIELDSEAL_TRY(database_->get(schema::statement_key(index)));
    if (!row) return std::optional<StatementRecord>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_statement(index, *row)));
}

Result<std::vector<Digest>> StatementReader::by_document(const Digest& document) const {
    std::vector<Digest> ids;
    const std::string prefix = schema::by_document_prefix(document);
    auto walk = database_->walk(prefix);
    for (walk.seek_first(); walk.valid() && ids.size() < kByDocumentMax; walk.next()) {
        const auto index = schema::key_number(walk.key(), prefix.size());
        if (!index) return Error{Errc::corrupt, "document index row has a malformed key"};
        const auto entry =
            FIELDSEAL_TRY(database_->get(schema::entry_key(LogId::statements, {*index})));
        if (!entry) return missing({*index}, "entry row");
        ids.push_back(FIELDSEAL_TRY(to_digest(*entry)));
    }
    FIELDSEAL_TRY(walk.status());
    return ids;
}

Result<std::vector<StatementRecord>> StatementReader::list(const ListQuery& query) const {
    FIELDSEAL_TRY(check_limit(query.limit));
    auto walk = database_->walk(schema::prefix(schema::Kind::statement));
    const bool forward = query.order == Order::oldest_first;
    if (!query.after) {
        forward ? walk.seek_first() : walk.seek_last();
    } else if (forward) {
        if (query.after->value == UINT64_MAX) return std::vector<StatementRecord>{};
        walk.seek_at_or_after(schema::statement_key({query.after->value + 1}));
    } else {
        walk.seek_before(schema::statement_key(*query.after));
    }
    std::vector<StatementRecord> records;
    for (; walk.valid() && records.size() < query.limit; step(walk, query.order)) {
        const auto index = schema::key_number(walk.key(), 1);
        if (!index) return Error{Errc::corrupt, "statement row has a malformed key"};
        records.push_back(FIELDSEAL_TRY(schema::decode_statement({*index}, walk.value())));
    }
    FIELDSEAL_TRY(walk.status());
    return records;
}

Result<std::vector<StatementRecord>> StatementReader::list(const TimeQuery& query) const {
    FIELDSEAL_TRY(check_limit(query.limit));
    auto walk = database_->walk(schema::prefix(schema::Kind::by_time));
    const std::string begin = schema::by_time_key(query.from_s, {});
    const std::string end = schema::by_time_key(query.until_s, {});
    const bool forward = query.order == Order::oldest_first;
    std::string start = forward ? begin : end;
    if (query.after) start = schema::by_time_key(query.after->received_at_s, query.after->index);
    if (forward) {
        walk.seek_at_or_after(start);
        if (query.after && walk.valid() && as_text(walk.key()) == start) walk.next();
    } else {
        walk.seek_before(start);
    }
    std::vector<StatementRecord> records;
    for (; walk.valid() && records.size() < query.limit; step(walk, query.order)) {
        const std::string_view key = as_text(walk.key());
        if (forward ? key >= end : key < begin) break;
        const auto position = schema::time_position(walk.key());
        if (!position) return Error{Errc::corrupt, "time index row has a malformed key"};
        auto record = FIELDSEAL_TRY(by_index(position->index));
        if (!record) return missing(position->index, "statement row");
        records.push_back(std::move(*record));
    }
    FIELDSEAL_TRY(walk.status());
    return records;
}

}  // namespace fieldseal::store
