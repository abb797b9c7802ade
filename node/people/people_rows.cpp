// SPDX-License-Identifier: Apache-2.0
#include "node/people/people_rows.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::RowSpace kSpace = store::RowSpace::people;

}  // namespace

static_assert(people::kRowKeyBytesMax <= store::kRowKeyBytesMax);
static_assert(people::kRowBytesMax <= store::kRowBytesMax);

Result<std::optional<Bytes>> PeopleRows::get(std::string_view key) {
    return store_.row(kSpace, key);
}

Result<void> PeopleRows::put(std::string_view key, ByteView value) {
    return sequencer_.run([&](store::Batch& batch) { return batch.put_row(kSpace, key, value); });
}

Result<void> PeopleRows::erase(std::string_view key) {
    return sequencer_.run([&](store::Batch& batch) { return batch.erase_row(kSpace, key); });
}

Result<std::vector<people::Row>> PeopleRows::list(std::string_view prefix, std::string_view after,
                                                  std::size_t limit) {
    std::vector<people::Row> rows;
    std::string last(after);
    while (rows.size() < limit) {
        const std::size_t wanted = std::min(limit - rows.size(), store::kListMax);
        auto page = FIELDSEAL_TRY(store_.rows(kSpace, prefix, last, wanted));
        for (auto& row : page) rows.push_back({std::move(row.key), std::move(row.value)});
        if (page.size() < wanted) break;
        last = rows.back().key;
    }
    return rows;
}

}  // namespace fieldseal::node
