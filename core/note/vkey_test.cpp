// SPDX-License-Identifier: Apache-2.0
#include "core/note/vkey.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::note {
namespace {

VerifierKey counting_key(KeyType type) {
    VerifierKey key{"edge.example/node-0001", type, {}};
    for (std::size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<std::uint8_t>(i);
    return key;
}

TEST(Vkey, KnowsKeyIdsComputedElsewhere) {
    EXPECT_EQ(counting_key(KeyType::ed25519).id(), 0xbd5d99aaU);
    EXPECT_EQ(counting_key(KeyType::cosignature).id(), 0x3f1f7703U);
}

TEST(Vkey, ReadsTheExampleOfTheSpecification) {
    const char* text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const auto key = parse_vkey(text);
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->name, "example.com/foo");
    EXPECT_EQ(key->type, KeyType::ed25519);
    EXPECT_EQ(key->id(), 0x530d903aU);
    EXPECT_EQ(format_vkey(*key), text);
}

TEST(Vkey, RoundTripsBothTypesAndPlusInTheBase64) {
    for (const KeyType type : {KeyType::ed25519, KeyType::cosignature}) {
        VerifierKey key = counting_key(type);
        key.key.fill(0xFB);  // its base64 is full of "+"
        const std::string text = format_vkey(key);
        EXPECT_NE(text.find('+', text.find('+', text.find('+') + 1) + 1), std::string::npos);
        const auto back = parse_vkey(text);
        ASSERT_TRUE(back.ok()) << text;
        EXPECT_EQ(*back, key);
    }
}

TEST(Vkey, RefusesEverySingleByteChangeOfAnExample) {
    const std::string text = format_vkey(counting_key(KeyType::ed25519));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = static_cast<char>(changed[i] + 1);
        EXPECT_FALSE(parse_vkey(changed).ok()) << changed;
        EXPECT_FALSE(parse_vkey(text.substr(0, i)).ok()) << i;
    }
    EXPECT_FALSE(parse_vkey(text + "=").ok());
    EXPECT_FALSE(parse_vkey(text + "\n").ok());
}

TEST(Vkey, RefusesUpperCaseKeyIds) {
    EXPECT_FALSE(
        parse_vkey("example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k").ok());
}

TEST(Vkey, SaysUnsupportedForOtherTypesAndInvalidForOtherLengths) {
    Bytes material{0x02};
    material.resize(33, 7);
    const auto other = parse_vkey("log.example+00000000+" + base64_encode(material));
    ASSERT_FALSE(other.ok());
    EXPECT_EQ(other.error().code, Errc::unsupported);
    material[0] = 0x01;
    material.push_back(0);
    EXPECT_EQ(parse_vkey("log.example+00000000+" + base64_encode(material)).error().code,
              Errc::invalid_argument);
    EXPECT_FALSE(parse_vkey("log.example+00000000+").ok());
}

TEST(KeyName, HasNoSpacesPlusOrControls) {
    EXPECT_TRUE(check_key_name("a").ok());
    EXPECT_TRUE(check_key_name("büro.example/nœud-1").ok());
    for (const char* name : {"", " ", "a b", "a+b", "a\tb", "a\nb", "a\x7F", "\xFF",
                             "a\xC2\xA0"
                             "b",
                             "a\xC2\x85", "a\xE2\x80\x83", "a\xE2\x80\xA9", "a\xE3\x80\x80"}) {
        EXPECT_FALSE(check_key_name(name).ok()) << name;
    }
}

TEST(KeyName, IsBoundedInAVkey) {
    VerifierKey key = counting_key(KeyType::ed25519);
    key.name = std::string(kKeyNameBytesMax, 'n');
    EXPECT_TRUE(parse_vkey(format_vkey(key)).ok());
    key.name += "n";
    EXPECT_FALSE(parse_vkey(format_vkey(key)).ok());
}

}  // namespace
}  // namespace fieldseal::note
