// SPDX-License-Identifier: Apache-2.0
#include "node/seals/status_book.h"

#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::string_view kNewestName = "status.newest";

// What a person does about a seal that makes no statements.
std::string_view advice(SealState state) {
    switch (state) {
        case SealState::pre_active:
            return "an admin activates it with `fieldseal seal-key activate`";
        case SealState::suspended:
            return "an admin lets it go on with `fieldseal seal-key resume`";
        case SealState::active:
        case SealState::retired:
        case SealState::compromised:
        case SealState::destroyed:
            break;
    }
    return "that is for good, name another seal";
}

Result<void> check(const SealStatus* status) {
    if (status == nullptr)
        return Error{Errc::not_found, "this seal is not published in the status snapshot"};
    if (status->state == SealState::active) return {};
    return Error{Errc::denied,
                 "this seal is " + std::string(to_string(status->state)) + ": " +
                     std::string(advice(status->state)),
                 kSealNotActiveProblem};
}

bool is_earlier(const std::optional<std::int64_t>& date, const SealStatus& than) {
    return than.invalid_from && (!date || *date < *than.invalid_from);
}

Result<void> check_follows(SealState was, SealState next) {
    if (may_follow(was, next)) return {};
    return Error{Errc::conflict,
                 "this seal is " + std::string(to_string(was)) + " and cannot become " +
                     std::string(to_string(next)) +
                     (is_terminal(was) ? ": that state is for good" : ""),
                 kSealStateProblem};
}

// True when it changes anything.
Result<bool> record(const StatusBook::Change& change, StatusSnapshot& next) {
    const auto at =
        std::lower_bound(next.seals.begin(), next.seals.end(), change.kid,
                         [](const SealStatus& seal, const Digest& kid) { return seal.kid < kid; });
    if (at == next.seals.end() || at->kid != change.kid) {
        next.seals.insert(at, {change.kid, change.state, next.as_of_size, change.invalid_from});
        return true;
    }
    if (at->state == change.state) {
        // A compromise may turn out to be older, never younger.
        if (change.state != SealState::compromised || !is_earlier(change.invalid_from, *at)) {
            return false;
        }
        at->invalid_from = change.invalid_from;
        return true;
    }
    FIELDSEAL_TRY(check_follows(at->state, change.state));
    *at = {change.kid, change.state, next.as_of_size, change.invalid_from};
    return true;
}

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

std::optional<StatusBook::Published> StatusBook::newest_in_turn() const {
    if (pending_) return pending_;
    const std::scoped_lock lock(mutex_);
    return published_;
}

Result<void> StatusBook::append_snapshot(store::Batch& batch) {
    const auto previous = newest_in_turn();
    const std::uint64_t size = batch.head(store::LogId::statements).size.value;
    return append(batch, next_snapshot(previous ? &*previous : nullptr, size), previous);
}

Result<void> StatusBook::check_may_become(const Digest& kid, SealState state) const {
    const auto status = find(kid);
    if (!status || status->state == state) return {};
    return check_follows(status->state, state);
}

Result<bool> StatusBook::would_change(const store::Batch& batch,
                                      const std::vector<Change>& changes) const {
    const auto previous = newest_in_turn();
    const std::uint64_t size = batch.head(store::LogId::statements).size.value;
    StatusSnapshot next = next_snapshot(previous ? &*previous : nullptr, size);
    bool changed = false;
    for (const Change& change : changes) {
        changed = FIELDSEAL_TRY(record(change, next)) || changed;
    }
    return changed;
}

Result<std::uint64_t> StatusBook::append_changes(store::Batch& batch,
                                                 const std::vector<Change>& changes,
                                                 const Bytes& rotation) {
    const auto previous = newest_in_turn();
    const std::uint64_t size = batch.head(store::LogId::statements).size.value;
    StatusSnapshot next = next_snapshot(previous ? &*previous : nullptr, size);
    for (const Change& change : changes) FIELDSEAL_TRY(record(change, next));
    if (!rotation.empty()) next.rotations.push_back(rotation);
    FIELDSEAL_TRY(append(batch, std::move(next), previous));
    return size;
}

Result<void> StatusBook::append(store::Batch& batch, StatusSnapshot next,
                                const std::optional<Published>& previous) {
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

bool StatusBook::is_last(const store::Batch& batch) const {
    return pending_ &&
           pending_->snapshot.as_of_size + 1 == batch.head(store::LogId::statements).size.value;
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
    return check(published_->snapshot.find(kid));
}

// A seal that becomes active in this batch makes its first statement in a later one: behind the
// snapshot that says so.
Result<void> StatusBook::check_active_in_turn(const Digest& kid) const {
    FIELDSEAL_TRY(check_active(kid));
    return pending_ ? check(pending_->snapshot.find(kid)) : Result<void>();
}

std::optional<SealStatus> StatusBook::find(const Digest& kid) const {
    const std::scoped_lock lock(mutex_);
    const SealStatus* status = published_ ? published_->snapshot.find(kid) : nullptr;
    return status == nullptr ? std::nullopt : std::optional(*status);
}

std::optional<SealStatus> StatusBook::find_in_turn(const Digest& kid) const {
    const auto newest = newest_in_turn();
    const SealStatus* status = newest ? newest->snapshot.find(kid) : nullptr;
    return status == nullptr ? std::nullopt : std::optional(*status);
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
