// SPDX-License-Identifier: Apache-2.0
// The invalid forms are those of ethereum/tests RLPTests, in our own bytes.
#include "core/evm/rlp.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::evm::rlp {
namespace {

Bytes hex(std::string_view text) {
    return hex_decode(text).value();
}
std::string encoded(std::string_view text) {
    return hex_encode(encode_string(as_bytes(text)));
}
Bytes encode_again(const Item& item) {
    if (!item.is_list()) return encode_string(item.payload);
    std::vector<Bytes> items;
    for (const Item& one : item.items) items.push_back(encode_again(one));
    return encode_list(items);
}
std::string error_of(std::string_view text) {
    const Bytes bytes = hex(text);
    const auto item = decode(bytes);
    return item.ok() ? "accepted" : item.error().message;
}

TEST(Rlp, EncodesStringsByTheirLength) {
    EXPECT_EQ(encoded(""), "80");
    EXPECT_EQ(encoded(std::string_view("\0", 1)), "00");
    EXPECT_EQ(encoded("\x7f"), "7f");
    EXPECT_EQ(encoded("\x80"), "8180");
    EXPECT_EQ(encoded("dog"), "83646f67");
    EXPECT_EQ(encoded(std::string(55, 'a')).substr(0, 4), "b761");
    EXPECT_EQ(encoded(std::string(56, 'a')).substr(0, 6), "b83861");
    EXPECT_EQ(encoded(std::string(1024, 'a')).substr(0, 8), "b9040061");
}

TEST(Rlp, EncodesIntegersWithoutLeadingZeros) {
    EXPECT_EQ(hex_encode(encode_u64(0)), "80");
    EXPECT_EQ(hex_encode(encode_u64(15)), "0f");
    EXPECT_EQ(hex_encode(encode_u64(1024)), "820400");
    EXPECT_EQ(hex_encode(encode_u64(UINT64_MAX)), "88ffffffffffffffff");
    EXPECT_EQ(hex_encode(encode_integer(hex("0000000102"))), "820102");
    EXPECT_EQ(hex_encode(encode_integer(hex("0000"))), "80");
}

TEST(Rlp, EncodesLists) {
    EXPECT_EQ(hex_encode(encode_list(ByteView())), "c0");
    EXPECT_EQ(hex_encode(encode_list(std::vector<Bytes>{encode_string(as_bytes("cat")),
                                                        encode_string(as_bytes("dog"))})),
              "c88363617483646f67");
    EXPECT_EQ(hex_encode(encode_list(std::vector<Bytes>(56, Bytes{1}))).substr(0, 6), "f83801");
}

TEST(Rlp, WhatItDecodesEncodesToTheSameBytes) {
    for (const char* text : {"80", "00", "7f", "8180", "c0", "c88363617483646f67",
                             "c7c0c1c0c3c0c1c0", "cd83646f6783676f6483636174c0"}) {
        const Bytes bytes = hex(text);
        const auto item = decode(bytes);
        ASSERT_TRUE(item.ok()) << text;
        EXPECT_EQ(encode_again(*item), bytes);
        EXPECT_EQ(to_bytes(item->raw), bytes);
    }
    for (std::size_t length = 0; length < 300; ++length) {
        const Bytes text = encode_string(Bytes(length, 0xab));
        const Bytes list = encode_list(std::vector<Bytes>{text, encode_u64(length)});
        const auto item = decode(list);
        ASSERT_TRUE(item.ok()) << length;
        EXPECT_EQ(item->items.at(0).payload.size(), length);
        EXPECT_EQ(to_u64(item->items.at(1)).value(), length);
        EXPECT_EQ(encode_again(*item), list);
    }
}

TEST(Rlp, EveryInputOfTwoBytesIsRefusedOrTheOneEncoding) {
    int accepted = 0;
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const Bytes bytes = {static_cast<std::uint8_t>(first),
                                 static_cast<std::uint8_t>(second)};
            const auto item = decode(bytes);
            if (!item) continue;
            ++accepted;
            EXPECT_EQ(encode_again(*item), bytes);
        }
    }
    // 81 80 … 81 ff; and c1 with a byte below 0x80, 80 or c0.
    EXPECT_EQ(accepted, 128 + 130);
}

