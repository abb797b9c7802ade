// SPDX-License-Identifier: Apache-2.0
// The port to the few durable rows people/ keeps: accounts, tokens, failure counters, the pairing
// code. Implemented in node/ over the store. A key is a word, '/' and the rest: "account/anna".
//
// THREADS: any. DURABLE: put and erase on return; a crash leaves the old row or the new one.
// Errors: corrupt, exhausted, unavailable, storage_full, io.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::people {

inline constexpr std::size_t kRowKeyBytesMax = 64;
inline constexpr std::size_t kRowBytesMax = 4096;
inline constexpr std::size_t kRowsListedMax = 1000;  // in one list

struct Row {
    std::string key;
    Bytes value;
};

class Rows {
public:
    virtual ~Rows() = default;
    // The row's value, or nothing.
    virtual Result<std::optional<Bytes>> get(std::string_view key) = 0;
    virtual Result<void> put(std::string_view key, ByteView value) = 0;
    // A missing row is fine.
    virtual Result<void> erase(std::string_view key) = 0;
    // At most `limit` (1 to kRowsListedMax) rows whose keys start with `prefix` and are greater
    // than `after` (whole keys;
    // "" is the beginning), in the order of the keys' bytes.
    virtual Result<std::vector<Row>> list(std::string_view prefix, std::string_view after,
                                          std::size_t limit) = 0;
};

}  // namespace fieldseal::people
