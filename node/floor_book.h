// SPDX-License-Identifier: Apache-2.0
// The newest floor this node can put into statements: the last cosignature a witness made over our
// own checkpoint, verified. Who sees it in a statement knows the signature was not made before it.
//
// The note with that one line is kept under its digest, because evidence must carry it for ever.
// OWNED BY: the daemon. THREADS: any. DURABLE: a floor is used only after its note is stored.
#pragma once

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

    // The floor for a statement made now; nothing before the first cosignature.
    std::optional<FloorReference> newest() const;

    // The newest floor's time, 0 for none.
    std::int64_t newest_time_s() const;

    // A verified cosignature over our checkpoint. Kept when it is newer than the newest.
    Result<void> offer(const note::Checkpoint& checkpoint, const note::Cosignature& cosignature);

    // The note behind a floor reference of one of our statements.
    static Result<std::string> note(const store::Store& store, const Digest& floor);

private:
    struct Newest {
        Digest digest{};
        std::uint64_t time_s = 0;
    };
    FloorBook(Sequencer& sequencer, std::optional<Newest> newest)
        : sequencer_(sequencer), newest_(newest) {}

    Sequencer& sequencer_;
    mutable std::mutex mutex_;
    std::optional<Newest> newest_;  // guarded by mutex_
};

}  // namespace fieldseal::node
