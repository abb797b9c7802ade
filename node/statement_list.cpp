// SPDX-License-Identifier: Apache-2.0
#include "node/statement_list.h"

#include <algorithm>

namespace fieldseal::node {

Result<StatementPage> list_statements(const store::StatementReader& statements,
                                      const StatementStretch& stretch, std::size_t limit,
                                      std::size_t looked_at_max) {
    StatementPage page;
    store::ListQuery query;
    if (stretch.below) query.after = merkle::LeafIndex{*stretch.below};
    std::size_t left = looked_at_max;
    while (left > 0) {
        // One more than is asked for tells whether there is a next page.
        query.limit = std::min({store::kListMax, left, limit - page.records.size() + 1});
        auto entries = FIELDSEAL_TRY(statements.list(query));
        left -= entries.size();
        for (auto& entry : entries) {
            if (entry.index.value < stretch.from) return page;
            if (entry.kind != store::StatementKind::statement) continue;
            if (page.records.size() == limit) {
                page.next_below = page.records.back().index.value;
                return page;
            }
            page.records.push_back(std::move(entry));
        }
        if (entries.size() < query.limit) return page;
        query.after = entries.back().index;
    }
    const std::uint64_t reached = query.after->value;
    if (reached > stretch.from) page.next_below = reached;
    return page;
}

}  // namespace fieldseal::node
