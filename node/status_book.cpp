// SPDX-License-Identifier: Apache-2.0
#include "node/status_book.h"

#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::string_view kNewestName = "status.newest";

}  // namespace

Result<std::unique_ptr<StatusBook>> StatusBook::load(const store::Store& store,
                                                     const NodeIdentity& identity,
                                                     const SigningKey& status_key,
                                                     const Clock& clock) {
    std::optional<Published> published;
    if (const auto row = FIELDSEAL_TRY(store.meta(kNewestName))) {
        const Digest entry = FIELDSEAL_TRY(to_digest(*row));
        const auto record = FIELDSEAL_TRY(store.statements().by_entry(entry));
        if (!record) return Error{Errc::corrupt, "the newest status snapshot is not in the store"};
        const auto status = FIELDSEAL_TRY(parse_status(record->cose));
        FIELDSEAL_TRY(verify_status(status, identity.status_key));
        published = Published{status.snapshot, entry};
    }
    return std::unique_ptr<StatusBook>(
        new StatusBook(identity, status_key, clock, std::move(published)));
}

StatusSnapshot StatusBook::next_snapshot(const Published* previous, std::uint64_t size) const {
    StatusSnapshot next;
    next.algorithm = identity_.status_key.algorithm();
    next.kid = identity_.status_key.kid();
    next.issued_at = clock_.now_s();
    next.origin = identity_.origin;
    next.as_of_size = size;
    if (previous != nullptr) {
        // A clock that was set back must not stop the log: the claim stays where it was.
        next.issued_at = std::max(next.issued_at, previous->snapshot.issued_at);
        next.seq = previous->snapshot.seq + 1;
        next.previous = previous->entry;
        next.seals = previous->snapshot.seals;
        return next;
    }
    for (const auto& seal : identity_.seals) {
        next.seals.push_back({seal.key.kid(), SealState::active, size, std::nullopt});
    }
    std::sort(next.seals.begin(), next.seals.end(),
              [](const SealStatus& a, const SealStatus& b) { return a.kid < b.kid; });
    return next;
}

Result<void> StatusBook::append_snapshot(store::Batch& batch) {
    const auto previous = [this] {
        const std::scoped_lock lock(mutex_);
        return published_;
    }();
    const std::uint64_t size = batch.head(store::LogId::statements).size.value;
    StatusSnapshot next = next_snapshot(previous ? &*previous : nullptr, size);
    if (previous) FIELDSEAL_TRY(validate_transition(previous->snapshot, previous->entry, next));
    const auto tbs = FIELDSEAL_TRY(StatusTbs::from(std::move(next)));
    const auto status = FIELDSEAL_TRY(status_key_.sign_status(tbs));
    store::NewStatement row;
    row.kind = store::StatementKind::status;
    row.received_at_s = tbs.snapshot().issued_at;
    row.entry = status.entry;
    row.document = sha256(status.object.payload);
    row.cose = status.cose();
    FIELDSEAL_TRY(batch.append_statement(row));
    pending_ = Published{tbs.snapshot(), status.entry};
    return batch.put_meta(kNewestName, status.entry);
}

void StatusBook::committed() {
    if (!pending_) return;
    const std::scoped_lock lock(mutex_);
    published_ = std::move(pending_);
    pending_.reset();
}

Result<void> StatusBook::check_active(const Digest& kid) const {
    const std::scoped_lock lock(mutex_);
    if (!published_) return {};  // before the first snapshot every seal of the identity is active
    const SealStatus* status = published_->snapshot.find(kid);
    if (status == nullptr)
        return Error{Errc::not_found, "this seal is not published in the status snapshot"};
    if (status->state != SealState::active) {
        return Error{Errc::denied,
                     "this seal is " + std::string(to_string(status->state)) + ": use another"};
    }
    return {};
}

std::optional<StatusSnapshot> StatusBook::newest() const {
    const std::scoped_lock lock(mutex_);
    if (!published_) return std::nullopt;
    return published_->snapshot;
}

std::optional<Digest> StatusBook::newest_entry() const {
    const std::scoped_lock lock(mutex_);
    if (!published_) return std::nullopt;
    return published_->entry;
}

}  // namespace fieldseal::node
