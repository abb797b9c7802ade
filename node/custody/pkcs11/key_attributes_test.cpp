// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/key_attributes.h"

#include "tests/support/seal_signer.h"

#include <gtest/gtest.h>

namespace fieldseal::node::pkcs11 {
namespace {

using fieldseal::testing::SealSigner;

Bytes wrapped(const Bytes& point) {
    Bytes out = {0x04, static_cast<std::uint8_t>(point.size())};
    append(out, point);
    return out;
}

struct Case {
    KeyAlgorithm algorithm;
    PublicKey key;
};

std::vector<Case> cases() {
    return {{KeyAlgorithm::es256k, SealSigner::es256k(1).key()},
            {KeyAlgorithm::es256, SealSigner::es256(1).key()},
            {KeyAlgorithm::eddsa, SealSigner::eddsa(1).key()}};
}

TEST(KeyAttributes, ReadsAPointWithAndWithoutItsWrapping) {
    for (const auto& [algorithm, key] : cases()) {
        for (const Bytes& curve : curve_parameters(algorithm)) {
            for (const Bytes& point : {key.raw(), wrapped(key.raw())}) {
                const auto read = public_key_of(algorithm, {curve, point, {}, {}});
                ASSERT_TRUE(read.ok()) << to_string(algorithm) << read.error().message;
                EXPECT_EQ(*read, key);
            }
        }
    }
}

TEST(KeyAttributes, RefusesEveryOtherForm) {
    for (const auto& [algorithm, key] : cases()) {
        const Bytes curve = curve_parameters(algorithm).front();
        Bytes wrong_length = wrapped(key.raw());
        wrong_length[1] ^= 1;
        Bytes wrong_tag = wrapped(key.raw());
        wrong_tag[0] = 0x03;
        Bytes trailing = wrapped(key.raw());
        trailing.push_back(0);
        Bytes cut = key.raw();
        cut.pop_back();
        Bytes off_curve = key.raw();
        off_curve[5] ^= 0x55;
        for (const Bytes& point : {wrong_length, wrong_tag, trailing, cut, off_curve, Bytes()}) {
            const auto read = public_key_of(algorithm, {curve, point, {}, {}});
            ASSERT_FALSE(read.ok()) << to_string(algorithm);
            EXPECT_EQ(read.error().code, Errc::corrupt);
        }
    }
}

TEST(KeyAttributes, RefusesAKeyOfAnotherCurve) {
    const Bytes p256 = curve_parameters(KeyAlgorithm::es256).front();
    const Bytes k1 = curve_parameters(KeyAlgorithm::es256k).front();
    const PublicKey key = SealSigner::es256(1).key();
    EXPECT_TRUE(public_key_of(KeyAlgorithm::es256, {p256, key.raw(), {}, {}}).ok());
    EXPECT_FALSE(public_key_of(KeyAlgorithm::es256, {k1, key.raw(), {}, {}}).ok());
    EXPECT_FALSE(public_key_of(KeyAlgorithm::es256k, {p256, key.raw(), {}, {}}).ok());
}

TEST(KeyAttributes, TakesRsaNumbersWithLeadingZeros) {
    const PublicKey key = SealSigner::ps256().key();
    Bytes padded = {0x00};
    append(padded, key.raw());
    const Bytes exponent = {0x00, 0x01, 0x00, 0x01};
    const auto read = public_key_of(KeyAlgorithm::ps256, {{}, {}, padded, exponent});
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, key);
    EXPECT_FALSE(public_key_of(KeyAlgorithm::ps256, {{}, {}, padded, {}}).ok());
    EXPECT_FALSE(public_key_of(KeyAlgorithm::ps256, {{}, {}, {}, exponent}).ok());
    EXPECT_FALSE(public_key_of(KeyAlgorithm::ps256, {{}, {}, padded, {0x03}}).ok());
}

}  // namespace
}  // namespace fieldseal::node::pkcs11
