// SPDX-License-Identifier: Apache-2.0
// For EC and Ed25519 everything before the key is a constant, so the strict parser is a comparison.
// RSA: SEQUENCE { AlgorithmIdentifier, BIT STRING { SEQUENCE { INTEGER n, INTEGER e } } }; n and e
// are read and written back, and the two must be equal.
#include "core/spki.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace fieldseal {
namespace {

// SEQUENCE { SEQUENCE { id-ecPublicKey, secp256k1 }, BIT STRING (0 unused bits) … } (RFC 5480).
constexpr std::array<std::uint8_t, 23> kPrefixSecp256k1 = {
    0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02,
    0x01, 0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x0A, 0x03, 0x42, 0x00};
// The same with prime256v1.
constexpr std::array<std::uint8_t, 26> kPrefixP256 = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
// SEQUENCE { SEQUENCE { id-Ed25519 }, BIT STRING … } (RFC 8410 §4).
constexpr std::array<std::uint8_t, 12> kPrefixEd25519 = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                                         0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
// SEQUENCE { rsaEncryption, NULL } (RFC 3279 §2.3.1).
constexpr std::array<std::uint8_t, 15> kRsaIdentifier = {
    0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};

constexpr std::uint8_t kTagInteger = 0x02;
constexpr std::uint8_t kTagBitString = 0x03;
constexpr std::uint8_t kTagSequence = 0x30;
constexpr std::uint8_t kUncompressed = 0x04;

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "public key (SPKI): " + std::string(why)};
}

bool starts_with(ByteView bytes, ByteView prefix) {
    return bytes.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

Bytes joined(ByteView first, ByteView second) {
    Bytes out = to_bytes(first);
    append(out, second);
    return out;
}

Bytes der(std::uint8_t tag, ByteView content) {
    Bytes out = {tag};
    if (content.size() > 0xFF) {
        out.push_back(0x82);
        append_u16_be(out, static_cast<std::uint16_t>(content.size()));
    } else if (content.size() > 0x7F) {
        out.push_back(0x81);
        out.push_back(static_cast<std::uint8_t>(content.size()));
    } else {
        out.push_back(static_cast<std::uint8_t>(content.size()));
    }
    append(out, content);
    return out;
}

Bytes der_integer(ByteView magnitude) {
    Bytes content;
    if (!magnitude.empty() && magnitude[0] >= 0x80) content.push_back(0);
    append(content, magnitude);
    return der(kTagInteger, content);
}

Bytes encode_rsa(const SpkiParts& parts) {
    const Bytes key =
        der(kTagSequence, joined(der_integer(parts.raw), der_integer(parts.exponent)));
    const Bytes bits = der(kTagBitString, joined(Bytes{0}, key));
    return der(kTagSequence, joined(kRsaIdentifier, bits));
}

// Takes one element with the tag off the front of `rest`. Lenient about the length's form: the
// caller compares the re-encoding.
std::optional<ByteView> take(ByteView& rest, std::uint8_t tag) {
    if (rest.size() < 2 || rest[0] != tag) return std::nullopt;
    std::size_t length = rest[1];
    std::size_t header = 2;
    if (length == 0x81 && rest.size() >= 3) {
        length = rest[2];
        header = 3;
    } else if (length == 0x82 && rest.size() >= 4) {
        length = read_u16_be(rest.subspan(2));
        header = 4;
    } else if (length > 0x7F) {
        return std::nullopt;
    }
    if (rest.size() - header < length) return std::nullopt;
    const ByteView content = rest.subspan(header, length);
    rest = rest.subspan(header + length);
    return content;
}

Bytes magnitude_of(ByteView integer) {
    if (integer.size() > 1 && integer[0] == 0) integer = integer.subspan(1);
    return to_bytes(integer);
}

Result<SpkiParts> decode_rsa(ByteView whole, ByteView inside) {
    const Error malformed = refused("RSA key is not in the DER form of RFC 3279");
    inside = inside.subspan(kRsaIdentifier.size());
    auto bits = take(inside, kTagBitString);
    if (!bits || bits->empty()) return malformed;
    ByteView key = bits->subspan(1);
    auto numbers = take(key, kTagSequence);
    if (!numbers) return malformed;
    const auto modulus = take(*numbers, kTagInteger);
    const auto exponent = take(*numbers, kTagInteger);
    if (!modulus || !exponent) return malformed;
    SpkiParts parts{Algorithm::ps256, magnitude_of(*modulus), magnitude_of(*exponent)};
    const Bytes again = encode_rsa(parts);
    if (!std::equal(again.begin(), again.end(), whole.begin(), whole.end())) return malformed;
    return parts;
}

Result<SpkiParts> decode_point(Algorithm algorithm, ByteView point) {
    if (point.size() != kEcPointBytes || point[0] != kUncompressed) {
        return refused("EC point is not 65 bytes, uncompressed (04 ‖ x ‖ y)");
    }
    return SpkiParts{algorithm, to_bytes(point), {}};
}

bool has_curve_identifier(ByteView der_bytes) {
    // id-ecPublicKey anywhere in the head: compressed points and explicit parameters land here.
    constexpr std::array<std::uint8_t, 9> kIdEcPublicKey = {0x06, 0x07, 0x2A, 0x86, 0x48,
                                                            0xCE, 0x3D, 0x02, 0x01};
    const ByteView head = der_bytes.first(std::min<std::size_t>(der_bytes.size(), 20));
    return std::search(head.begin(), head.end(), kIdEcPublicKey.begin(), kIdEcPublicKey.end()) !=
           head.end();
}

}  // namespace

Bytes encode_spki(const SpkiParts& parts) {
    switch (parts.algorithm) {
        case Algorithm::es256k:
            return joined(kPrefixSecp256k1, parts.raw);
        case Algorithm::es256:
            return joined(kPrefixP256, parts.raw);
        case Algorithm::eddsa:
            return joined(kPrefixEd25519, parts.raw);
        case Algorithm::ps256:
            break;
    }
    return encode_rsa(parts);
}

Result<SpkiParts> decode_spki(ByteView bytes) {
    if (bytes.size() > kSpkiBytesMax) return refused("longer than 1024 bytes");
    if (starts_with(bytes, kPrefixSecp256k1)) {
        return decode_point(Algorithm::es256k, bytes.subspan(kPrefixSecp256k1.size()));
    }
    if (starts_with(bytes, kPrefixP256)) {
        return decode_point(Algorithm::es256, bytes.subspan(kPrefixP256.size()));
    }
    if (starts_with(bytes, kPrefixEd25519)) {
        const ByteView raw = bytes.subspan(kPrefixEd25519.size());
        if (raw.size() != kEd25519KeyBytes) return refused("Ed25519 key is not 32 bytes");
        return SpkiParts{Algorithm::eddsa, to_bytes(raw), {}};
    }
    ByteView rest = bytes;
    const auto inside = take(rest, kTagSequence);
    if (!inside || !rest.empty()) return refused("not one DER SEQUENCE");
    if (starts_with(*inside, kRsaIdentifier)) return decode_rsa(bytes, *inside);
    if (has_curve_identifier(bytes)) {
        return refused("EC key is not an uncompressed point on the named curve secp256k1 or P-256");
    }
    return Error{Errc::unsupported,
                 "public key (SPKI): not secp256k1, P-256, Ed25519 or rsaEncryption"};
}

}  // namespace fieldseal
