// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "core/check.h"
#include "store/batch_impl.h"
#include "store/crash_point.h"
#include "store/schema.h"
#include "store/store_impl.h"

#include <utility>

namespace fieldseal::store {

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
    ignore_error(close(), "a destructor cannot tell; close() can");
}

const std::vector<std::string>& Store::notices() const {
    return impl_->notices;
}

LogReader Store::log(LogId log) const {
    return LogReader(*impl_->database, log, impl_->snapshot(log));
}
StatementReader Store::statements() const {
    return StatementReader(*impl_->database);
}
CheckpointReader Store::checkpoints(LogId log) const {
    return CheckpointReader(*impl_->database, log);
}
OutboxReader Store::outbox() const {
    return OutboxReader(*impl_->database);
}

Result<std::optional<WitnessState>> Store::witness_state(const Digest& origin) const {
    const auto row = FIELDSEAL_TRY(impl_->database->get(schema::witness_key(origin)));
    if (!row) return std::optional<WitnessState>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_witness(*row)));
}

Result<std::optional<IdempotencyRecord>> Store::idempotency(std::string_view key) const {
    const auto row = FIELDSEAL_TRY(impl_->database->get(schema::idempotency_key(key)));
    if (!row) return std::optional<IdempotencyRecord>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_idempotency(*row)));
}

Result<std::optional<Bytes>> Store::meta(std::string_view name) const {
    return impl_->database->get(schema::meta_key(name));
}

Result<std::optional<Bytes>> Store::row(RowSpace space, std::string_view key) const {
    const std::string whole = schema::space_row_key(space, key);
    const auto row = FIELDSEAL_TRY(impl_->database->get(whole));
    if (!row) return std::optional<Bytes>{};
    return std::optional(FIELDSEAL_TRY(schema::decode_space_row(as_bytes(whole), *row)).value);
}

Result<std::vector<SpaceRow>> Store::rows(RowSpace space, std::string_view prefix,
                                          std::string_view after, std::size_t limit) const {
    if (limit < 1 || limit > kListMax) {
        return Error{Errc::invalid_argument, "a list has 1 to " + std::to_string(kListMax) +
                                                 " rows, not " + std::to_string(limit)};
    }
    std::vector<SpaceRow> rows;
    auto walk = impl_->database->walk(schema::space_row_key(space, prefix));
    if (after <= prefix) {  // no key of the prefix is smaller than the prefix
        walk.seek_first();
    } else if (after.starts_with(prefix)) {
        walk.seek_at_or_after(schema::space_row_key(space, after));
    } else {
        return rows;  // after all keys of the prefix
    }
    for (; walk.valid() && rows.size() < limit; walk.next()) {
        auto row = FIELDSEAL_TRY(schema::decode_space_row(walk.key(), walk.value()));
        if (!after.empty() && row.key <= after) continue;
        rows.push_back(std::move(row));
    }
    FIELDSEAL_TRY(walk.status());
    return rows;
}

Result<std::optional<SpaceRow>> Store::last_row(RowSpace space) const {
    auto walk = impl_->database->walk(schema::space_row_key(space, ""));
    walk.seek_last();
    if (!walk.valid()) {
        FIELDSEAL_TRY(walk.status());
        return std::optional<SpaceRow>{};
    }
    return std::optional(FIELDSEAL_TRY(schema::decode_space_row(walk.key(), walk.value())));
}

Batch Store::begin() {
    return Batch(std::make_unique<Batch::Impl>(*impl_->database, impl_->commits, impl_->edges,
                                               impl_->pinned));
}

Result<void> Store::commit(Batch&& batch) {
    if (const auto failed = failure()) return *failed;
    Batch::Impl& pending = *batch.impl_;
    FIELDSEAL_CHECK(&pending.database == impl_->database.get());
    if (pending.begun_after_commits != impl_->commits) {
        return Error{Errc::conflict, "the batch was begun before the last commit; begin it again"};
    }
    if (batch.empty()) return {};
    const bool raises = pending.needs_newest_schema && impl_->schema_version < schema::kVersion;
    if (raises) {
        pending.writes.put(schema::version_key(), schema::encode_version(schema::kVersion));
    }
    pending.finish();

    FIELDSEAL_CRASH_POINT("store.before_write");
    if (auto written = impl_->database->write(std::move(pending.writes)); !written.ok()) {
        return impl_->poison(std::move(written).error());
    }
    // Durable from here: a crash before this line loses the whole batch, after it nothing of it.
    FIELDSEAL_CRASH_POINT("store.after_write");
    ++impl_->commits;
    if (raises) impl_->schema_version = schema::kVersion;
    impl_->edges = std::move(pending.edges);
    impl_->publish_snapshots();
    if (impl_->pinned != pending.pin) {
        impl_->pinned = pending.pin;
        impl_->pin_writer->publish(impl_->pinned);
    }
    return {};
}

std::optional<Error> Store::failure() const {
    {
        const std::lock_guard guard(impl_->mutex);
        if (impl_->failure) return impl_->failure;
    }
    if (auto background = impl_->database->background_error()) {
        return impl_->poison(std::move(*background));
    }
    if (impl_->pin_writer == nullptr) return std::nullopt;  // open() has not come that far
    if (auto pin = impl_->pin_writer->health(); !pin.ok()) {
        return impl_->poison(std::move(pin).error());
    }
    return std::nullopt;
}

Result<void> Store::close() {
    if (std::exchange(impl_->closed, true)) return {};
    // A compaction that fails from here on would go unnoticed.
    impl_->database->end_background_work();
    const auto failed = failure();
    const auto drained = impl_->pin_writer ? impl_->pin_writer->drain() : Result<void>();
    if (failed) {
        impl_->database->abandon();
        return *failed;
    }
    return drained;
}

Error Store::Impl::poison(Error error) {
    const std::lock_guard guard(mutex);
    if (!failure) {
        failure = error.with_context(
            "nothing more is written, restart the daemon; what was acknowledged is on the disk");
    }
    return *failure;
}

void Store::Impl::publish_snapshots() {
    for (const LogId log : kLogs) {
        const auto at = static_cast<std::size_t>(log);
        const LogEdge& edge = edges[at];
        {
            const std::lock_guard guard(mutex);
            if (snapshots[at] && snapshots[at]->head.size == edge.size()) continue;
        }
        auto next = std::make_shared<const LogSnapshot>(LogSnapshot{edge.head(), edge.tail()});
        const std::lock_guard guard(mutex);
        snapshots[at] = std::move(next);
    }
}

}  // namespace fieldseal::store
