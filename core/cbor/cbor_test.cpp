// SPDX-License-Identifier: Apache-2.0
#include "core/cbor/cbor.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::cbor {
namespace {

Bytes from_hex(std::string_view hex) {
    auto bytes = hex_decode(hex);
    EXPECT_TRUE(bytes.ok()) << hex;
    return std::move(bytes).value_or({});
}

void expect_refused(std::string_view hex, std::string_view reason, const Limits& limits = {}) {
    const auto value = decode(from_hex(hex), limits);
    ASSERT_FALSE(value.ok()) << hex;
    EXPECT_EQ(value.error().code, Errc::invalid_argument);
    EXPECT_NE(value.error().message.find(reason), std::string::npos)
        << hex << ": " << value.error().message;
}

struct Example {
    std::string_view hex;
    Value value;
};

// RFC 8949 Appendix A, all examples of kinds we use.
const std::vector<Example>& appendix_a() {
    static const std::vector<Example> kExamples = {
        {"00", 0},
        {"01", 1},
        {"0a", 10},
        {"17", 23},
        {"1818", 24},
        {"1819", 25},
        {"1864", 100},
        {"1903e8", 1000},
        {"1a000f4240", 1000000},
        {"1b000000e8d4a51000", 1000000000000},
        {"20", -1},
        {"29", -10},
        {"3863", -100},
        {"3903e7", -1000},
        {"f4", false},
        {"f5", true},
        {"f6", nullptr},
        {"40", Bytes{}},
        {"4401020304", Bytes{1, 2, 3, 4}},
        {"60", ""},
        {"6161", "a"},
        {"6449455446", "IETF"},
        {"62225c", "\"\\"},
        {"62c3bc", "\u00fc"},
        {"63e6b0b4", "\u6c34"},
        {"64f0908591", "\U00010151"},
        {"80", Value::array({})},
        {"83010203", Value::array({1, 2, 3})},
        {"8301820203820405", Value::array({1, Value::array({2, 3}), Value::array({4, 5})})},
        {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
         Value::array({1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                       14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25})},
        {"a0", Value::map()},
        {"a201020304", Value::map({{1, 2}, {3, 4}})},
        {"a26161016162820203", Value::map({{"a", 1}, {"b", Value::array({2, 3})}})},
        {"826161a161626163", Value::array({"a", Value::map({{"b", "c"}})})},
        {"a56161614161626142616361436164614461656145",
         Value::map({{"a", "A"}, {"b", "B"}, {"c", "C"}, {"d", "D"}, {"e", "E"}})},
    };
    return kExamples;
}

TEST(Cbor, EncodesTheExamplesOfRfc8949AppendixA) {
    for (const auto& [hex, value] : appendix_a()) EXPECT_EQ(hex_encode(encode(value)), hex);
}

TEST(Cbor, DecodesTheExamplesOfRfc8949AppendixA) {
    for (const auto& [hex, value] : appendix_a()) {
        const auto decoded = decode(from_hex(hex));
        ASSERT_TRUE(decoded.ok()) << hex << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, value) << hex;
    }
}

TEST(Cbor, RefusesTheExamplesOfAppendixAItDoesNotUse) {
    for (const char* hex : {"1bffffffffffffffff", "3bffffffffffffffff"}) {
        expect_refused(hex, "beyond 64 bits");
    }
    // Floats of three widths, undefined, simple values, and false spelt in two bytes.
    for (const char* hex : {"f90000", "f93c00", "fb3ff199999999999a", "fa47c35000", "f97e00", "f7",
                            "f0", "f8ff", "f818", "f814", "ff", "fc", "e0"}) {
        expect_refused(hex, "simple value");
    }
    // Tags: bignum, date, base16, URI.
    for (const char* hex : {"c249010000000000000000", "c11a514b67b0", "d74401020304",
                            "d82076687474703a2f2f7777772e6578616d706c652e636f6d"}) {
        expect_refused(hex, "tag");
    }
    for (const char* hex : {"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bfff",
                            "9f018202039f0405ffff", "bf61610161629f0203ffff"}) {
        expect_refused(hex, "indefinite");
    }
    // Keys of another kind than integer or text.
    expect_refused("a1f500", "key");
    expect_refused("a1410000", "key");
    expect_refused("a18000", "key");
}

TEST(Cbor, RefusesEveryArgumentNotInItsShortestForm) {
    for (const char* hex :
         {"1800", "1817", "190000", "1900ff", "1a00000000", "1a0000ffff", "1b0000000000000000",
          "1b00000000ffffffff", "3817", "390017", "5800", "580161", "590001ff",
          "7801"
          "61",
          "9800", "980100", "b800", "a1180000"}) {
        expect_refused(hex, "shortest");
    }
    EXPECT_TRUE(decode(from_hex("1818")).ok());
    EXPECT_TRUE(decode(from_hex("190100")).ok());
    EXPECT_TRUE(decode(from_hex("1a00010000")).ok());
    EXPECT_TRUE(decode(from_hex("1b0000000100000000")).ok());
}

