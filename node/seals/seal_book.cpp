// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_book.h"

#include "core/encoding.h"
#include "node/sequencer.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::RowSpace kSpace = store::RowSpace::seals;
constexpr std::string_view kTakenOver = "taken-over";
constexpr std::string_view kDaemon = "daemon";

// Every row under a prefix, in the order of the keys.
Result<std::vector<store::SpaceRow>> rows_under(const store::Store& store,
                                                std::string_view prefix) {
    std::vector<store::SpaceRow> rows;
    std::string last;
    for (;;) {
        auto page = FIELDSEAL_TRY(store.rows(kSpace, prefix, last, store::kListMax));
        const bool full = page.size() == store::kListMax;
        std::move(page.begin(), page.end(), std::back_inserter(rows));
        if (!full) return rows;
        last = rows.back().key;
    }
}

SealRecord first_record(const SealIdentity& seal) {
    SealRecord record{.name = seal.name, .key = seal.key};
    record.key_name = seal_key_name(seal.name);
    return record;
}

bool before(const SealRecordPtr& a, const SealRecordPtr& b) {
    return a->name < b->name;
}

Error no_such_seal(std::string_view name) {
    return {Errc::not_found, "this node has no seal named " + fieldseal::quoted(name)};
}

}  // namespace

Result<std::unique_ptr<SealBook>> SealBook::load(const store::Store& store,
                                                 const NodeIdentity& identity) {
    std::unique_ptr<SealBook> book(new SealBook(store));
    for (const auto& row : FIELDSEAL_TRY(rows_under(store, kSealRows))) {
        auto record = FIELDSEAL_TRY(decode_seal(row.value));
        if (seal_row_key(record.name) != row.key) {
            return Error{Errc::corrupt, "a row about the seal " + fieldseal::quoted(record.name) +
                                            " stands under another key; run `fieldseal check`"};
        }
        book->seals_.push_back(std::make_shared<const SealRecord>(std::move(record)));
    }
    for (const auto& seal : identity.seals) {
        const SealRecord* kept = find_seal(book->seals_, seal.name);
        if (kept == nullptr) {
            book->unwritten_.push_back(seal.name);
            book->seals_.push_back(std::make_shared<const SealRecord>(first_record(seal)));
        } else if (!(kept->key == seal.key)) {
            return Error{Errc::corrupt, "the store has another key for the seal " +
                                            fieldseal::quoted(seal.name) +
                                            " than node.json: do they belong together?"};
        }
    }
    std::sort(book->seals_.begin(), book->seals_.end(), before);
    for (const auto& row : FIELDSEAL_TRY(rows_under(store, kMakingRows))) {
        book->unfinished_.emplace_back(row.key.substr(kMakingRows.size()), to_text(row.value));
    }
    return book;
}

Result<void> SealBook::write_missing(store::Batch& batch, const SealChange& change) const {
    const SealList seals = all();
    for (const std::string& name : unwritten_) {
        FIELDSEAL_TRY(put(batch, *find_seal(seals, name)));
        FIELDSEAL_TRY(note(batch, name, change));
    }
    return {};
}

Result<void> SealBook::migrate(std::int64_t now_s) {
    if (unwritten_.empty()) return {};
    const std::scoped_lock changing(changing_);
    const SealChange change{
        .at_s = now_s, .what = std::string(kTakenOver), .actor = std::string(kDaemon)};
    FIELDSEAL_TRY(run([&](store::Batch& batch) { return write_missing(batch, change); }));
    unwritten_.clear();
    return {};
}

SealList SealBook::all() const {
    const std::scoped_lock lock(mutex_);
    return seals_;
}

SealRecordPtr SealBook::find(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    const auto at = std::find_if(seals_.begin(), seals_.end(),
                                 [&](const auto& seal) { return seal->name == name; });
    return at == seals_.end() ? nullptr : *at;
}

SealRecordPtr SealBook::find(const Digest& kid) const {
    const std::scoped_lock lock(mutex_);
    const auto at = std::find_if(seals_.begin(), seals_.end(),
                                 [&](const auto& seal) { return seal->key.kid() == kid; });
    return at == seals_.end() ? nullptr : *at;
}

Result<void> SealBook::run(const Also& write) const {
    if (sequencer_ == nullptr) {
        return Error{Errc::unavailable, "seals are not changed now: the node is not running"};
    }
    return sequencer_->run(write);
}

void SealBook::keep(SealRecordPtr record) {
    const std::scoped_lock lock(mutex_);
    const auto at = std::lower_bound(seals_.begin(), seals_.end(), record, before);
    if (at != seals_.end() && (*at)->name == record->name) {
        *at = std::move(record);
    } else {
        seals_.insert(at, std::move(record));
    }
}

