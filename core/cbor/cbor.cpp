// SPDX-License-Identifier: Apache-2.0
// A data item starts with one byte: major type in the upper three bits, and in the lower five the
// argument (0 to 23) or how many bytes of argument follow (24: 1, 25: 2, 26: 4, 27: 8). RFC 8949
// §3.
#include "core/cbor/cbor.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::cbor {
namespace {

constexpr std::uint8_t kUnsigned = 0;
constexpr std::uint8_t kNegative = 1;
constexpr std::uint8_t kByteString = 2;
constexpr std::uint8_t kTextString = 3;
constexpr std::uint8_t kArray = 4;
constexpr std::uint8_t kMap = 5;
constexpr std::uint8_t kTag = 6;
constexpr std::uint8_t kFalse = 0xF4;
constexpr std::uint8_t kTrue = 0xF5;
constexpr std::uint8_t kNull = 0xF6;

void append_head(Bytes& out, std::uint8_t major, std::uint64_t argument) {
    const auto initial = [&](unsigned low) {
        out.push_back(static_cast<std::uint8_t>((unsigned{major} << 5) | low));
    };
    if (argument < 24) {
        initial(static_cast<unsigned>(argument));
    } else if (argument <= 0xFF) {
        initial(24);
        out.push_back(static_cast<std::uint8_t>(argument));
    } else if (argument <= 0xFFFF) {
        initial(25);
        append_u16_be(out, static_cast<std::uint16_t>(argument));
    } else if (argument <= 0xFFFFFFFF) {
        initial(26);
        append_u32_be(out, static_cast<std::uint32_t>(argument));
    } else {
        initial(27);
        append_u64_be(out, argument);
    }
}

void append_integer(Bytes& out, std::int64_t number) {
    if (number >= 0) {
        append_head(out, kUnsigned, static_cast<std::uint64_t>(number));
    } else {
        append_head(out, kNegative, static_cast<std::uint64_t>(-(number + 1)));
    }
}

void append_key(Bytes& out, const Key& key) {
    if (key.is_label()) {
        append_integer(out, key.label());
    } else {
        append_text_string(out, key.name());
    }
}

// The order of the encodings of two labels: non-negative first, then by distance from zero.
std::strong_ordering label_order(std::int64_t a, std::int64_t b) {
    if ((a < 0) != (b < 0))
        return a < 0 ? std::strong_ordering::greater : std::strong_ordering::less;
    return a < 0 ? b <=> a : a <=> b;
}

bool entry_before(const Entry& entry, const Key& key) {
    return entry.first < key;
}

}  // namespace

std::int64_t Key::label() const {
    FIELDSEAL_CHECK(is_label());
    return *std::get_if<std::int64_t>(&state_);
}

const std::string& Key::name() const {
    FIELDSEAL_CHECK(!is_label());
    return *std::get_if<std::string>(&state_);
}

std::string Key::to_string() const {
    return is_label() ? std::to_string(label()) : quoted(std::string_view(name()), 40);
}

// Out of line: inlined, the variant's comparison makes g++ 12 warn falsely under sanitizers.
bool operator==(const Key& a, const Key& b) {
    return a.state_ == b.state_;
}

std::strong_ordering operator<=>(const Key& a, const Key& b) {
    if (a.is_label() && b.is_label()) return label_order(a.label(), b.label());
    if (a.is_label() != b.is_label()) {
        return a.is_label() ? std::strong_ordering::less : std::strong_ordering::greater;
    }
    if (a.name().size() != b.name().size()) return a.name().size() <=> b.name().size();
    return a.name().compare(b.name()) <=> 0;
}

std::int64_t Value::in_range(std::int64_t number, bool fits) {
    FIELDSEAL_CHECK(fits);
    return number;
}

Value::Value(std::string_view text) : state_(std::string(text)) {
    FIELDSEAL_CHECK(is_utf8(text));
}

Value::Value(Map entries) : state_(std::move(entries)) {}

Value Value::array(std::initializer_list<Value> items) {
    return {Array(items)};
}

Value Value::map(std::initializer_list<Entry> entries) {
    Value value{Map{}};
    for (const Entry& entry : entries) value.set(entry.first, entry.second);
    return value;
}

std::string_view Value::kind() const {
    constexpr std::string_view kNames[] = {"null", "bool",  "integer", "bytes",
                                           "text", "array", "map"};
    return kNames[state_.index()];
}

