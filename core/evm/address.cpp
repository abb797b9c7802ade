// SPDX-License-Identifier: Apache-2.0
#include "core/evm/address.h"

#include "core/check.h"
#include "core/encoding.h"
#include "core/hash.h"

#include <algorithm>

namespace fieldseal::evm {
namespace {

constexpr std::string_view kPrefix = "0x";
constexpr std::size_t kDigits = 2 * kAddressBytes;
constexpr std::size_t kPointBytes = 65;

Error bad_address(std::string_view text, std::string_view why) {
    return {Errc::invalid_argument, "chain address " + quoted(text) + ": " + std::string(why)};
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'F';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'f';
}

// EIP-55: a letter is a capital where the hash of the lower-case digits has a nibble of 8 or more.
bool capitals_hold(std::string_view digits, std::string_view lower) {
    const Digest hash = keccak256(as_bytes(lower));
    for (std::size_t i = 0; i < kDigits; ++i) {
        const int nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
        if (nibble >= 8 ? is_lower(digits[i]) : is_upper(digits[i])) return false;
    }
    return true;
}

}  // namespace

std::string to_string(const Address& address) {
    return std::string(kPrefix) + hex_encode(address);
}

Result<Address> parse_address(std::string_view text) {
    if (text.size() != kPrefix.size() + kDigits || !text.starts_with(kPrefix)) {
        return bad_address(text, "must be 0x and 40 hexadecimal digits");
    }
    const auto bytes = hex_decode(text.substr(kPrefix.size()));
    if (!bytes) return bad_address(text, "must be 0x and 40 lower-case hexadecimal digits");
    Address address;
    std::copy(bytes->begin(), bytes->end(), address.begin());
    return address;
}

Result<Address> parse_address_of_person(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
    const Address address = FIELDSEAL_TRY(parse_address(lower));
    const std::string_view digits = text.substr(kPrefix.size());
    const bool mixed = std::any_of(digits.begin(), digits.end(), is_upper) &&
                       std::any_of(digits.begin(), digits.end(), is_lower);
    if (mixed && !capitals_hold(digits, std::string_view(lower).substr(kPrefix.size()))) {
        return bad_address(
            text,
            "its capitals do not match (EIP-55); copy it again, or write it in lower "
            "case when you are sure of every digit");
    }
    return address;
}

Address address_of_point(ByteView point65) {
    FIELDSEAL_CHECK(point65.size() == kPointBytes);
    const Digest hash = keccak256(point65.subspan(1));
    Address address;
    std::copy(hash.end() - kAddressBytes, hash.end(), address.begin());
    return address;
}

}  // namespace fieldseal::evm
