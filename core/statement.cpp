// SPDX-License-Identifier: Apache-2.0
// The header's labels are in cose/labels.h; the seal map's are ours.
#include "core/statement.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/note/checkpoint.h"

#include <algorithm>
#include <cstdlib>

namespace fieldseal {
namespace {

constexpr std::int64_t kSealSha512 = 1;
constexpr std::int64_t kSealNonce = 2;
constexpr std::int64_t kSealFloor = 3;
constexpr std::int64_t kSealClock = 4;
constexpr std::int64_t kSealCustody = 5;
constexpr std::int64_t kSealApprovals = 6;

constexpr std::int64_t kClockSourceMax = 2;
constexpr std::int64_t kClockTrustMax = 2;
constexpr std::int64_t kCustodyMax = 3;
constexpr std::int64_t kFloorKindMin = 1;
constexpr std::int64_t kFloorKindMax = 3;
constexpr std::size_t kTypBytesMax = 127;
// Header map, seal map, clock array.
constexpr cbor::Limits kHeaderLimits{.bytes_max = 4096, .depth_max = 3, .items_max = 64};

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "statement: " + std::string(why)};
}

// restricted-name of RFC 6838 §4.2.
bool is_restricted_name(std::string_view name) {
    const auto is_alnum = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    constexpr std::string_view kOthers = "!#$&-^_.+";
    return !name.empty() && is_alnum(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_alnum(c) || kOthers.find(c) != std::string_view::npos;
    });
}

bool is_subject(std::string_view text) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    return !text.empty() && text.size() <= kSubjectBytesMax && is_utf8(text) &&
           std::none_of(text.begin(), text.end(), is_control);
}

template <class Enum>
std::int64_t number(Enum value) {
    return static_cast<std::int64_t>(value);
}

bool in_range(std::int64_t value, std::int64_t min, std::int64_t max) {
    return value >= min && value <= max;
}

// Enumerations and counts; a caller can only miss them with a cast.
Result<void> check_seal_claims(const StatementClaims& claims) {
    if (claims.floor && !in_range(number(claims.floor->kind), kFloorKindMin, kFloorKindMax)) {
        return refused("floor kind is not 1 to 3");
    }
    if (number(claims.clock.source) > kClockSourceMax) return refused("clock source is not 0 to 2");
    if (number(claims.clock.trust) > kClockTrustMax) return refused("clock trust is not 0 to 2");
    if (claims.clock.age_s && !in_range(*claims.clock.age_s, 0, kPosixSecondsMax)) {
        return refused("clock age is not within 0 to 2^53 - 1 seconds");
    }
    if (number(claims.custody) > kCustodyMax) return refused("custody is not 0 to 3");
    return {};
}

cbor::Value seal_map(const StatementClaims& claims) {
    cbor::Value seal = cbor::Value::map();
    seal.set_if(kSealSha512, claims.document_sha512);
    seal.set(kSealNonce, claims.nonce);
    if (claims.floor) {
        seal.set(kSealFloor,
                 cbor::Value::array({number(claims.floor->kind), claims.floor->digest}));
    }
    seal.set(kSealClock, cbor::Value::array({number(claims.clock.source), claims.clock.age_s,
                                             number(claims.clock.trust)}));
    seal.set(kSealCustody, number(claims.custody));
    seal.set_if(kSealApprovals, claims.approvals);
    return seal;
}

Result<void> read_cwt_claims(const cbor::Reader& at, StatementClaims& claims) {
    auto in = FIELDSEAL_TRY(at.map());
    const auto issuer = FIELDSEAL_TRY(in.required(cose::kCwtIssuer));
    claims.issuer = FIELDSEAL_TRY(issuer.text(note::kOriginBytesMax));
    const auto subject = FIELDSEAL_TRY(in.required(cose::kCwtSubject));
    claims.subject = FIELDSEAL_TRY(subject.text(kSubjectBytesMax));
    const auto issued_at = FIELDSEAL_TRY(in.required(cose::kCwtIssuedAt));
    claims.issued_at = FIELDSEAL_TRY(issued_at.integer(0, kPosixSecondsMax));
    return in.finish();
}

Result<FloorReference> read_floor(const cbor::Reader& at) {
    const auto parts = FIELDSEAL_TRY(at.items(2, 2));
    const auto kind = FIELDSEAL_TRY(parts[0].integer(kFloorKindMin, kFloorKindMax));
    return FloorReference{static_cast<FloorKind>(kind), FIELDSEAL_TRY(parts[1].digest())};
}

