// SPDX-License-Identifier: Apache-2.0
#include "core/cose/sign1.h"

#include "core/cbor/cbor.h"
#include "core/hash.h"

#include <string>

namespace fieldseal::cose {
namespace {

constexpr std::uint8_t kTagSign1 = 0xD2;  // tag 18
constexpr std::uint8_t kArrayOfFour = 0x84;
constexpr std::uint8_t kEmptyMap = 0xA0;
constexpr std::size_t kFields = 4;
// The array, its four fields; an unprotected map is refused whatever it holds.
constexpr cbor::Limits kLimits{.bytes_max = kSign1BytesMax, .depth_max = 2, .items_max = 16};

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "COSE_Sign1: " + std::string(why)};
}

}  // namespace

Result<Sign1> parse(ByteView bytes) {
    if (bytes.empty() || bytes[0] != kTagSign1) return refused("does not start with tag 18");
    if (bytes.size() > kSign1BytesMax) return refused("longer than 65536 bytes");
    auto decoded = cbor::decode(bytes.subspan(1), kLimits);
    if (!decoded) return std::move(decoded).error().with_context("COSE_Sign1");
    if (!decoded->is_array() || decoded->as_array().size() != kFields) {
        return refused("not an array of four");
    }
    const cbor::Array& fields = decoded->as_array();
    if (!fields[0].is_bytes()) return refused("protected header is not a byte string");
    if (!fields[1].is_map()) return refused("unprotected header is not a map");
    if (!fields[1].as_map().empty()) return refused("unprotected header is not empty");
    if (!fields[2].is_bytes()) return refused("payload is not a byte string");
    if (!fields[3].is_bytes()) return refused("signature is not a byte string");
    if (fields[3].as_bytes().size() > kSignatureBytesMax) {
        return refused("signature longer than 512 bytes");
    }
    return Sign1{fields[0].as_bytes(), fields[2].as_bytes(), fields[3].as_bytes()};
}

Bytes encode(const Sign1& object) {
    Bytes out = {kTagSign1, kArrayOfFour};
    cbor::append_byte_string(out, object.protected_header);
    out.push_back(kEmptyMap);
    cbor::append_byte_string(out, object.payload);
    cbor::append_byte_string(out, object.signature);
    return out;
}

Bytes sig_structure(ByteView protected_header, ByteView payload) {
    Bytes out = {kArrayOfFour};
    cbor::append_text_string(out, "Signature1");
    cbor::append_byte_string(out, protected_header);
    cbor::append_byte_string(out, {});
    cbor::append_byte_string(out, payload);
    return out;
}

Digest entry(const Sign1& object) {
    return sha256(encode(object));
}

}  // namespace fieldseal::cose