bool Value::as_bool() const {
    FIELDSEAL_CHECK(is_bool());
    return *std::get_if<bool>(&state_);
}

std::int64_t Value::as_integer() const {
    FIELDSEAL_CHECK(is_integer());
    return *std::get_if<std::int64_t>(&state_);
}

const Bytes& Value::as_bytes() const {
    FIELDSEAL_CHECK(is_bytes());
    return *std::get_if<Bytes>(&state_);
}

const std::string& Value::as_text() const {
    FIELDSEAL_CHECK(is_text());
    return *std::get_if<std::string>(&state_);
}

const Array& Value::as_array() const {
    FIELDSEAL_CHECK(is_array());
    return *std::get_if<Array>(&state_);
}

const Map& Value::as_map() const {
    FIELDSEAL_CHECK(is_map());
    return *std::get_if<Map>(&state_);
}

const Value* Value::find(const Key& key) const {
    const auto* entries = std::get_if<Map>(&state_);
    if (entries == nullptr) return nullptr;
    const auto at = std::lower_bound(entries->begin(), entries->end(), key, entry_before);
    return at == entries->end() || at->first != key ? nullptr : &at->second;
}

Value& Value::set(Key key, Value value) {
    FIELDSEAL_CHECK(is_map());
    auto& entries = *std::get_if<Map>(&state_);
    const auto at = std::lower_bound(entries.begin(), entries.end(), key, entry_before);
    const bool key_is_new = at == entries.end() || at->first != key;
    FIELDSEAL_CHECK(key_is_new);
    entries.insert(at, {std::move(key), std::move(value)});
    return *this;
}

Value& Value::push_back(Value value) {
    FIELDSEAL_CHECK(is_array());
    std::get_if<Array>(&state_)->push_back(std::move(value));
    return *this;
}

bool operator==(const Value& a, const Value& b) {
    return a.state_ == b.state_;
}

void append_byte_string(Bytes& out, ByteView bytes) {
    append_head(out, kByteString, bytes.size());
    append(out, bytes);
}

void append_text_string(Bytes& out, std::string_view text) {
    append_head(out, kTextString, text.size());
    append(out, as_bytes(text));
}

namespace {

void append_value(Bytes& out, const Value& value) {
    if (value.is_integer()) return append_integer(out, value.as_integer());
    if (value.is_bytes()) return append_byte_string(out, value.as_bytes());
    if (value.is_text()) return append_text_string(out, value.as_text());
    if (value.is_array()) {
        append_head(out, kArray, value.as_array().size());
        for (const Value& item : value.as_array()) append_value(out, item);
    } else if (value.is_map()) {
        append_head(out, kMap, value.as_map().size());
        for (const auto& [key, item] : value.as_map()) {
            append_key(out, key);
            append_value(out, item);
        }
    } else if (value.is_bool()) {
        out.push_back(value.as_bool() ? kTrue : kFalse);
    } else {
        out.push_back(kNull);
    }
}

}  // namespace

Bytes encode(const Value& value) {
    Bytes out;
    append_value(out, value);
    return out;
}

// Recursive descent; depth is bounded by Limits, and nothing is allocated for a count that the
// remaining bytes could not hold.
class Decoder {
public:
    Decoder(ByteView bytes, const Limits& limits) : bytes_(bytes), limits_(limits) {}

    Result<Value> whole() {
        if (bytes_.size() > limits_.bytes_max) {
            return malformed("longer than " + std::to_string(limits_.bytes_max) + " bytes");
        }
        Value value = FIELDSEAL_TRY(item(0));
        if (at_ != bytes_.size()) return malformed("bytes after the value");
        return value;
    }

private:
    struct Head {
        std::uint8_t major = 0;
        std::uint64_t argument = 0;
    };

    Error malformed(std::string_view why) const {
        return {Errc::invalid_argument,
                "CBOR at byte " + std::to_string(at_) + ": " + std::string(why)};
    }

    std::size_t left() const { return bytes_.size() - at_; }

