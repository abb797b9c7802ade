// SPDX-License-Identifier: Apache-2.0
// The seals of this node: rows of store::RowSpace::seals (node/seals/seal_record.h), and the same
// in memory for everybody who asks. States are not here (node/seals/status_book.h), keys are not
// here (node/seals/seal_keys.h).
//
// node.json names the seal that `init` made; at the first start of a program that keeps rows, and
// for directories older than that, migrate() writes them. From then on the rows are the truth.
// OWNED BY: the daemon. THREADS: load() and attach() first; then any. Changes run one at a time.
// DURABLE: add() and update() on return. Errors: not_found, conflict (a name or key that is taken),
// exhausted, corrupt, io, and what a change itself refuses.
#pragma once

#include "core/result.h"
#include "node/identity.h"
#include "node/seals/seal_record.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace fieldseal::node {

class Sequencer;

class SealBook {
public:
    static Result<std::unique_ptr<SealBook>> load(const store::Store& store,
                                                  const NodeIdentity& identity);
    void attach(Sequencer& sequencer) { sequencer_ = &sequencer; }
    // Writes rows for the seals that only node.json has, with `change` as their past. The second
    // through the sequencer. REQUIRES: attach() for the second.
    Result<void> write_missing(store::Batch& batch, const SealChange& change) const;
    Result<void> migrate(std::int64_t now_s);

    // By name; what it refers to does not change.
    SealList all() const;
    // nullptr when there is none.
    SealRecordPtr find(std::string_view name) const;
    SealRecordPtr find(const Digest& kid) const;

    // Adds to the batch that stores the record, in the sequencer's turn. An error drops it all.
    using Also = std::function<Result<void>(store::Batch&)>;
    // A new seal. REQUIRES: its key exists where `record` says.
    Result<void> add(const SealRecord& record, const Also& also);
    // Edits copies of seals and adds to the batch, in the sequencer's turn; all of it is durable
    // together. `seals` are in the order of `names`.
    using Edit = std::function<Result<void>(std::vector<SealRecord>& seals, store::Batch&)>;
    // A new seal and, in the same group, a change of others.
    Result<void> add(const SealRecord& record, const std::vector<std::string>& names,
                     const Edit& edit);
    Result<void> update(const std::vector<std::string>& names, const Edit& edit);

    // One change into the batch, behind what is there already. Sequencer's turn.
    Result<void> note(store::Batch& batch, std::string_view name, const SealChange& change) const;
    // What was done to a seal, oldest first.
    Result<std::vector<SealChange>> history(std::string_view name) const;

    // A key file is about to be made for a new seal: durable before the file, so that a crash
    // leaves no key that nobody knows. The row goes with add(). Errors: conflict.
    Result<void> begin_making(std::string_view name, std::string_view key_name);
    Result<void> end_making(std::string_view name);
    // The key names of seals whose making a crash ended, by the seal's name.
    std::vector<std::pair<std::string, std::string>> unfinished() const { return unfinished_; }

private:
    explicit SealBook(const store::Store& store) : store_(store) {}
    Result<void> check_new(const SealRecord& record) const;
    Result<std::vector<SealRecord>> copies(const std::vector<std::string>& names) const;
    Result<void> run(const Also& write) const;
    void keep(SealRecordPtr record);
    Result<void> put(store::Batch& batch, const SealRecord& record) const;

    const store::Store& store_;
    Sequencer* sequencer_ = nullptr;
    std::vector<std::string> unwritten_;  // names that only node.json has
    std::vector<std::pair<std::string, std::string>> unfinished_;
    std::mutex changing_;  // held over a whole change, sequencer's turn included
    mutable std::mutex mutex_;
    SealList seals_;  // guarded by mutex_
};

}  // namespace fieldseal::node
