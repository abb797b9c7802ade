// SPDX-License-Identifier: Apache-2.0
#include "core/encoding.h"

#include "core/hash.h"

#include <gtest/gtest.h>

namespace fieldseal {
namespace {

TEST(Hex, RoundTripsEveryByteValue) {
    Bytes all(256);
    for (int i = 0; i < 256; ++i) all[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
    const auto back = hex_decode(hex_encode(all));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, all);
}

TEST(Hex, RefusesUpperCaseOddLengthAndOtherLetters) {
    EXPECT_FALSE(hex_decode("AB").ok());
    EXPECT_FALSE(hex_decode("abc").ok());
    EXPECT_FALSE(hex_decode("zz").ok());
    EXPECT_FALSE(hex_decode("a ").ok());
}

TEST(Base64, RoundTripsEveryLengthUpTo100) {
    Bytes bytes;
    for (int length = 0; length <= 100; ++length) {
        const std::string text = base64_encode(bytes);
        const auto back = base64_decode(text);
        ASSERT_TRUE(back.ok()) << text;
        EXPECT_EQ(*back, bytes);
        bytes.push_back(static_cast<std::uint8_t>(length * 37));
    }
}

TEST(Base64, KnowsTheRfc4648Examples) {
    EXPECT_EQ(base64_encode(as_bytes("f")), "Zg==");
    EXPECT_EQ(base64_encode(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(base64_encode(as_bytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, RefusesEveryNonCanonicalForm) {
    for (const char* text : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z===", "====", "Zg==Zg==",
                             "Zm8=Zm8=", "Zm9v Zm9", "Zm9-", "Z=g=", "=AAA"}) {
        EXPECT_FALSE(base64_decode(text).ok()) << text;
    }
}

TEST(Decimal, AcceptsCanonicalNumbersOnly) {
    EXPECT_EQ(*parse_decimal("0"), 0U);
    EXPECT_EQ(*parse_decimal("18446744073709551615"), UINT64_MAX);
    for (const char* text :
         {"", "00", "01", "-1", "+1", " 1", "1 ", "18446744073709551616", "0x1"}) {
        EXPECT_FALSE(parse_decimal(text).ok()) << text;
    }
}

TEST(Utf8, AcceptsWellFormedAndRefusesTheRest) {
    EXPECT_TRUE(is_utf8("plain, é, 漢, 🖋"));
    for (const char* text : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                             "\xF8\x88\x80\x80\x80", "\xE6\xBC"}) {
        EXPECT_FALSE(is_utf8(text));
    }
}

TEST(Quoted, BoundsTheLengthAndEscapesControls) {
    EXPECT_EQ(quoted("a\nb"), "\"a\\x0ab\"");
    EXPECT_EQ(quoted(std::string(200, 'x'), 4), "\"xxxx…\"");
}

TEST(Rfc3339, FormatsKnownInstants) {
    EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(rfc3339(1700000000), "2023-11-14T22:13:20Z");
    EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59Z");
}

TEST(Hash, KnowsTheEmptyAndAbcDigests) {
    EXPECT_EQ(hex_encode(sha256({})),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex_encode(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_encode(sha512(as_bytes("abc"))),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(DocumentHasher, StreamsToTheSameDigestsAsOneCall) {
    DocumentHasher hasher;
    hasher.update(as_bytes("a"));
    hasher.update(as_bytes("bc"));
    const auto digests = hasher.finish();
    EXPECT_EQ(digests.sha256, sha256(as_bytes("abc")));
    EXPECT_EQ(digests.sha512, sha512(as_bytes("abc")));
}

}  // namespace
}  // namespace fieldseal
