// SPDX-License-Identifier: Apache-2.0
// Strict reading of a parsed JSON tree: every member is asked for by name, what was not asked for
// is refused, and every error says where ("proofs[2].checkpoint: missing").
//
//     Result<Point> read_point(const json::Reader& at) {
//         auto in = FIELDSEAL_TRY(at.members());
//         Point point;
//         point.x = FIELDSEAL_TRY(in.required_integer("x", 0, 100));
//         point.label = FIELDSEAL_TRY(in.optional_string("label"));   // std::optional<std::string>
//         FIELDSEAL_TRY(in.finish());                                 // unknown members refused
//         return point;
//     }
//
// REQUIRES: the json::Value outlives its readers. ERRORS: invalid_argument. THREADS: one thread
// each.
#pragma once

#include "core/bytes.h"
#include "core/json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::json {

class Members;

// One value and the path that leads to it.
class Reader {
public:
    explicit Reader(const Value& value, std::string path = {})
        : value_(&value), path_(std::move(path)) {}

    const Value& value() const { return *value_; }
    const std::string& path() const { return path_; }
    bool is_null() const { return value_->is_null(); }
    // An invalid_argument error that starts with this value's path.
    Error error(std::string_view message) const;

    Result<bool> boolean() const;
    Result<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
    Result<std::string> string(std::size_t bytes_max = kStringBytesMax) const;
    // Canonical base64 of at most `bytes_max` decoded bytes.
    Result<Bytes> base64(std::size_t bytes_max = kStringBytesMax) const;
    Result<Digest> base64_digest() const;
    // 64 lower-case hexadecimal digits.
    Result<Digest> hex_digest() const;
    // The items of an array of at most `count_max`.
    Result<std::vector<Reader>> items(std::size_t count_max = kItemsMax) const;
    // The members of an object.
    Result<Members> members() const;

    static constexpr std::size_t kStringBytesMax = 1024 * 1024;
    static constexpr std::size_t kItemsMax = 65536;

private:
    const Value* value_;
    std::string path_;
};

// The members of one object. Ask for each, then finish().
class Members {
public:
    Result<Reader> required(std::string_view name);
    // Absent is nullopt; `null` is a value and is handed over as one.
    std::optional<Reader> optional(std::string_view name);

    Result<bool> required_bool(std::string_view name);
    Result<std::int64_t> required_integer(std::string_view name, std::int64_t min,
                                          std::int64_t max);
    Result<std::string> required_string(std::string_view name,
                                        std::size_t bytes_max = Reader::kStringBytesMax);
    Result<Bytes> required_base64(std::string_view name,
                                  std::size_t bytes_max = Reader::kStringBytesMax);
    Result<Digest> required_base64_digest(std::string_view name);
    Result<Digest> required_hex_digest(std::string_view name);
    Result<std::vector<Reader>> required_array(std::string_view name,
                                               std::size_t count_max = Reader::kItemsMax);
    Result<Members> required_object(std::string_view name);

    Result<std::optional<bool>> optional_bool(std::string_view name);
    Result<std::optional<std::int64_t>> optional_integer(std::string_view name, std::int64_t min,
                                                         std::int64_t max);
    Result<std::optional<std::string>> optional_string(
        std::string_view name, std::size_t bytes_max = Reader::kStringBytesMax);
    Result<std::optional<Bytes>> optional_base64(std::string_view name,
                                                 std::size_t bytes_max = Reader::kStringBytesMax);
    Result<std::optional<Digest>> optional_base64_digest(std::string_view name);
    Result<std::optional<Digest>> optional_hex_digest(std::string_view name);
    // Absent is the empty list.
    Result<std::vector<Reader>> optional_array(std::string_view name,
                                               std::size_t count_max = Reader::kItemsMax);
    Result<std::optional<Members>> optional_object(std::string_view name);

    // Refuses the first member that nobody asked for.
    Result<void> finish() const;

    // An invalid_argument error that starts with this object's path, or with a member's.
    Error error(std::string_view message) const;
    Error error_at(std::string_view name, std::string_view message) const;

private:
    friend class Reader;
    Members(const Object& members, std::string path)
        : members_(&members), asked_(members.size(), false), path_(std::move(path)) {}
    std::string path_of(std::string_view name) const;

    const Object* members_;
    std::vector<bool> asked_;
    std::string path_;
};

}  // namespace fieldseal::json
