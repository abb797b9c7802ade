// SPDX-License-Identifier: Apache-2.0
// Payload: { 1: origin, 2: kid of the old seal, 3: SPKI of the new seal }
#include "core/rotation.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/note/checkpoint.h"
#include "core/statement.h"

namespace fieldseal {
namespace {

constexpr std::int64_t kOrigin = 1;
constexpr std::int64_t kOldKid = 2;
constexpr std::int64_t kNewKey = 3;

constexpr std::size_t kTypBytesMax = 127;
// As large as a statement's, so that a statement is refused for its typ.
constexpr cbor::Limits kHeaderLimits{.bytes_max = 4096, .depth_max = 3, .items_max = 64};
constexpr cbor::Limits kPayloadLimits{
    .bytes_max = kRotationBytesMax, .depth_max = 1, .items_max = 8};

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "rotation: " + std::string(why)};
}

Result<void> check_rotation(const Rotation& rotation) {
    if (auto origin = note::check_origin(rotation.origin); !origin) {
        return std::move(origin).error().with_context("rotation: origin");
    }
    if (rotation.issued_at < 0 || rotation.issued_at > kPosixSecondsMax) {
        return refused("issued-at is not within 0 to 2^53 - 1 seconds");
    }
    if (rotation.key.kid() == rotation.old_kid) return refused("a seal cannot succeed itself");
    return {};
}

struct Header {
    Algorithm algorithm = Algorithm::eddsa;
    Digest kid{};
    std::string origin;
    std::int64_t issued_at = 0;
};

Result<Header> read_header(cbor::MapReader& in) {
    Header header;
    const auto typ = FIELDSEAL_TRY(in.required(cose::kTyp));
    const std::string type = FIELDSEAL_TRY(typ.text(kTypBytesMax));
    if (type != kRotationType) {
        return typ.error(fieldseal::quoted(type) + " is not " + std::string(kRotationType));
    }
    const auto alg = FIELDSEAL_TRY(in.required(cose::kAlg));
    const auto algorithm = algorithm_from_cose(FIELDSEAL_TRY(alg.integer(INT64_MIN, INT64_MAX)));
    if (!algorithm) return alg.error("not ES256K (-47), ES256 (-7), EdDSA (-8) or PS256 (-37)");
    header.algorithm = *algorithm;
    const auto kid = FIELDSEAL_TRY(in.required(cose::kKid));
    header.kid = FIELDSEAL_TRY(kid.digest());
    const auto cwt_claims = FIELDSEAL_TRY(in.required(cose::kCwtClaims));
    auto claims = FIELDSEAL_TRY(cwt_claims.map());
    const auto issuer = FIELDSEAL_TRY(claims.required(cose::kCwtIssuer));
    header.origin = FIELDSEAL_TRY(issuer.text(note::kOriginBytesMax));
    const auto issued_at = FIELDSEAL_TRY(claims.required(cose::kCwtIssuedAt));
    header.issued_at = FIELDSEAL_TRY(issued_at.integer(0, kPosixSecondsMax));
    FIELDSEAL_TRY(claims.finish());
    FIELDSEAL_TRY(in.finish());
    return header;
}

Result<Rotation> read_payload(cbor::MapReader& in, const Header& header) {
    const auto origin = FIELDSEAL_TRY(in.required(kOrigin));
    if (FIELDSEAL_TRY(origin.text(note::kOriginBytesMax)) != header.origin) {
        return origin.error("is not the issuer of the protected header");
    }
    const auto old_kid = FIELDSEAL_TRY(in.required(kOldKid));
    const Digest kid = FIELDSEAL_TRY(old_kid.digest());
    const auto new_key = FIELDSEAL_TRY(in.required(kNewKey));
    const Bytes spki = FIELDSEAL_TRY(new_key.bytes(1, kSpkiBytesMax));
    auto key = FIELDSEAL_TRY(PublicKey::from_spki(spki));
    if (key.kid() != header.kid || key.algorithm() != header.algorithm) {
        return new_key.error("is not the key that the protected header names");
    }
    FIELDSEAL_TRY(in.finish());
    return Rotation{header.origin, header.issued_at, kid, std::move(key)};
}

}  // namespace

RotationTbs::RotationTbs(Rotation rotation, Bytes protected_header, Bytes payload)
    : rotation_(std::move(rotation)),
      protected_header_(std::move(protected_header)),
      payload_(std::move(payload)),
      preimage_(cose::sig_structure(protected_header_, payload_)) {}

Result<RotationTbs> RotationTbs::from(Rotation rotation) {
    FIELDSEAL_TRY(check_rotation(rotation));
    Bytes header = cbor::encode(cbor::Value::map({
        {cose::kAlg, cose_number(rotation.key.algorithm())},
        {cose::kKid, rotation.key.kid()},
        {cose::kCwtClaims, cbor::Value::map({{cose::kCwtIssuer, rotation.origin},
                                             {cose::kCwtIssuedAt, rotation.issued_at}})},
        {cose::kTyp, kRotationType},
    }));
    Bytes payload = cbor::encode(cbor::Value::map(
        {{kOrigin, rotation.origin}, {kOldKid, rotation.old_kid}, {kNewKey, rotation.key.spki()}}));
    return RotationTbs(std::move(rotation), std::move(header), std::move(payload));
}

Result<Bytes> assemble(const RotationTbs& tbs, ByteView signature) {
    FIELDSEAL_TRY(check_signature_size(tbs.rotation_.key.algorithm(), signature.size()));
    return cose::encode(cose::Sign1{tbs.protected_header_, tbs.payload_, to_bytes(signature)});
}

Result<Rotation> parse_rotation(ByteView cose) {
    if (cose.size() > kRotationBytesMax) return refused("it is longer than 4096 bytes");
    const auto object = FIELDSEAL_TRY(cose::parse(cose));
    const auto header_value = cbor::decode(object.protected_header, kHeaderLimits);
    if (!header_value) return header_value.error().with_context("rotation: protected header");
    auto in = FIELDSEAL_TRY(cbor::Reader(*header_value, "protected").map());
    const Header header = FIELDSEAL_TRY(read_header(in));
    const auto payload = cbor::decode(object.payload, kPayloadLimits);
    if (!payload) return payload.error().with_context("rotation: payload");
    auto fields = FIELDSEAL_TRY(cbor::Reader(*payload, "payload").map());
    auto rotation = FIELDSEAL_TRY(read_payload(fields, header));
    FIELDSEAL_TRY(check_rotation(rotation));
    FIELDSEAL_TRY(check_signature_size(header.algorithm, object.signature.size()));
    const auto verified = rotation.key.verify(
        cose::sig_structure(object.protected_header, object.payload), object.signature);
    if (!verified.ok()) return verified.error().with_context("rotation: the new seal's signature");
    return rotation;
}

}  // namespace fieldseal