Result<void> SealBook::put(store::Batch& batch, const SealRecord& record) const {
    return batch.put_row(kSpace, seal_row_key(record.name), encode_seal(record));
}

Result<void> SealBook::check_new(const SealRecord& record) const {
    FIELDSEAL_TRY(check_seal_name(record.name));
    const SealList seals = all();
    if (find_seal(seals, record.name) != nullptr) {
        return Error{Errc::conflict, "this node has a seal named " +
                                         fieldseal::quoted(record.name) +
                                         " already: names are never used again"};
    }
    if (const SealRecord* same = find_seal(seals, record.key.kid())) {
        return Error{Errc::conflict,
                     "that key is the one of the seal " + fieldseal::quoted(same->name)};
    }
    if (seals.size() >= kSealsMax) {
        return Error{Errc::exhausted, "a node has at most " + std::to_string(kSealsMax) +
                                          " seals, those that are retired included"};
    }
    return {};
}

Result<std::vector<SealRecord>> SealBook::copies(const std::vector<std::string>& names) const {
    std::vector<SealRecord> seals;
    for (const std::string& name : names) {
        const SealRecordPtr seal = find(name);
        if (!seal) return no_such_seal(name);
        seals.push_back(*seal);
    }
    return seals;
}

Result<void> SealBook::add(const SealRecord& record, const Also& also) {
    return add(record, {},
               [&](std::vector<SealRecord>&, store::Batch& batch) { return also(batch); });
}

Result<void> SealBook::add(const SealRecord& record, const std::vector<std::string>& names,
                           const Edit& edit) {
    const std::scoped_lock changing(changing_);
    FIELDSEAL_TRY(check_new(record));
    auto seals = FIELDSEAL_TRY(copies(names));
    const auto write = [&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(edit(seals, batch));
        for (const SealRecord& seal : seals) FIELDSEAL_TRY(put(batch, seal));
        FIELDSEAL_TRY(put(batch, record));
        return batch.erase_row(kSpace, making_row_key(record.name));
    };
    FIELDSEAL_TRY(run(write));
    keep(std::make_shared<const SealRecord>(record));
    for (SealRecord& seal : seals) keep(std::make_shared<const SealRecord>(std::move(seal)));
    return {};
}

Result<void> SealBook::update(const std::vector<std::string>& names, const Edit& edit) {
    const std::scoped_lock changing(changing_);
    auto seals = FIELDSEAL_TRY(copies(names));
    const auto write = [&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(edit(seals, batch));
        for (const SealRecord& seal : seals) FIELDSEAL_TRY(put(batch, seal));
        return {};
    };
    FIELDSEAL_TRY(run(write));
    for (SealRecord& seal : seals) keep(std::make_shared<const SealRecord>(std::move(seal)));
    return {};
}

Result<void> SealBook::note(store::Batch& batch, std::string_view name,
                            const SealChange& change) const {
    // Changes run one at a time, so the number is the one behind what is durable, or behind what
    // this very batch noted.
    std::uint64_t number = FIELDSEAL_TRY(history(name)).size();
    while (FIELDSEAL_TRY(batch.row(kSpace, change_row_key(name, number)))) ++number;
    return batch.put_row(kSpace, change_row_key(name, number), encode_change(change));
}

Result<std::vector<SealChange>> SealBook::history(std::string_view name) const {
    std::vector<SealChange> changes;
    for (const auto& row : FIELDSEAL_TRY(rows_under(store_, change_row_prefix(name)))) {
        if (change_number(row.key, name) != changes.size()) {
            return Error{Errc::corrupt, "a row about the past of the seal " +
                                            fieldseal::quoted(name) +
                                            " is missing; run `fieldseal check`"};
        }
        changes.push_back(FIELDSEAL_TRY(decode_change(row.value)));
    }
    return changes;
}

Result<void> SealBook::begin_making(std::string_view name, std::string_view key_name) {
    FIELDSEAL_TRY(check_seal_name(name));
    if (find(name)) {
        return Error{Errc::conflict, "this node has a seal named " + fieldseal::quoted(name) +
                                         " already: names are never used again"};
    }
    return run([&](store::Batch& batch) {
        return batch.put_row(kSpace, making_row_key(name), as_bytes(key_name));
    });
}

Result<void> SealBook::end_making(std::string_view name) {
    return run([&](store::Batch& batch) { return batch.erase_row(kSpace, making_row_key(name)); });
}

}  // namespace fieldseal::node