Result<ClockState> read_clock(const cbor::Reader& at) {
    const auto parts = FIELDSEAL_TRY(at.items(3, 3));
    ClockState clock;
    clock.source = static_cast<ClockSource>(FIELDSEAL_TRY(parts[0].integer(0, kClockSourceMax)));
    if (!parts[1].is_null()) clock.age_s = FIELDSEAL_TRY(parts[1].integer(0, kPosixSecondsMax));
    clock.trust = static_cast<ClockTrust>(FIELDSEAL_TRY(parts[2].integer(0, kClockTrustMax)));
    return clock;
}

Result<void> read_seal_map(const cbor::Reader& at, StatementClaims& claims) {
    auto in = FIELDSEAL_TRY(at.map());
    if (const auto sha512 = in.optional(kSealSha512)) {
        claims.document_sha512 = FIELDSEAL_TRY(sha512->fixed<kSha512Bytes>());
    }
    const auto nonce = FIELDSEAL_TRY(in.required(kSealNonce));
    claims.nonce = FIELDSEAL_TRY(nonce.fixed<kNonceBytes>());
    if (const auto floor = in.optional(kSealFloor)) {
        claims.floor = FIELDSEAL_TRY(read_floor(*floor));
    }
    const auto clock = FIELDSEAL_TRY(in.required(kSealClock));
    claims.clock = FIELDSEAL_TRY(read_clock(clock));
    const auto custody = FIELDSEAL_TRY(in.required(kSealCustody));
    claims.custody = static_cast<Custody>(FIELDSEAL_TRY(custody.integer(0, kCustodyMax)));
    if (const auto approvals = in.optional(kSealApprovals)) {
        claims.approvals = FIELDSEAL_TRY(approvals->digest());
    }
    return in.finish();
}

Result<Digest> read_x5t(const cbor::Reader& at) {
    const auto parts = FIELDSEAL_TRY(at.items(2, 2));
    FIELDSEAL_TRY(parts[0].integer(cose::kSha256, cose::kSha256));
    return parts[1].digest();
}

// typ first: a status snapshot or a stranger's object is named as such, not by its missing labels.
Result<void> check_typ(cbor::MapReader& in) {
    const auto typ = FIELDSEAL_TRY(in.required(cose::kTyp));
    const std::string type = FIELDSEAL_TRY(typ.text(kTypBytesMax));
    if (type == kStatementType) return {};
    return typ.error(fieldseal::quoted(type) + " is not " + std::string(kStatementType));
}

Result<void> read_header(cbor::MapReader& in, StatementClaims& claims) {
    const auto alg = FIELDSEAL_TRY(in.required(cose::kAlg));
    const auto algorithm = algorithm_from_cose(FIELDSEAL_TRY(alg.integer(INT64_MIN, INT64_MAX)));
    if (!algorithm) return alg.error("not ES256K (-47), ES256 (-7), EdDSA (-8) or PS256 (-37)");
    claims.algorithm = *algorithm;
    const auto kid = FIELDSEAL_TRY(in.required(cose::kKid));
    claims.kid = FIELDSEAL_TRY(kid.digest());
    const auto cwt_claims = FIELDSEAL_TRY(in.required(cose::kCwtClaims));
    FIELDSEAL_TRY(read_cwt_claims(cwt_claims, claims));
    if (const auto x5t = in.optional(cose::kX5t))
        claims.certificate = FIELDSEAL_TRY(read_x5t(*x5t));
    const auto hash = FIELDSEAL_TRY(in.required(cose::kPayloadHashAlg));
    FIELDSEAL_TRY(hash.integer(cose::kSha256, cose::kSha256));
    const auto media_type = FIELDSEAL_TRY(in.required(cose::kPreimageContentType));
    claims.media_type = FIELDSEAL_TRY(media_type.text(kMediaTypeBytesMax));
    const auto seal = FIELDSEAL_TRY(in.required(kSealLabel));
    FIELDSEAL_TRY(read_seal_map(seal, claims));
    return in.finish();
}

}  // namespace

std::string_view to_string(Custody custody) {
    switch (custody) {
        case Custody::software:
            return "software";
        case Custody::pkcs11:
            return "pkcs11";
        case Custody::pkcs11_sealed_inside:
            return "pkcs11-sealed-inside";
        case Custody::tpm:
            return "tpm";
    }
    std::abort();
}

bool is_media_type(std::string_view text) {
    const auto slash = text.find('/');
    return text.size() <= kMediaTypeBytesMax && slash != std::string_view::npos &&
           is_restricted_name(text.substr(0, slash)) && is_restricted_name(text.substr(slash + 1));
}

