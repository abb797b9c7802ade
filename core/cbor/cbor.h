// SPDX-License-Identifier: Apache-2.0
// Deterministic CBOR (RFC 8949 §4.2.1), the part our formats use: integers of 64 bits with sign,
// byte and text strings, arrays, maps with integer or text keys, false, true, null. One encoding
// per value.
//
// The decoder takes exactly what the encoder writes. Refused: lengths and integers not in their
// shortest form, indefinite lengths, keys unsorted or twice, floats, undefined and other simple
// values, tags, malformed UTF-8, bytes after the value, and whatever exceeds Limits.
// Read a decoded map with cbor::MapReader (core/cbor/reader.h). ERRORS: invalid_argument.
// THREADS: value types; const use from any thread.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <compare>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fieldseal::cbor {

struct Limits {
    std::size_t bytes_max = 64 * 1024;  // of the whole encoding
    std::size_t depth_max = 8;          // arrays and maps inside one another
    std::size_t items_max = 16384;      // data items of every kind, keys included
};

// A map key. Ordered as the bytes of its encoding: 0, 1, …, -1, -2, …, then texts, shorter first.
class Key {
public:
    Key(std::integral auto label) : state_(std::int64_t{label}) {}  // NOLINT: implicit
    Key(const char* name) : state_(std::string(name)) {}            // NOLINT: implicit
    Key(std::string_view name) : state_(std::string(name)) {}       // NOLINT: implicit

    bool is_label() const { return std::holds_alternative<std::int64_t>(state_); }
    // REQUIRES: is_label(), or !is_label().
    std::int64_t label() const;
    const std::string& name() const;
    // As in diagnostic notation, bounded: 258, "name".
    std::string to_string() const;

    friend bool operator==(const Key& a, const Key& b);
    friend std::strong_ordering operator<=>(const Key& a, const Key& b);

private:
    std::variant<std::int64_t, std::string> state_;
};

class Value;
using Array = std::vector<Value>;
using Entry = std::pair<Key, Value>;
// Sorted by key, keys distinct.
using Map = std::vector<Entry>;

class Value {
public:
    Value() = default;  // null
    // NOLINTBEGIN(google-explicit-constructor): building a tree should read like the tree.
    Value(std::nullptr_t) {}
    Value(std::same_as<bool> auto flag) : state_(flag) {}
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    Value(T number) : state_(checked(number)) {}
    Value(const char* text) : Value(std::string_view(text)) {}
    Value(const std::string& text) : Value(std::string_view(text)) {}
    Value(std::string_view text);  // REQUIRES: well-formed UTF-8
    Value(ByteView bytes) : state_(to_bytes(bytes)) {}
    Value(Bytes bytes) : state_(std::move(bytes)) {}
    template <std::size_t kSize>
    Value(const std::array<std::uint8_t, kSize>& bytes) : Value(ByteView(bytes)) {}
    Value(Array items) : state_(std::move(items)) {}
    template <class T>
    Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : Value()) {}
    // NOLINTEND

    static Value array(std::initializer_list<Value> items);
    // In any order; REQUIRES: distinct keys.
    static Value map(std::initializer_list<Entry> entries = {});

    bool is_null() const { return std::holds_alternative<std::monostate>(state_); }
    bool is_bool() const { return std::holds_alternative<bool>(state_); }
    bool is_integer() const { return std::holds_alternative<std::int64_t>(state_); }
    bool is_bytes() const { return std::holds_alternative<Bytes>(state_); }
    bool is_text() const { return std::holds_alternative<std::string>(state_); }
    bool is_array() const { return std::holds_alternative<Array>(state_); }
    bool is_map() const { return std::holds_alternative<Map>(state_); }
    // "null", "bool", "integer", "bytes", "text", "array" or "map", for messages.
    std::string_view kind() const;

    // REQUIRES: the value is of that kind (aborts otherwise: ask first, or use cbor::MapReader).
    bool as_bool() const;
    std::int64_t as_integer() const;
    const Bytes& as_bytes() const;
    const std::string& as_text() const;
    const Array& as_array() const;
    const Map& as_map() const;

    // The entry of that key, or nullptr; nullptr when this is not a map.
    const Value* find(const Key& key) const;

    // Adds an entry in its place. REQUIRES: a map without that key.
    Value& set(Key key, Value value);
    // Adds the entry only when there is a value.
    template <class T>
    Value& set_if(Key key, const std::optional<T>& maybe) {
        if (maybe) set(std::move(key), Value(*maybe));
        return *this;
    }
    // REQUIRES: an array.
    Value& push_back(Value value);

    friend bool operator==(const Value& a, const Value& b);

private:
    friend class Decoder;
    explicit Value(Map entries);

    static std::int64_t in_range(std::int64_t number, bool fits);
    template <std::integral T>
    static std::int64_t checked(T number) {
        return in_range(static_cast<std::int64_t>(number), std::in_range<std::int64_t>(number));
    }

    std::variant<std::monostate, bool, std::int64_t, Bytes, std::string, Array, Map> state_;
};

Bytes encode(const Value& value);
// The encoding of a byte string, without a copy of it into a Value.
void append_byte_string(Bytes& out, ByteView bytes);
void append_text_string(Bytes& out, std::string_view text);

Result<Value> decode(ByteView bytes, const Limits& limits = {});

}  // namespace fieldseal::cbor