TEST(Cbor, RefusesReservedLengths) {
    for (const char* hex : {"1c", "1d", "1e", "5c", "7d", "9e", "bc"}) {
        expect_refused(hex, "reserved");
    }
}

TEST(Cbor, RefusesKeysUnsortedOrTwice) {
    expect_refused("a203040102", "not sorted");
    expect_refused("a201020103", "not sorted");
    expect_refused("a2616201616102", "not sorted");
    expect_refused(
        "a26161016161"
        "02",
        "not sorted");
    // By encoding: 1, 258, -1, then texts, the shorter first.
    const Value value = Value::map({{"aa", 6}, {"b", 5}, {-300, 4}, {-1, 3}, {258, 2}, {1, 1}});
    EXPECT_EQ(hex_encode(encode(value)),
              "a601011901020220033901"
              "2b04616205"
              "6261"
              "6106");
    EXPECT_EQ(*decode(encode(value)), value);
    expect_refused(
        "a2200101"
        "02",
        "not sorted");
    expect_refused("a262616101616202", "not sorted");
}

TEST(Cbor, RefusesMalformedUtf8) {
    for (const char* hex : {"61ff", "62c080", "63eda080", "64f4908080", "61c3", "a161ff00"}) {
        expect_refused(hex, "UTF-8");
    }
}

TEST(Cbor, RefusesTrailingBytesAndValuesThatEndEarly) {
    expect_refused("0000", "after the value");
    expect_refused("a0f6", "after the value");
    expect_refused("", "ends before");
    const std::string whole =
        "a3010219010282624142f66161a120430102"
        "03";
    ASSERT_TRUE(decode(from_hex(whole)).ok()) << decode(from_hex(whole)).error().message;
    for (std::size_t length = 0; length < whole.size(); length += 2) {
        EXPECT_FALSE(decode(from_hex(whole.substr(0, length))).ok()) << length;
    }
}

TEST(Cbor, BoundsDepthItemsAndBytes) {
    const Limits limits{.bytes_max = 10, .depth_max = 2, .items_max = 4};
    EXPECT_TRUE(decode(from_hex("818101"), limits).ok());
    expect_refused("81818101", "deeper than 2", limits);
    EXPECT_TRUE(decode(from_hex("83010203"), limits).ok());
    expect_refused("8401020304", "more than 4 items", limits);
    expect_refused("a201020304", "more than 4 items", limits);
    expect_refused("4a00000000000000000000", "longer than 10 bytes", limits);
    EXPECT_TRUE(decode(from_hex("8181818181818180")).ok());
    expect_refused("818181818181818180", "deeper than 8");
}

TEST(Cbor, AllocatesNothingForCountsThatCannotBe) {
    expect_refused("9b7fffffffffffffff", "could hold");
    expect_refused("bb7fffffffffffffff", "could hold");
    expect_refused("5b7fffffffffffffff", "longer than what is left");
    expect_refused("9a00fffff0", "could hold");
    expect_refused("5affffffff00", "longer than what is left");
}

TEST(Cbor, KeepsIntegersOf64BitsWithSign) {
    for (const std::int64_t number : {INT64_MIN, INT64_MIN + 1, std::int64_t{-4294967297},
                                      std::int64_t{4294967296}, INT64_MAX}) {
        const auto back = decode(encode(number));
        ASSERT_TRUE(back.ok());
        EXPECT_EQ(back->as_integer(), number);
    }
    expect_refused("1b8000000000000000", "beyond 64 bits");
    expect_refused("3b8000000000000000", "beyond 64 bits");
    EXPECT_TRUE(decode(from_hex("3b7fffffffffffffff")).ok());
}

TEST(Cbor, FindsAndSetsEntriesInTheirPlace) {
    Value value = Value::map();
    value.set(5, "five").set(1, "one").set_if(3, std::optional<int>()).set_if(2, std::optional(22));
    ASSERT_NE(value.find(1), nullptr);
    EXPECT_EQ(value.find(2)->as_integer(), 22);
    EXPECT_EQ(value.find(3), nullptr);
    EXPECT_EQ(value.find("five"), nullptr);
    EXPECT_EQ(Value(1).find(1), nullptr);
    EXPECT_EQ(hex_encode(encode(value)),
              "a301636f6e6502160564"
              "66697665");
}

TEST(CborDeathTest, RefusesToBuildWhatItCouldNotRead) {
    EXPECT_DEATH(Value::map({{1, 1}, {1, 2}}), "key_is_new");
    EXPECT_DEATH(Value("\xFF"), "is_utf8");
    EXPECT_DEATH(Value(UINT64_MAX), "fits");
    EXPECT_DEATH(Value(1).as_map(), "is_map");
}

}  // namespace
}  // namespace fieldseal::cbor
