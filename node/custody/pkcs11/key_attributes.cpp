// SPDX-License-Identifier: Apache-2.0
#include "node/custody/pkcs11/key_attributes.h"

#include "core/check.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace fieldseal::node::pkcs11 {
namespace {

constexpr std::uint8_t kDerOctetString = 0x04;
constexpr std::size_t kEd25519PointBytes = 32;

// OBJECT IDENTIFIERs 1.3.132.0.10, 1.2.840.10045.3.1.7 and 1.3.101.112 in DER.
constexpr std::array<std::uint8_t, 7> kSecp256k1 = {0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A};
constexpr std::array<std::uint8_t, 10> kP256 = {0x06, 0x08, 0x2A, 0x86, 0x48,
                                                0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> kEd25519 = {0x06, 0x03, 0x2B, 0x65, 0x70};
// PrintableString "edwards25519".
constexpr std::array<std::uint8_t, 14> kEd25519Name = {0x13, 0x0C, 'e', 'd', 'w', 'a', 'r',
                                                       'd',  's',  '2', '5', '5', '1', '9'};

Error bad(std::string_view why) {
    return Error{Errc::corrupt, "the token's public key " + std::string(why)};
}

// The `size` bytes of a point, wrapped or not. Both sizes are below 128, so the length is one byte.
Result<ByteView> point_of(ByteView attribute, std::size_t size) {
    if (attribute.size() == size) return attribute;
    const bool wrapped =
        attribute.size() == size + 2 && attribute[0] == kDerOctetString && attribute[1] == size;
    if (wrapped) return attribute.subspan(2);
    return bad("is no point: it has " + std::to_string(attribute.size()) + " bytes");
}

ByteView without_leading_zeros(ByteView number) {
    while (!number.empty() && number[0] == 0) number = number.subspan(1);
    return number;
}

Result<PublicKey> checked(Result<PublicKey> key) {
    if (key.ok()) return key;
    return bad("cannot be used: " + key.error().message);
}

}  // namespace

std::vector<Bytes> curve_parameters(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
            return {to_bytes(kSecp256k1)};
        case KeyAlgorithm::es256:
            return {to_bytes(kP256)};
        case KeyAlgorithm::eddsa:
            return {to_bytes(kEd25519), to_bytes(kEd25519Name)};
        case KeyAlgorithm::ps256:
        case KeyAlgorithm::hmac_sha256:
            break;
    }
    return {};
}

Result<PublicKey> public_key_of(KeyAlgorithm algorithm, const PublicAttributes& attributes) {
    if (algorithm == KeyAlgorithm::ps256) {
        return checked(PublicKey::ps256_from_modulus(without_leading_zeros(attributes.modulus),
                                                     without_leading_zeros(attributes.exponent)));
    }
    const std::vector<Bytes> curves = curve_parameters(algorithm);
    if (std::find(curves.begin(), curves.end(), attributes.ec_parameters) == curves.end()) {
        return bad("is on another curve than " + std::string(to_string(algorithm)) + " needs");
    }
    if (algorithm == KeyAlgorithm::eddsa) {
        return checked(PublicKey::eddsa_from_raw32(
            FIELDSEAL_TRY(point_of(attributes.ec_point, kEd25519PointBytes))));
    }
    const ByteView point = FIELDSEAL_TRY(point_of(attributes.ec_point, kEcPointBytes));
    return checked(algorithm == KeyAlgorithm::es256k ? PublicKey::es256k_from_point65(point)
                                                     : PublicKey::es256_from_point65(point));
}

Algorithm signature_algorithm(KeyAlgorithm algorithm) {
    switch (algorithm) {
        case KeyAlgorithm::es256k:
            return Algorithm::es256k;
        case KeyAlgorithm::es256:
            return Algorithm::es256;
        case KeyAlgorithm::eddsa:
            return Algorithm::eddsa;
        case KeyAlgorithm::ps256:
            return Algorithm::ps256;
        case KeyAlgorithm::hmac_sha256:
            break;
    }
    FIELDSEAL_CHECK(false);
    std::abort();
}

}  // namespace fieldseal::node::pkcs11
