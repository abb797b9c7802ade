// SPDX-License-Identifier: Apache-2.0
// Finding statements: by id, index, document, in order of the log or of time.
// OWNED BY: the caller, never longer than the Store. THREADS: any. Errors: corrupt, io,
// invalid_argument for a limit outside 1 to kListMax.
#pragma once

#include "core/result.h"
#include "store/records.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fieldseal::store {

inline constexpr std::size_t kListMax = 1000;
// The statements one document digest is looked up with; more are reachable by list().
inline constexpr std::size_t kByDocumentMax = 1000;

enum class Order { newest_first, oldest_first };

struct ListQuery {
    Order order = Order::newest_first;
    std::optional<merkle::LeafIndex> after = std::nullopt;  // the last index of the page before
    std::size_t limit = 100;
};

// Order by time of receipt, then by index. A clock that was set back makes this differ from
// ListQuery.
struct TimeCursor {
    std::int64_t received_at_s = 0;
    merkle::LeafIndex index;
};
struct TimeQuery {
    std::int64_t from_s = 0;   // inclusive
    std::int64_t until_s = 0;  // exclusive
    Order order = Order::newest_first;
    std::optional<TimeCursor> after = std::nullopt;  // the last record of the page before
    std::size_t limit = 100;
};

class Database;

class StatementReader {
public:
    // Made by Store::statements().
    explicit StatementReader(const Database& database) : database_(&database) {}

    Result<std::optional<StatementRecord>> by_entry(const Digest& entry) const;
    Result<std::optional<StatementRecord>> by_index(merkle::LeafIndex index) const;

    // Ids of the statements about this document, oldest first.
    Result<std::vector<Digest>> by_document(const Digest& document) const;

    Result<std::vector<StatementRecord>> list(const ListQuery& query) const;
    Result<std::vector<StatementRecord>> list(const TimeQuery& query) const;

private:
    const Database* database_;
};

}  // namespace fieldseal::store
