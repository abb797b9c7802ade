// SPDX-License-Identifier: Apache-2.0
#include "core/evm/rlp.h"

namespace fieldseal::evm::rlp {
namespace {

constexpr std::uint8_t kShortString = 0x80;
constexpr std::uint8_t kLongString = 0xb7;
constexpr std::uint8_t kShortList = 0xc0;
constexpr std::uint8_t kLongList = 0xf7;
constexpr std::size_t kShortBytesMax = 55;    // longest payload of the short forms
constexpr std::size_t kLengthBytesMax = 4;    // no input of ours is longer than 4 GiB
constexpr std::size_t kIntegerBytesMax = 32;  // 256 bits

struct Head {
    Item::Kind kind = Item::Kind::string;
    std::size_t prefix = 0;
    std::size_t payload = 0;
};

class Decoder {
public:
    explicit Decoder(ByteView input) : input_(input) {}

    // The item that `bytes`, a suffix of a list's payload or of the input, starts with.
    Result<Item> first_item(ByteView bytes, std::size_t depth) {
        if (++items_ > kItemsMax) return refuse(bytes, "more than 65536 items");
        const Head head = FIELDSEAL_TRY(read_head(bytes));
        Item item;
        item.kind = head.kind;
        item.raw = bytes.first(head.prefix + head.payload);
        item.payload = item.raw.subspan(head.prefix);
        if (!item.is_list()) return item;
        if (depth == kDepthMax) return refuse(bytes, "lists nested deeper than 16");
        for (ByteView rest = item.payload; !rest.empty();) {
            item.items.push_back(FIELDSEAL_TRY(first_item(rest, depth + 1)));
            rest = rest.subspan(item.items.back().raw.size());
        }
        return item;
    }

    Error refuse(ByteView at, std::string_view why) const {
        return {Errc::invalid_argument, "RLP at byte " + std::to_string(at.data() - input_.data()) +
                                            ": " + std::string(why)};
    }

private:
    Result<Head> read_head(ByteView bytes) const {
        if (bytes.empty()) return refuse(bytes, "an item is missing");
        const std::uint8_t first = bytes[0];
        if (first < kShortString) return Head{Item::Kind::string, 0, 1};
        const bool list = first >= kShortList;
        const auto kind = list ? Item::Kind::list : Item::Kind::string;
        const std::uint8_t long_form = list ? kLongList : kLongString;
        if (first > long_form) {
            return read_long_head(bytes, kind, static_cast<std::size_t>(first - long_form));
        }
        const Head head{kind, 1,
                        static_cast<std::size_t>(first - (list ? kShortList : kShortString))};
        if (head.payload > bytes.size() - 1) return refuse(bytes, "a length past the end");
        if (!list && head.payload == 1 && bytes[1] < kShortString) {
            return refuse(bytes, "a prefix on a byte that is its own encoding");
        }
        return head;
    }

    Result<Head> read_long_head(ByteView bytes, Item::Kind kind, std::size_t length_bytes) const {
        if (length_bytes > kLengthBytesMax || length_bytes > bytes.size() - 1) {
            return refuse(bytes, "a length past the end");
        }
        if (bytes[1] == 0) return refuse(bytes, "a length with a leading zero");
        std::size_t length = 0;
        for (const std::uint8_t byte : bytes.subspan(1, length_bytes)) length = length << 8 | byte;
        if (length <= kShortBytesMax) return refuse(bytes, "the long form of a short length");
        if (length > bytes.size() - 1 - length_bytes) return refuse(bytes, "a length past the end");
        return Head{kind, 1 + length_bytes, length};
    }

    ByteView input_;
    std::size_t items_ = 0;
};

void append_head(Bytes& out, std::uint8_t short_form, std::uint8_t long_form, std::size_t length) {
    if (length <= kShortBytesMax) {
        out.push_back(static_cast<std::uint8_t>(short_form + length));
        return;
    }
    Bytes big_endian;
    append_u64_be(big_endian, length);
    ByteView digits = big_endian;
    while (digits.front() == 0) digits = digits.subspan(1);
    out.push_back(static_cast<std::uint8_t>(long_form + digits.size()));
    append(out, digits);
}

Error no_integer(std::string_view why) {
    return {Errc::invalid_argument, "RLP: an integer " + std::string(why)};
}

}  // namespace

Result<Item> decode(ByteView bytes) {
    Decoder decoder(bytes);
    Item item = FIELDSEAL_TRY(decoder.first_item(bytes, 0));
    if (item.raw.size() != bytes.size()) {
        return decoder.refuse(bytes.subspan(item.raw.size()), "bytes after the item");
    }
    return item;
}

Result<ByteView> to_integer(const Item& item) {
    if (item.is_list()) return no_integer("must be a string, found a list");
    if (item.payload.size() > kIntegerBytesMax) return no_integer("is longer than 256 bits");
    if (!item.payload.empty() && item.payload.front() == 0) {
        return no_integer("must not have leading zeros");
    }
    return item.payload;
}

Result<std::uint64_t> to_u64(const Item& item) {
    const ByteView digits = FIELDSEAL_TRY(to_integer(item));
    if (digits.size() > sizeof(std::uint64_t)) return no_integer("is longer than 64 bits");
    std::uint64_t value = 0;
    for (const std::uint8_t byte : digits) value = value << 8 | byte;
    return value;
}

Result<void> expect_list(const Item& item, std::size_t count, std::string_view what) {
    if (item.is_list() && item.items.size() == count) return {};
    return Error{Errc::invalid_argument,
                 "RLP: " + std::string(what) + " must be a list of " + std::to_string(count) +
                     " items, found " +
                     (item.is_list() ? std::to_string(item.items.size()) : "a string")};
}

Bytes encode_string(ByteView bytes) {
    if (bytes.size() == 1 && bytes[0] < kShortString) return to_bytes(bytes);
    Bytes out;
    append_head(out, kShortString, kLongString, bytes.size());
    append(out, bytes);
    return out;
}

Bytes encode_u64(std::uint64_t value) {
    Bytes big_endian;
    append_u64_be(big_endian, value);
    return encode_integer(big_endian);
}

Bytes encode_integer(ByteView big_endian) {
    while (!big_endian.empty() && big_endian.front() == 0) big_endian = big_endian.subspan(1);
    return encode_string(big_endian);
}

Bytes encode_list(ByteView encoded_items) {
    Bytes out;
    append_head(out, kShortList, kLongList, encoded_items.size());
    append(out, encoded_items);
    return out;
}

Bytes encode_list(std::span<const Bytes> encoded_items) {
    Bytes payload;
    for (const Bytes& item : encoded_items) append(payload, item);
    return encode_list(ByteView(payload));
}

}  // namespace fieldseal::evm::rlp
