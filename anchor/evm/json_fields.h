// SPDX-License-Identifier: Apache-2.0
// Numbers and bytes as chain nodes write them into JSON: "0x1f" (a quantity), "0x001f" (data). Only
// the members asked for are read: nodes of each software add their own.
// THREADS: value types; pure functions, any. ERRORS: corrupt, with the member's name.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::anchor {

json::Value hex_quantity(std::uint64_t number);
json::Value hex_data(ByteView bytes);

// A quantity or data that stands alone, as the result of a call.
Result<std::uint64_t> read_quantity(const json::Value& value, std::string_view what);
Result<Digest> read_hash(const json::Value& value, std::string_view what);

// The members of one object. Absent and null are the same here, because nodes write both.
class JsonFields {
public:
    // `what` names the object in messages: "block", "transaction 3".
    JsonFields(const json::Value& object, std::string what)
        : object_(object), what_(std::move(what)) {}

    bool has(std::string_view member) const;
    Result<std::uint64_t> quantity(std::string_view member) const;
    // A quantity of at most 32 bytes, big-endian, without leading zeros.
    Result<Bytes> integer(std::string_view member) const;
    Result<Bytes> data(std::string_view member) const;
    Result<Bytes> data(std::string_view member, std::size_t exact_bytes) const;
    Result<Digest> hash(std::string_view member) const;
    Result<const json::Array*> array(std::string_view member) const;
    Error error(std::string_view member, std::string_view message) const;

private:
    Result<std::string_view> hex_digits(std::string_view member) const;

    const json::Value& object_;
    std::string what_;
};

}  // namespace fieldseal::anchor
