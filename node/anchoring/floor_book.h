// SPDX-License-Identifier: Apache-2.0
// The newest floor this node can put into statements: the last cosignature a witness made over our
// own checkpoint, a chain's block with its quorum of seals, or an authority's time-stamp token,
// whichever is newest; verified. Who
// sees it in a statement knows the signature was not made before it.
//
// What the floor's digest is over is kept under the digest, because evidence must carry it for
// ever. OWNED BY: the daemon. THREADS: any. DURABLE: a floor is used only after its note is stored.
#pragma once

#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/statement.h"
#include "node/sequencer.h"
#include "store/store.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fieldseal::node {

class FloorBook {
public:
    // Reads the newest floor from the store. Errors: corrupt, io.
    static Result<std::unique_ptr<FloorBook>> load(const store::Store& store, Sequencer& sequencer);

    // The floor for a statement made now; nothing before the first answer from outside.
    std::optional<FloorReference> newest() const;

    // The newest floor's time, 0 for none.
    std::int64_t newest_time_s() const;

    // A verified cosignature over our checkpoint. Kept when it is newer than the newest.
    Result<void> offer(const note::Checkpoint& checkpoint, const note::Cosignature& cosignature);
    // A block of a chain, by its raw header and time. Kept when it is newer than the newest.
    // REQUIRES: a quorum of the pinned validators sealed it; a header alone can be made ahead.
    Result<void> offer(const ChainFloor& block, std::int64_t time_s);

    // A time-stamp token and its time. Kept when it is newer than the newest.
    // REQUIRES: it was verified against the configured authority.
    Result<void> offer(const TokenFloor& token, std::int64_t time_s);

    // What evidence carries for a floor reference of one of our statements.
    static Result<Floor> find(const store::Store& store, const FloorReference& floor);

private:
    struct Newest {
        FloorReference reference;
        std::int64_t time_s = 0;
    };
    FloorBook(Sequencer& sequencer, std::optional<Newest> newest)
        : sequencer_(sequencer), newest_(newest) {}
    static Result<Newest> read_newest(const store::Store& store, ByteView row);
    bool is_newer(std::int64_t time_s) const;
    Result<void> keep(const Newest& offered, ByteView row, ByteView content);

    Sequencer& sequencer_;
    mutable std::mutex mutex_;
    std::optional<Newest> newest_;  // guarded by mutex_
};

}  // namespace fieldseal::node
