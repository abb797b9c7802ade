// SPDX-License-Identifier: Apache-2.0
#include "core/ecdsa_scalar.h"

#include <algorithm>

namespace fieldseal {
namespace {

constexpr std::size_t kScalarBytes = 32;
using Scalar = std::array<std::uint8_t, kScalarBytes>;

// The group orders, SEC 2 §2.4.1 and §2.4.2, big-endian.
constexpr Scalar kOrderSecp256k1 = {
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
    0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41};
constexpr Scalar kOrderP256 = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
                               0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
                               0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

constexpr Scalar halved(const Scalar& value) {
    Scalar half{};
    unsigned carry = 0;
    for (std::size_t i = 0; i < kScalarBytes; ++i) {
        const unsigned wide = (carry << 8) | value[i];
        half[i] = static_cast<std::uint8_t>(wide >> 1);
        carry = wide & 1U;
    }
    return half;
}

// Orders are odd, so halving drops the one: (n - 1) / 2.
constexpr Scalar kHalfSecp256k1 = halved(kOrderSecp256k1);
constexpr Scalar kHalfP256 = halved(kOrderP256);

ByteView s_of(const EcdsaSignature& signature) {
    return ByteView(signature).subspan(kScalarBytes);
}

}  // namespace

bool is_low_s(Curve curve, const EcdsaSignature& signature) {
    const Scalar& half = curve == Curve::secp256k1 ? kHalfSecp256k1 : kHalfP256;
    const ByteView s = s_of(signature);
    return !std::lexicographical_compare(half.begin(), half.end(), s.begin(), s.end());
}

EcdsaSignature to_low_s(Curve curve, const EcdsaSignature& signature) {
    if (is_low_s(curve, signature)) return signature;
    const Scalar& order = curve == Curve::secp256k1 ? kOrderSecp256k1 : kOrderP256;
    EcdsaSignature lowered = signature;
    int borrow = 0;
    for (std::size_t i = kScalarBytes; i-- > 0;) {
        const int difference = order[i] - signature[kScalarBytes + i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        lowered[kScalarBytes + i] = static_cast<std::uint8_t>(difference);
    }
    return lowered;
}

}  // namespace fieldseal
