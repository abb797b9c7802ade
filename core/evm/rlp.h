// SPDX-License-Identifier: Apache-2.0
// RLP (Ethereum Yellow Paper, appendix B), strict: one encoding per value, bounds on everything.
// Items keep their raw slice, because what is hashed or signed is spliced from received bytes and
// never re-encoded. THREADS: value types; pure functions, any.
// ERRORS: invalid_argument for every input that is not the one encoding of a value.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::evm::rlp {

inline constexpr std::size_t kDepthMax = 16;         // nested lists
inline constexpr std::size_t kItemsMax = 64 * 1024;  // in one input, at all depths

// A decoded item. OWNED BY: the bytes it was decoded from must outlive it.
struct Item {
    enum class Kind : std::uint8_t { string, list };
    Kind kind = Kind::string;
    ByteView raw;             // prefix and payload, as received
    ByteView payload;         // the string's bytes, or the concatenated items of a list
    std::vector<Item> items;  // of a list

    bool is_list() const { return kind == Kind::list; }
};

// The whole input is one item. Refuses: trailing bytes, a single byte below 0x80 with a prefix,
// a long form of a short length, leading zeros in a length, lengths past the end, limits above.
Result<Item> decode(ByteView bytes);

// A string item as an unsigned integer: at most 8 bytes, no leading zero; the empty string is 0.
Result<std::uint64_t> to_u64(const Item& item);
// A string item as a big-endian integer of at most 256 bits, without leading zeros: its bytes.
Result<ByteView> to_integer(const Item& item);
// A string item as exactly N bytes; `what` names it in the error.
template <std::size_t N>
Result<std::array<std::uint8_t, N>> to_array(const Item& item, std::string_view what) {
    if (item.is_list() || item.payload.size() != N) {
        return Error{Errc::invalid_argument,
                     "RLP: " + std::string(what) + " must be a string of " + std::to_string(N) +
                         " bytes, found " +
                         (item.is_list() ? "a list" : std::to_string(item.payload.size()))};
    }
    std::array<std::uint8_t, N> bytes;
    std::copy(item.payload.begin(), item.payload.end(), bytes.begin());
    return bytes;
}
// A list item of exactly `count` items.
Result<void> expect_list(const Item& item, std::size_t count, std::string_view what);

Bytes encode_string(ByteView bytes);
Bytes encode_u64(std::uint64_t value);
// A big-endian integer of any width, leading zeros stripped (r and s of a transaction).
Bytes encode_integer(ByteView big_endian);
// A list around items that are already encoded: one by one, or one after the other (slices of
// received bytes).
Bytes encode_list(std::span<const Bytes> encoded_items);
Bytes encode_list(ByteView encoded_items);

}  // namespace fieldseal::evm::rlp
