// SPDX-License-Identifier: Apache-2.0
// RFC 5280 (certificates, lists), RFC 3161 (tokens, replies), RFC 5652 (SignedData), RFC 5035 (the
// signer's certificate among the signed attributes).
#include "tests/support/stamp_maker.h"

#include "core/encoding.h"
#include "tests/support/der_writer.h"
#include "tests/support/time_text.h"

namespace fieldseal::testing {
namespace {

constexpr std::uint8_t kUtf8String = 0x0C;
constexpr std::uint8_t kEnumerated = 0x0A;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kSetTag = 0x31;

constexpr std::string_view kCommonName = "2.5.4.3";
constexpr std::string_view kBasicConstraints = "2.5.29.19";
constexpr std::string_view kKeyUsage = "2.5.29.15";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
constexpr std::string_view kReasonCode = "2.5.29.21";
constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::string_view kTstInfo = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
constexpr std::string_view kSigningCertificate = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

// [number], explicit or a constructed implicit one.
Bytes tagged(std::uint8_t number, ByteView content) {
    return der(static_cast<std::uint8_t>(0xA0 | number), content);
}
// A primitive implicit [number].
Bytes retagged(std::uint8_t number, Bytes element) {
    element[0] = static_cast<std::uint8_t>(0x80 | number);
    return element;
}

Bytes name_of(std::string_view common_name) {
    return der_sequence(
        {der_set({der_sequence({der_oid(kCommonName), der(kUtf8String, as_bytes(common_name))})})});
}

Bytes extension(std::string_view oid, bool is_critical, ByteView value) {
    return der_sequence({der_oid(oid), is_critical ? der_true() : Bytes(), der_octets(value)});
}

Bytes usages_of(const CertificatePlan& plan) {
    Bytes usages;
    for (const std::string_view usage : plan.usages) append(usages, der_oid(usage));
    return extension(kExtendedKeyUsage, plan.usages_are_critical, der(0x30, usages));
}

Bytes extensions_of(const CertificatePlan& plan) {
    Bytes list;
    if (plan.is_authority) {
        append(list, extension(kBasicConstraints, true, der_sequence({der_true()})));
        append(list, extension(kKeyUsage, true, der(kBitString, Bytes{0x01, 0x06})));
    }
    if (!plan.usages.empty()) append(list, usages_of(plan));
    return list.empty() ? list : tagged(3, der(0x30, list));
}

Bytes sign_around(const Bytes& tbs, const StampKey& key, StampHash hash) {
    return der_sequence({tbs, key.algorithm(hash), der_bits(key.sign(tbs, hash))});
}

Bytes attribute(std::string_view oid, const Bytes& value) {
    return der_sequence({der_oid(oid), der_set({value})});
}

// ESSCertID is SHA-1 without a name of the hash; ESSCertIDv2's default is SHA-256.
Bytes signing_certificate(const TokenPlan& plan, const Bytes& own) {
    const StampHash hash = plan.named_by_sha1 ? StampHash::sha1 : StampHash::sha256;
    const std::vector<Bytes> named = plan.named.empty() ? std::vector<Bytes>{own} : plan.named;
    Bytes ids;
    for (const Bytes& certificate : named) {
        append(ids, der_sequence({der_octets(hash_with(hash, certificate))}));
    }
    return attribute(plan.named_by_sha1 ? kSigningCertificate : kSigningCertificateV2,
                     der_sequence({der(0x30, ids)}));
}

Bytes accuracy_of(const AccuracyPlan& plan) {
    Bytes content;
    if (plan.seconds) append(content, der_number(*plan.seconds));
    if (plan.millis) append(content, retagged(0, der_number(*plan.millis)));
    if (plan.micros) append(content, retagged(1, der_number(*plan.micros)));
    return der(0x30, content);
}

Bytes tst_info_of(const TokenPlan& plan) {
    return der_sequence(
        {der_number(plan.version), der_oid(plan.policy),
         der_sequence({der_algorithm_null(oid_of(plan.imprint_hash)), der_octets(plan.imprint)}),
         der_number(0x4711), der_generalized_time(plan.time),
         plan.accuracy ? accuracy_of(*plan.accuracy) : Bytes(),
         plan.nonce.empty() ? Bytes() : der_number_of(plan.nonce),
         plan.extensions.empty() ? Bytes() : tagged(1, plan.extensions)});
}

Bytes signer_info(const TokenPlan& plan, const Bytes& info, const Bytes& certificate) {
    std::vector<Bytes> attributes = {
        attribute(kContentType, der_oid(kTstInfo)),
        attribute(kMessageDigest, der_octets(hash_with(plan.hash, info))),
        signing_certificate(plan, certificate)};
    if (plan.edit_attributes) plan.edit_attributes(attributes);
    const Bytes signed_attributes = der_set(attributes);
    Bytes signature = plan.signer.key.sign(signed_attributes, plan.hash);
    if (plan.edit_signature) plan.edit_signature(signature);
    Bytes tagged_attributes = signed_attributes;
    tagged_attributes[0] = 0xA0;
    return der_sequence(
        {der_number(1), der_sequence({name_of(plan.signer.issuer), der_number(plan.signer.serial)}),
         der_algorithm_null(oid_of(plan.hash)), attributes.empty() ? Bytes() : tagged_attributes,
         plan.signer.key.algorithm(plan.hash), der_octets(signature)});
}

}  // namespace

Bytes make_certificate(const CertificatePlan& plan) {
    const Bytes tbs = der_sequence(
        {tagged(0, der_number(2)), der_number(plan.serial), plan.issuer_key.algorithm(plan.hash),
         name_of(plan.issuer), der_sequence({der_time(plan.from_s), der_time(plan.until_s)}),
         name_of(plan.subject), plan.spki.empty() ? plan.key.spki() : plan.spki,
         extensions_of(plan)});
    return sign_around(tbs, plan.issuer_key, plan.hash);
}

std::string to_pem(ByteView certificate) {
    constexpr std::size_t kLine = 64;
    const std::string body = base64_encode(certificate);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < body.size(); at += kLine) pem += body.substr(at, kLine) + "\n";
    return pem + "-----END CERTIFICATE-----\n";
}

