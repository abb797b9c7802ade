// SPDX-License-Identifier: Apache-2.0
//   CertificationRequestInfo ::= SEQUENCE { version 0, subject Name, SubjectPublicKeyInfo,
//                                           attributes [0] { extensionRequest } }   RFC 2986 §4.1
//   CertificationRequest     ::= SEQUENCE { info, signatureAlgorithm, BIT STRING }  RFC 2986 §4.2
#include "core/pki/certificate_request.h"

#include "core/encoding.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace fieldseal::pki {
namespace {

constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kBitString = 0x03;
constexpr std::uint8_t kOctetString = 0x04;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kUtf8String = 0x0c;
constexpr std::uint8_t kPrintableString = 0x13;
constexpr std::uint8_t kSequence = 0x30;
constexpr std::uint8_t kSet = 0x31;
constexpr std::uint8_t kAttributes = 0xa0;

constexpr std::size_t kNameCharactersMax = 64;
constexpr std::size_t kPemLineChars = 64;

using Oid = std::initializer_list<std::uint8_t>;
const Oid kCommonName = {0x55, 0x04, 0x03};
const Oid kCountry = {0x55, 0x04, 0x06};
const Oid kOrganisation = {0x55, 0x04, 0x0a};
const Oid kExtensionRequest = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
const Oid kKeyUsage = {0x55, 0x1d, 0x0f};
const Oid kExtendedKeyUsage = {0x55, 0x1d, 0x25};
const Oid kDocumentSigning = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x24};
const Oid kEcdsaWithSha256 = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
const Oid kEd25519 = {0x2b, 0x65, 0x70};

// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and 32 bytes of salt (RFC 4055 §3.1), DER.
constexpr std::array<std::uint8_t, 67> kPs256 = {
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30,
    0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
    0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
    0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

Bytes element(std::uint8_t tag, ByteView content) {
    Bytes out = {tag};
    const std::size_t size = content.size();
    if (size >= 0x100) {
        out.push_back(0x82);
        out.push_back(static_cast<std::uint8_t>(size >> 8));
    } else if (size >= 0x80) {
        out.push_back(0x81);
    }
    out.push_back(static_cast<std::uint8_t>(size));
    append(out, content);
    return out;
}

Bytes joined(std::initializer_list<ByteView> parts) {
    Bytes out;
    for (const ByteView part : parts) append(out, part);
    return out;
}

Bytes oid(const Oid& arcs) {
    return element(kOid, ByteView(arcs.begin(), arcs.size()));
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

Result<void> check_part(std::string_view what, std::string_view text) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    if (is_utf8(text) && characters(text) <= kNameCharactersMax &&
        std::none_of(text.begin(), text.end(), is_control)) {
        return {};
    }
    return Error{Errc::invalid_argument, "certificate request: the " + std::string(what) + " " +
                                             quoted(text) +
                                             " is not UTF-8 of at most 64 characters"};
}

Result<void> check_name(const RequestedName& name) {
    FIELDSEAL_TRY(check_part("common name", name.common_name));
    FIELDSEAL_TRY(check_part("organisation", name.organisation));
    if (name.common_name.empty()) {
        return Error{Errc::invalid_argument, "certificate request: the common name is empty"};
    }
    const bool is_country =
        name.country.size() == 2 && std::all_of(name.country.begin(), name.country.end(),
                                                [](char c) { return c >= 'A' && c <= 'Z'; });
    if (name.country.empty() || is_country) return {};
    return Error{Errc::invalid_argument, "certificate request: the country " +
                                             quoted(name.country) +
                                             " is not two capital letters (ISO 3166)"};
}

// One RelativeDistinguishedName with one attribute.
Bytes name_part(const Oid& type, std::uint8_t string_tag, std::string_view text) {
    if (text.empty()) return {};
    const Bytes pair = joined({oid(type), element(string_tag, as_bytes(text))});
    return element(kSet, element(kSequence, pair));
}

Bytes subject(const RequestedName& name) {
    return element(kSequence, joined({name_part(kCountry, kPrintableString, name.country),
                                      name_part(kOrganisation, kUtf8String, name.organisation),
                                      name_part(kCommonName, kUtf8String, name.common_name)}));
}

// RFC 5280 §4.2.1.3: bits 0 and 1 of a BIT STRING, six unused. Critical.
Bytes key_usage() {
    constexpr std::array<std::uint8_t, 4> kBits = {kBitString, 2, 6, 0xC0};
    constexpr std::array<std::uint8_t, 3> kCritical = {kBoolean, 1, 0xFF};
    return element(kSequence, joined({oid(kKeyUsage), kCritical, element(kOctetString, kBits)}));
}

Bytes extended_key_usage() {
    const Bytes purposes = element(kSequence, oid(kDocumentSigning));
    return element(kSequence, joined({oid(kExtendedKeyUsage), element(kOctetString, purposes)}));
}

Bytes attributes() {
    const Bytes extensions = element(kSequence, joined({key_usage(), extended_key_usage()}));
    const Bytes attribute =
        element(kSequence, joined({oid(kExtensionRequest), element(kSet, extensions)}));
    return element(kAttributes, attribute);
}

Bytes signature_algorithm(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::es256k:
        case Algorithm::es256:
            return element(kSequence, oid(kEcdsaWithSha256));
        case Algorithm::eddsa:
            return element(kSequence, oid(kEd25519));
        case Algorithm::ps256:
            break;
    }
    return to_bytes(kPs256);
}

// A positive INTEGER from big-endian bytes.
Bytes integer(ByteView number) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    Bytes content;
    if (number[0] >= 0x80) content.push_back(0);
    append(content, number);
    return element(kInteger, content);
}

// ECDSA-Sig-Value (RFC 3279 §2.2.3), or the bytes as they are.
Bytes signature_value(Algorithm algorithm, ByteView signature) {
    if (algorithm != Algorithm::es256k && algorithm != Algorithm::es256) return to_bytes(signature);
    return element(kSequence,
                   joined({integer(signature.first(32)), integer(signature.subspan(32))}));
}

}  // namespace

Result<RequestTbs> RequestTbs::from(const PublicKey& key, const RequestedName& name) {
    FIELDSEAL_TRY(check_name(name));
    constexpr std::array<std::uint8_t, 3> kVersion0 = {kInteger, 1, 0};
    return RequestTbs(
        key, element(kSequence, joined({kVersion0, subject(name), key.spki(), attributes()})));
}

Result<Bytes> assemble(const RequestTbs& tbs, ByteView signature) {
    const Algorithm algorithm = tbs.key().algorithm();
    FIELDSEAL_TRY(check_signature_size(algorithm, signature.size()));
    Bytes bits = {0};  // unused ones
    append(bits, signature_value(algorithm, signature));
    return element(kSequence, joined({tbs.preimage(), signature_algorithm(algorithm),
                                      element(kBitString, bits)}));
}

std::string request_to_pem(ByteView der) {
    const std::string base64 = base64_encode(der);
    std::string pem = "-----BEGIN CERTIFICATE REQUEST-----\n";
    for (std::size_t at = 0; at < base64.size(); at += kPemLineChars)
        pem += base64.substr(at, kPemLineChars) + "\n";
    return pem + "-----END CERTIFICATE REQUEST-----\n";
}

}  // namespace fieldseal::pki
