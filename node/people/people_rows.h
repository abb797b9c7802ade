// SPDX-License-Identifier: Apache-2.0
// people/'s rows in the store (store::RowSpace::people), written through the sequencer.
// OWNED BY: the daemon. THREADS: any. DURABLE: put and erase on return. Errors: those of
// people/rows.h.
#pragma once

#include "node/sequencer.h"
#include "people/rows.h"
#include "store/store.h"

namespace fieldseal::node {

class PeopleRows final : public people::Rows {
public:
    // REQUIRES: both outlive this.
    PeopleRows(const store::Store& store, Sequencer& sequencer)
        : store_(store), sequencer_(sequencer) {}

    Result<std::optional<Bytes>> get(std::string_view key) override;
    Result<void> put(std::string_view key, ByteView value) override;
    Result<void> erase(std::string_view key) override;
    Result<std::vector<people::Row>> list(std::string_view prefix, std::string_view after,
                                          std::size_t limit) override;

private:
    const store::Store& store_;
    Sequencer& sequencer_;
};

}  // namespace fieldseal::node
