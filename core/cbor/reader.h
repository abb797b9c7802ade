// SPDX-License-Identifier: Apache-2.0
// Strict reading of a decoded CBOR map or array: every entry is asked for, finish() refuses the
// rest, and errors say where ("protected[15][6]: missing"). The pattern is json::Members's.
// REQUIRES: the cbor::Value outlives its readers. ERRORS: invalid_argument. THREADS: one thread
// each.
#pragma once

#include "core/bytes.h"
#include "core/cbor/cbor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::cbor {

class MapReader;

// One value and the path that leads to it.
class Reader {
public:
    Reader(const Value& value, std::string path) : value_(&value), path_(std::move(path)) {}

    const Value& value() const { return *value_; }
    const std::string& path() const { return path_; }
    bool is_null() const { return value_->is_null(); }
    Error error(std::string_view message) const;

    Result<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    // A byte string of min to max bytes.
    Result<Bytes> bytes(std::size_t min, std::size_t max) const;
    // A byte string of exactly kSize bytes.
    template <std::size_t kSize>
    Result<std::array<std::uint8_t, kSize>> fixed() const {
        const Bytes content = FIELDSEAL_TRY(bytes(kSize, kSize));
        std::array<std::uint8_t, kSize> out;
        std::copy(content.begin(), content.end(), out.begin());
        return out;
    }
    Result<Digest> digest() const { return fixed<kDigestBytes>(); }
    // A text string of 1 to `bytes_max` bytes.
    Result<std::string> text(std::size_t bytes_max) const;
    // The items of an array of min to max items.
    Result<std::vector<Reader>> items(std::size_t min, std::size_t max) const;
    Result<MapReader> map() const;

private:
    const Value* value_;
    std::string path_;
};

// The entries of one map. Ask for each, then finish().
class MapReader {
public:
    Result<Reader> required(const Key& key);
    // Absent is nullopt; null is a value and is handed over as one.
    std::optional<Reader> optional(const Key& key);
    // Refuses the first entry that nobody asked for.
    Result<void> finish() const;

private:
    friend class Reader;
    MapReader(const Map& entries, std::string path)
        : entries_(&entries), asked_(entries.size(), false), path_(std::move(path)) {}

    const Map* entries_;
    std::vector<bool> asked_;
    std::string path_;
};

}  // namespace fieldseal::cbor