TEST(Rlp, RefusesSecondEncodings) {
    EXPECT_EQ(error_of("8100"), "RLP at byte 0: a prefix on a byte that is its own encoding");
    EXPECT_EQ(error_of("c2817f"), "RLP at byte 1: a prefix on a byte that is its own encoding");
    EXPECT_EQ(error_of("b80180"), "RLP at byte 0: the long form of a short length");
    EXPECT_EQ(error_of("f80180"), "RLP at byte 0: the long form of a short length");
    EXPECT_EQ(error_of("b90038" + std::string(112, 'a')),
              "RLP at byte 0: a length with a leading zero");
    EXPECT_EQ(error_of("b800"), "RLP at byte 0: a length with a leading zero");
}

TEST(Rlp, RefusesLengthsThatDoNotFit) {
    EXPECT_EQ(error_of(""), "RLP at byte 0: an item is missing");
    EXPECT_EQ(error_of("83646f"), "RLP at byte 0: a length past the end");
    EXPECT_EQ(error_of("c3836461"), "RLP at byte 1: a length past the end");
    EXPECT_EQ(error_of("b8"), "RLP at byte 0: a length past the end");
    EXPECT_EQ(error_of("bf0f000000000000021111"), "RLP at byte 0: a length past the end");
    EXPECT_EQ(error_of("ffffffffffffffffff0001"), "RLP at byte 0: a length past the end");
    EXPECT_EQ(error_of("8080"), "RLP at byte 1: bytes after the item");
    EXPECT_EQ(error_of("c000"), "RLP at byte 1: bytes after the item");
}

TEST(Rlp, BoundsDepthAndItems) {
    Bytes nested = encode_list(ByteView());
    for (std::size_t depth = 1; depth < kDepthMax; ++depth) nested = encode_list(ByteView(nested));
    EXPECT_TRUE(decode(nested).ok());
    nested = encode_list(ByteView(nested));
    EXPECT_FALSE(decode(nested).ok());

    const Bytes most = encode_list(ByteView(Bytes(kItemsMax - 1, 1)));
    EXPECT_TRUE(decode(most).ok());
    const Bytes more = encode_list(ByteView(Bytes(kItemsMax, 1)));
    EXPECT_FALSE(decode(more).ok());
}

TEST(Rlp, ReadsIntegersInTheirOneForm) {
    const auto read = [](std::string_view text) {
        const Bytes bytes = hex(text);
        return to_u64(decode(bytes).value());
    };
    EXPECT_EQ(read("80").value(), 0U);
    EXPECT_EQ(read("88ffffffffffffffff").value(), UINT64_MAX);
    EXPECT_FALSE(read("00").ok());
    EXPECT_FALSE(read("820001").ok());
    EXPECT_FALSE(read("89010000000000000000").ok());
    EXPECT_FALSE(read("c0").ok());
    const Bytes wide = encode_string(Bytes(32, 1));
    const Bytes wider = encode_string(Bytes(33, 1));
    EXPECT_TRUE(to_integer(decode(wide).value()).ok());
    EXPECT_FALSE(to_integer(decode(wider).value()).ok());
}

TEST(Rlp, ReadsBytesAndListsOfExactSizes) {
    const Bytes bytes = hex("c88363617483646f67");
    const Item list = decode(bytes).value();
    EXPECT_TRUE(to_array<3>(list.items[0], "an animal").ok());
    EXPECT_EQ(to_array<4>(list.items[0], "an animal").error().message,
              "RLP: an animal must be a string of 4 bytes, found 3");
    EXPECT_EQ(to_array<4>(list, "an animal").error().message,
              "RLP: an animal must be a string of 4 bytes, found a list");
    EXPECT_TRUE(expect_list(list, 2, "animals").ok());
    EXPECT_EQ(expect_list(list, 3, "animals").error().message,
              "RLP: animals must be a list of 3 items, found 2");
    EXPECT_FALSE(expect_list(list.items[0], 0, "animals").ok());
}

}  // namespace
}  // namespace fieldseal::evm::rlp
