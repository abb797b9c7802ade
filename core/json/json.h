// SPDX-License-Identifier: Apache-2.0
// JSON by one strict door: a value tree, the only parser and the only writer of the project (RFC
// 8259).
//
// Refused on reading: duplicate member names, a byte order mark, NUL bytes, bytes after the value,
// malformed UTF-8, lone surrogates, fractions, exponents, "-0" and integers beyond ±(2^53 - 1), and
// whatever exceeds Limits. What is accepted here means the same to JSON.parse in a browser.
// Read a parsed tree with json::Reader (core/json/reader.h), which refuses unknown members.
// ERRORS: invalid_argument. THREADS: value types; const use from any thread.
#pragma once

#include "core/result.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fieldseal::json {

// The largest magnitude that a browser's number holds exactly: 2^53 - 1.
inline constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

struct Limits {
    std::size_t bytes_max = 256 * 1024;  // of the whole text
    std::size_t depth_max = 16;          // arrays and objects inside one another
    std::size_t values_max = 65536;      // values of every kind, counted over the whole text
};

class Value;
struct Member;
using Array = std::vector<Value>;
// Members in the order they were written or read. Names are distinct.
using Object = std::vector<Member>;

class Value {
public:
    // Defined below Member: a variant of an incomplete type has no destructor yet (clang).
    Value();  // null
    // NOLINTBEGIN(google-explicit-constructor): building a tree should read like the tree.
    Value(std::nullptr_t);
    Value(std::same_as<bool> auto flag) : state_(flag) {}
    // REQUIRES: |number| <= kIntegerMax.
    template <std::integral T>
        requires(!std::same_as<T, bool> && !std::same_as<T, char>)
    Value(T number) : state_(checked(number)) {}
    Value(const char* text);
    Value(std::string_view text);
    Value(std::string text);
    Value(Array items);
    template <class T>
    Value(const std::optional<T>& maybe);
    // NOLINTEND

    // REQUIRES: distinct names.
    static Value object(std::initializer_list<Member> members = {});
    static Value array(std::initializer_list<Value> items = {});

    bool is_null() const { return std::holds_alternative<std::monostate>(state_); }
    bool is_bool() const { return std::holds_alternative<bool>(state_); }
    bool is_integer() const { return std::holds_alternative<std::int64_t>(state_); }
    bool is_string() const { return std::holds_alternative<std::string>(state_); }
    bool is_array() const { return std::holds_alternative<Array>(state_); }
    bool is_object() const { return std::holds_alternative<Object>(state_); }
    // "null", "bool", "integer", "string", "array" or "object", for messages.
    std::string_view kind() const;

    // REQUIRES: the value is of that kind (aborts otherwise: ask first, or use json::Reader).
    bool as_bool() const;
    std::int64_t as_integer() const;
    const std::string& as_string() const;
    const Array& as_array() const;
    const Object& as_object() const;

    // The member of that name, or nullptr. Never aborts: nullptr when this is not an object.
    const Value* find(std::string_view name) const;

    // Sets a member, at the end or in place of its former value. REQUIRES: an object.
    Value& set(std::string_view name, Value value);
    // Sets the member only when there is a value. REQUIRES: an object.
    template <class T>
    Value& set_if(std::string_view name, const std::optional<T>& maybe);
    // REQUIRES: an array.
    Value& push_back(Value value);

    friend bool operator==(const Value& a, const Value& b);

private:
    friend class TreeBuilder;
    explicit Value(Object members);

    static std::int64_t in_range(std::int64_t number, bool fits);
    template <std::integral T>
    static std::int64_t checked(T number) {
        const bool fits = std::cmp_less_equal(number, kIntegerMax) &&
                          std::cmp_greater_equal(number, -kIntegerMax);
        return in_range(static_cast<std::int64_t>(number), fits);
    }

    std::variant<std::monostate, bool, std::int64_t, std::string, Array, Object> state_;
};

struct Member {
    std::string name;
    Value value;
    friend bool operator==(const Member&, const Member&) = default;
};

inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
inline Value::Value(const char* text) : state_(std::string(text)) {}
inline Value::Value(std::string_view text) : state_(std::string(text)) {}
inline Value::Value(std::string text) : state_(std::move(text)) {}
inline Value::Value(Array items) : state_(std::move(items)) {}
template <class T>
Value::Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : Value()) {}
template <class T>
Value& Value::set_if(std::string_view name, const std::optional<T>& maybe) {
    if (maybe) set(name, Value(*maybe));
    return *this;
}

Result<Value> parse(std::string_view text, const Limits& limits = {});

enum class Style : std::uint8_t {
    compact,  // one line without spaces
    pretty,   // two spaces a level, one member a line, a newline at the end
};

// The text of a tree, members in their order, UTF-8 as it is. Deterministic. Ill-formed UTF-8 put
// into a tree by us (an operating system's message, a file name) is written as U+FFFD per byte, so
// what dump writes is always what parse accepts.
std::string dump(const Value& value, Style style = Style::compact);

}  // namespace fieldseal::json