Result<void> check_claims(const StatementClaims& claims) {
    if (auto origin = note::check_origin(claims.issuer); !origin) {
        return std::move(origin).error().with_context("statement: issuer");
    }
    if (!is_subject(claims.subject)) {
        return refused("subject " + fieldseal::quoted(claims.subject) +
                       " is not 1 to 255 bytes of UTF-8 without control characters");
    }
    if (!in_range(claims.issued_at, 0, kPosixSecondsMax)) {
        return refused("issued-at " + std::to_string(claims.issued_at) +
                       " is not within 0 to 2^53 - 1 seconds");
    }
    if (!is_media_type(claims.media_type)) {
        return refused("media type " + fieldseal::quoted(claims.media_type) +
                       " is not type/subtype of at most 127 bytes (RFC 6838 §4.2)");
    }
    return check_seal_claims(claims);
}

Result<Bytes> build_protected(const StatementClaims& claims) {
    FIELDSEAL_TRY(check_claims(claims));
    cbor::Value header = cbor::Value::map({
        {cose::kAlg, cose_number(claims.algorithm)},
        {cose::kKid, claims.kid},
        {cose::kTyp, kStatementType},
        {cose::kPayloadHashAlg, cose::kSha256},
        {cose::kPreimageContentType, claims.media_type},
    });
    // Set, not listed: an initializer list would copy the maps with all that is in them.
    header.set(cose::kCwtClaims, cbor::Value::map({{cose::kCwtIssuer, claims.issuer},
                                                   {cose::kCwtSubject, claims.subject},
                                                   {cose::kCwtIssuedAt, claims.issued_at}}));
    header.set(kSealLabel, seal_map(claims));
    if (claims.certificate) {
        header.set(cose::kX5t, cbor::Value::array({cose::kSha256, *claims.certificate}));
    }
    return cbor::encode(header);
}

StatementTbs::StatementTbs(StatementClaims claims, Bytes protected_header)
    : claims_(std::move(claims)),
      protected_header_(std::move(protected_header)),
      preimage_(cose::sig_structure(protected_header_, claims_.document)) {}

Result<StatementTbs> StatementTbs::from(StatementClaims claims) {
    Bytes header = FIELDSEAL_TRY(build_protected(claims));
    return StatementTbs(std::move(claims), std::move(header));
}

std::string Statement::id() const {
    return hex_encode(entry);
}

Result<Statement> assemble(const StatementTbs& tbs, ByteView signature) {
    FIELDSEAL_TRY(check_signature_size(tbs.claims().algorithm, signature.size()));
    Statement statement{
        tbs.claims(),
        {tbs.protected_header(), to_bytes(tbs.claims().document), to_bytes(signature)},
        {}};
    statement.entry = cose::entry(statement.object);
    return statement;
}

Result<Statement> parse_statement(ByteView cose) {
    Statement statement;
    statement.object = FIELDSEAL_TRY(cose::parse(cose));
    statement.entry = sha256(cose);
    const auto header = cbor::decode(statement.object.protected_header, kHeaderLimits);
    if (!header) return header.error().with_context("statement: protected header");
    auto in = FIELDSEAL_TRY(cbor::Reader(*header, "protected").map());
    FIELDSEAL_TRY(check_typ(in));
    FIELDSEAL_TRY(read_header(in, statement.claims));
    const auto document = to_digest(statement.object.payload);
    if (!document) return refused("payload is not a SHA-256 digest of 32 bytes");
    statement.claims.document = *document;
    FIELDSEAL_TRY(check_claims(statement.claims));
    FIELDSEAL_TRY(
        check_signature_size(statement.claims.algorithm, statement.object.signature.size()));
    return statement;
}

Result<void> verify_statement(const Statement& statement, const PublicKey& key) {
    if (key.kid() != statement.claims.kid) {
        return Error{Errc::invalid_argument, "statement: signed by key " +
                                                 hex_encode(statement.claims.kid) + ", not by " +
                                                 hex_encode(key.kid())};
    }
    if (key.algorithm() != statement.claims.algorithm) {
        return refused("algorithm " + std::string(to_string(statement.claims.algorithm)) +
                       " does not fit a key of " + std::string(to_string(key.algorithm())));
    }
    const cose::Sign1& object = statement.object;
    return key.verify(cose::sig_structure(object.protected_header, object.payload),
                      object.signature);
}

}  // namespace fieldseal
