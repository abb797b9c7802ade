// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/json_fields.h"

#include "core/encoding.h"

#include <algorithm>
#include <charconv>

namespace fieldseal::anchor {
namespace {

constexpr std::size_t kIntegerBytesMax = 32;

// hex_decode of our own accepts lower case and even lengths only; nodes write both cases.
Result<Bytes> decode(std::string_view digits) {
    std::string text(digits.size() % 2, '0');
    for (const char c : digits) {
        text.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    return hex_decode(text);
}

Result<std::string_view> digits_of(const json::Value& value, const std::string& what) {
    const auto refuse = [&](std::string_view why) {
        return Error{Errc::corrupt, what + ": " + std::string(why)};
    };
    if (!value.is_string()) return refuse("not a string but " + std::string(value.kind()));
    const std::string_view text = value.as_string();
    if (!text.starts_with("0x")) return refuse(quoted(text, 40) + " does not start with 0x");
    return text.substr(2);
}

Result<std::uint64_t> quantity_of(std::string_view digits, const std::string& what) {
    std::uint64_t number = 0;
    const auto [end, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (digits.empty() || code != std::errc{} || end != digits.data() + digits.size()) {
        return Error{Errc::corrupt, what + ": " + quoted(digits, 40) + " is no 64-bit number"};
    }
    return number;
}

}  // namespace

json::Value hex_quantity(std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return "0x" + std::string(digits.data(), end);
}

json::Value hex_data(ByteView bytes) {
    return "0x" + hex_encode(bytes);
}

Result<std::uint64_t> read_quantity(const json::Value& value, std::string_view what) {
    return quantity_of(FIELDSEAL_TRY(digits_of(value, std::string(what))), std::string(what));
}

Result<Digest> read_hash(const json::Value& value, std::string_view what) {
    const auto digits = FIELDSEAL_TRY(digits_of(value, std::string(what)));
    const auto bytes = decode(digits);
    if (!bytes.ok() || digits.size() != 2 * kDigestBytes) {
        return Error{Errc::corrupt, std::string(what) + ": not a hash of 32 bytes"};
    }
    return to_digest(*bytes);
}

bool JsonFields::has(std::string_view member) const {
    const json::Value* value = object_.find(member);
    return value != nullptr && !value->is_null();
}

Error JsonFields::error(std::string_view member, std::string_view message) const {
    return Error{Errc::corrupt, what_ + "." + std::string(member) + ": " + std::string(message)};
}

Result<std::string_view> JsonFields::hex_digits(std::string_view member) const {
    const json::Value* value = object_.find(member);
    if (value == nullptr) return error(member, "missing");
    return digits_of(*value, what_ + "." + std::string(member));
}

Result<std::uint64_t> JsonFields::quantity(std::string_view member) const {
    return quantity_of(FIELDSEAL_TRY(hex_digits(member)), what_ + "." + std::string(member));
}

Result<Bytes> JsonFields::integer(std::string_view member) const {
    Bytes bytes = FIELDSEAL_TRY(data(member));
    const auto first = std::ranges::find_if(bytes, [](std::uint8_t b) { return b != 0; });
    bytes.erase(bytes.begin(), first);
    if (bytes.size() > kIntegerBytesMax) return error(member, "longer than 32 bytes");
    return bytes;
}

Result<Bytes> JsonFields::data(std::string_view member) const {
    auto bytes = decode(FIELDSEAL_TRY(hex_digits(member)));
    if (!bytes.ok()) return error(member, bytes.error().message);
    return bytes;
}

Result<Bytes> JsonFields::data(std::string_view member, std::size_t exact_bytes) const {
    Bytes bytes = FIELDSEAL_TRY(data(member));
    if (bytes.size() != exact_bytes) {
        return error(member, std::to_string(bytes.size()) + " bytes instead of " +
                                 std::to_string(exact_bytes));
    }
    return bytes;
}

Result<Digest> JsonFields::hash(std::string_view member) const {
    return to_digest(FIELDSEAL_TRY(data(member, kDigestBytes)));
}

Result<const json::Array*> JsonFields::array(std::string_view member) const {
    const json::Value* value = object_.find(member);
    if (value == nullptr || !value->is_array()) return error(member, "not an array");
    return &value->as_array();
}

}  // namespace fieldseal::anchor