Bytes make_crl(const CrlPlan& plan) {
    Bytes list;
    for (const RevokedPlan& revoked : plan.revoked) {
        Bytes reason;
        if (revoked.reason) {
            reason = der_sequence(
                {extension(kReasonCode, false, der(kEnumerated, Bytes{*revoked.reason}))});
        }
        append(list, der_sequence({der_number(revoked.serial), der_time(revoked.at_s), reason}));
    }
    const Bytes tbs = der_sequence({der_number(1), plan.issuer_key.algorithm(StampHash::sha256),
                                    name_of(plan.issuer), der_time(plan.this_update_s),
                                    list.empty() ? Bytes() : der(0x30, list)});
    return sign_around(tbs, plan.issuer_key, StampHash::sha256);
}

Bytes make_token(const TokenPlan& plan) {
    Bytes info = tst_info_of(plan);
    if (plan.edit_info) plan.edit_info(info);
    const Bytes certificate = make_certificate(plan.signer);
    Bytes certificates = plan.with_certificate ? certificate : Bytes();
    for (const Bytes& more : plan.certificates) append(certificates, more);
    const Bytes signer = signer_info(plan, info, certificate);
    Bytes signers;
    for (std::size_t i = 0; i < plan.signers; ++i) append(signers, signer);
    if (plan.edit_content) plan.edit_content(info);
    const Bytes signed_data = der_sequence(
        {der_number(3), der_set({der_algorithm_null(oid_of(plan.hash))}),
         der_sequence({der_oid(kTstInfo), tagged(0, der_octets(info))}),
         certificates.empty() ? Bytes() : tagged(0, certificates), der(kSetTag, signers)});
    return der_sequence({der_oid(kSignedData), tagged(0, signed_data)});
}

Bytes make_reply(const ReplyPlan& plan) {
    Bytes failure;
    if (plan.failure) {
        Bytes bits(1 + *plan.failure / 8 + 1, 0);
        bits[0] = static_cast<std::uint8_t>(7 - *plan.failure % 8);
        bits.back() = static_cast<std::uint8_t>(0x80 >> *plan.failure % 8);
        failure = der(kBitString, bits);
    }
    const Bytes text =
        plan.text.empty() ? Bytes() : der_sequence({der(kUtf8String, as_bytes(plan.text))});
    return der_sequence({der_sequence({der_number(plan.status), text, failure}), plan.token});
}

}  // namespace fieldseal::testing