    Result<std::uint64_t> argument(std::uint8_t low) {
        if (low < 24) return std::uint64_t{low};
        if (low == 31) return malformed("indefinite length");
        if (low > 27) return malformed("reserved length");
        const std::size_t width = std::size_t{1} << (low - 24);
        if (left() < width) return malformed("ends inside an argument");
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < width; ++i) value = (value << 8) | bytes_[at_ + i];
        const std::uint64_t least = width == 1 ? 24 : std::uint64_t{1} << (4 * width);
        if (value < least) return malformed("argument not in its shortest form");
        at_ += width;
        return value;
    }

    // REQUIRES: left() > 0, and not a simple value.
    Result<Head> head() {
        const std::uint8_t initial = bytes_[at_++];
        Head head;
        head.major = static_cast<std::uint8_t>(initial >> 5);
        head.argument = FIELDSEAL_TRY(argument(initial & 0x1F));
        return head;
    }

    Result<Value> item(std::size_t depth) {
        if (++items_ > limits_.items_max) {
            return malformed("more than " + std::to_string(limits_.items_max) + " items");
        }
        if (left() == 0) return malformed("ends before the value is complete");
        if (bytes_[at_] >> 5 == 7) return simple();
        const Head head = FIELDSEAL_TRY(this->head());
        switch (head.major) {
            case kUnsigned:
            case kNegative:
                return Value(FIELDSEAL_TRY(integer(head)));
            case kByteString:
                return Value(FIELDSEAL_TRY(string(head)));
            case kTextString:
                return Value(FIELDSEAL_TRY(text(head)));
            case kArray:
                return array(head, depth);
            case kMap:
                return map(head, depth);
            case kTag:
                return malformed("tag where none belongs");
            default:
                break;
        }
        return malformed("unknown major type");
    }

    Result<Value> simple() {
        switch (bytes_[at_++]) {
            case kFalse:
                return Value(false);
            case kTrue:
                return Value(true);
            case kNull:
                return Value();
            default:
                break;
        }
        --at_;
        return malformed("float, undefined or another simple value");
    }

    Result<std::int64_t> integer(const Head& head) const {
        if (head.argument > std::uint64_t{INT64_MAX}) return malformed("integer beyond 64 bits");
        const auto number = static_cast<std::int64_t>(head.argument);
        return head.major == kNegative ? -1 - number : number;
    }

    Result<ByteView> string(const Head& head) {
        if (head.argument > left()) return malformed("string longer than what is left");
        const ByteView content = bytes_.subspan(at_, static_cast<std::size_t>(head.argument));
        at_ += content.size();
        return content;
    }

    Result<std::string> text(const Head& head) {
        const std::string_view content = as_text(FIELDSEAL_TRY(string(head)));
        if (!is_utf8(content)) return malformed("text is not well-formed UTF-8");
        return std::string(content);
    }

    // Checks a container before its items: depth, and a count that the bytes left could hold.
    Result<void> enter(std::uint64_t items, std::size_t depth) const {
        if (depth == limits_.depth_max) {
            return malformed("nested deeper than " + std::to_string(limits_.depth_max));
        }
        if (items > left()) return malformed("more items than what is left could hold");
        return {};
    }

    Result<Value> array(const Head& head, std::size_t depth) {
        FIELDSEAL_TRY(enter(head.argument, depth));
        Array items;
        for (std::uint64_t i = 0; i < head.argument; ++i) {
            items.push_back(FIELDSEAL_TRY(item(depth + 1)));
        }
        return Value(std::move(items));
    }

    Result<Key> key() {
        if (++items_ > limits_.items_max) {
            return malformed("more than " + std::to_string(limits_.items_max) + " items");
        }
        if (left() == 0) return malformed("ends before the map is complete");
        const std::uint8_t major = bytes_[at_] >> 5;
        if (major > kNegative && major != kTextString) {
            return malformed("map key is not an integer or text");
        }
        const Head head = FIELDSEAL_TRY(this->head());
        if (major == kTextString) return Key(std::string_view(FIELDSEAL_TRY(text(head))));
        return Key(FIELDSEAL_TRY(integer(head)));
    }

    Result<Value> map(const Head& head, std::size_t depth) {
        FIELDSEAL_TRY(enter(head.argument, depth));
        Map entries;
        for (std::uint64_t i = 0; i < head.argument; ++i) {
            Key key = FIELDSEAL_TRY(this->key());
            if (!entries.empty() && !(entries.back().first < key)) {
                return malformed("map keys are not sorted, or one appears twice");
            }
            Value value = FIELDSEAL_TRY(item(depth + 1));
            entries.emplace_back(std::move(key), std::move(value));
        }
        return Value(std::move(entries));
    }

    ByteView bytes_;
    Limits limits_;
    std::size_t at_ = 0;
    std::size_t items_ = 0;
};

Result<Value> decode(ByteView bytes, const Limits& limits) {
    return Decoder(bytes, limits).whole();
}

}  // namespace fieldseal::cbor
