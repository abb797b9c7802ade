// SPDX-License-Identifier: Apache-2.0
#include "core/cose/sign1.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/public_key.h"

#include <gtest/gtest.h>

namespace fieldseal::cose {
namespace {

Bytes from_hex(std::string_view hex) {
    auto bytes = hex_decode(hex);
    EXPECT_TRUE(bytes.ok()) << hex;
    return std::move(bytes).value_or({});
}

void expect_refused(std::string_view hex, std::string_view reason) {
    const auto object = parse(from_hex(hex));
    ASSERT_FALSE(object.ok()) << hex;
    EXPECT_NE(object.error().message.find(reason), std::string::npos)
        << hex << ": " << object.error().message;
}

TEST(CoseSign1, KeepsEveryByteAsReceived) {
    const Bytes bytes = from_hex("d28443a10126a043010203420405");
    const auto object = parse(bytes);
    ASSERT_TRUE(object.ok()) << object.error().message;
    EXPECT_EQ(object->protected_header, from_hex("a10126"));
    EXPECT_EQ(object->payload, from_hex("010203"));
    EXPECT_EQ(object->signature, from_hex("0405"));
    EXPECT_EQ(encode(*object), bytes);
    EXPECT_EQ(entry(*object), sha256(bytes));
}

TEST(CoseSign1, BuildsTheSigStructureOfRfc9052) {
    // RFC 9052 §4.4: ["Signature1", protected, external_aad = h'', payload].
    EXPECT_EQ(hex_encode(sig_structure(from_hex("a10126"), from_hex("010203"))),
              "846a5369676e61747572653143a101264043010203");
}

TEST(CoseSign1, SignsTheBytesThatRfc9052AppendixC21Signs) {
    // The example has a kid in its unprotected header, so we refuse the object; its signature is
    // over the same Sig_structure that we build.
    const Bytes example = from_hex(
        "d28443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05a"
        "ac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b09"
        "16e5a4c345cacb36");
    EXPECT_FALSE(parse(example).ok());
    const auto key = PublicKey::es256_from_point65(
        from_hex("04bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff"
                 "20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e"));
    ASSERT_TRUE(key.ok());
    const Bytes preimage = sig_structure(from_hex("a10126"), as_bytes("This is the content."));
    EXPECT_TRUE(key->verify(preimage, ByteView(example).last(64)).ok());
}

TEST(CoseSign1, RefusesOtherTagsAndNone) {
    expect_refused("8443a10126a043010203420405", "tag 18");
    expect_refused("d18443a10126a043010203420405", "tag 18");
    expect_refused("d8128443a10126a043010203420405", "tag 18");
    expect_refused("", "tag 18");
    expect_refused("d2", "ends before");
}

TEST(CoseSign1, RefusesWhatIsNotAnArrayOfFour) {
    expect_refused("d28343a10126a043010203", "array of four");
    expect_refused("d28543a10126a04301020342040500", "array of four");
    expect_refused("d2a0", "array of four");
    expect_refused("d29f43a10126a043010203420405ff", "indefinite");
}

TEST(CoseSign1, RefusesAnUnprotectedHeaderThatIsNotEmpty) {
    expect_refused("d28443a10126a10441ff43010203420405", "not empty");
    expect_refused("d28443a101268043010203420405", "not a map");
    expect_refused("d28443a10126b80043010203420405", "shortest");
}

TEST(CoseSign1, RefusesNilPayloadAndFieldsOfAnotherKind) {
    expect_refused("d28443a10126a0f6420405", "payload");
    expect_refused("d28463616263a043010203420405", "protected");
    expect_refused("d284a10126a043010203420405", "protected");
    expect_refused("d28443a10126a063616263420405", "payload");
    expect_refused("d28443a10126a043010203f6", "signature");
}

TEST(CoseSign1, RefusesLongFormsAndTrailingBytes) {
    expect_refused("d2845803a10126a043010203420405", "shortest");
    expect_refused("d2980443a10126a043010203420405", "shortest");
    expect_refused(
        "d28443a10126a043010203420405"
        "00",
        "after the value");
    const std::string whole = "d28443a10126a043010203420405";
    for (std::size_t length = 0; length < whole.size(); length += 2) {
        EXPECT_FALSE(parse(from_hex(whole.substr(0, length))).ok()) << length;
    }
}

TEST(CoseSign1, BoundsTheObjectAndTheSignature) {
    Sign1 object{Bytes{0xA0}, Bytes(32), Bytes(kSignatureBytesMax)};
    EXPECT_TRUE(parse(encode(object)).ok());
    object.signature.push_back(0);
    EXPECT_FALSE(parse(encode(object)).ok());
    object.signature.resize(64);
    object.payload.resize(kSign1BytesMax - 64 - 2 - 5 - 2 - 1 - 2);
    object.payload.resize(kSign1BytesMax - (encode(object).size() - object.payload.size()));
    EXPECT_EQ(encode(object).size(), kSign1BytesMax);
    EXPECT_TRUE(parse(encode(object)).ok());
    object.payload.push_back(0);
    EXPECT_FALSE(parse(encode(object)).ok());
}

}  // namespace
}  // namespace fieldseal::cose
