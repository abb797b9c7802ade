// SPDX-License-Identifier: Apache-2.0
// Entry: { 1: seq, 2: previous digest / null, 3: at, 4: actor, 5: action, 6: subject / null,
//          7: outcome, 8: remote / null }
// Payload of a head: { 1: origin, 2: count, 3: digest of the newest entry, 4: as_of_size }
#include "core/audit.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/note/checkpoint.h"
#include "core/statement.h"

#include <algorithm>

namespace fieldseal {
namespace {

constexpr std::int64_t kSeq = 1;
constexpr std::int64_t kEntryPrevious = 2;
constexpr std::int64_t kAt = 3;
constexpr std::int64_t kActor = 4;
constexpr std::int64_t kAction = 5;
constexpr std::int64_t kSubject = 6;
constexpr std::int64_t kOutcome = 7;
constexpr std::int64_t kRemote = 8;

constexpr std::int64_t kOrigin = 1;
constexpr std::int64_t kCount = 2;
constexpr std::int64_t kNewest = 3;
constexpr std::int64_t kAsOfSize = 4;

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;
constexpr std::size_t kTypBytesMax = 127;
constexpr cbor::Limits kEntryLimits{
    .bytes_max = kAuditEntryBytesMax, .depth_max = 1, .items_max = 17};
// As large as a statement's, so that a statement is refused for its typ.
constexpr cbor::Limits kHeaderLimits{.bytes_max = 4096, .depth_max = 3, .items_max = 64};
constexpr cbor::Limits kPayloadLimits{.bytes_max = 1024, .depth_max = 1, .items_max = 9};

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "audit: " + std::string(why)};
}

Error conflict(std::string_view why) {
    return {Errc::conflict, "audit entry does not follow: " + std::string(why)};
}

bool is_line(std::string_view text) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= kAuditWordBytesMax &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
}

Result<void> check_line(std::string_view name, const std::string& text, std::size_t bytes_max) {
    if (text.size() <= bytes_max && is_line(text)) return {};
    return refused(std::string(name) + " " + fieldseal::quoted(text) + " is not at most " +
                   std::to_string(bytes_max) + " bytes of UTF-8 without control characters");
}

Result<void> check_entry(const AuditEntry& entry) {
    if (entry.seq >= std::uint64_t{kIntegerMax}) return refused("seq is beyond 2^53 - 2");
    if (entry.previous.has_value() != (entry.seq != 0)) {
        return refused("previous is null exactly in the first entry (seq 0)");
    }
    if (entry.at_s < 0 || entry.at_s > kPosixSecondsMax) {
        return refused("the time is not within 0 to 2^53 - 1 seconds");
    }
    for (const std::string* word : {&entry.action, &entry.outcome}) {
        if (!is_word(*word)) {
            return refused(fieldseal::quoted(*word) + " is not a word of a-z and '-'");
        }
    }
    if (entry.actor.empty()) return refused("an entry needs an actor");
    FIELDSEAL_TRY(check_line("actor", entry.actor, kAuditActorBytesMax));
    FIELDSEAL_TRY(check_line("subject", entry.subject, kAuditSubjectBytesMax));
    return check_line("remote", entry.remote, kAuditRemoteBytesMax);
}

cbor::Value text_or_null(const std::string& text) {
    return text.empty() ? cbor::Value() : cbor::Value(text);
}

Result<std::string> read_maybe(const cbor::Reader& at, std::size_t bytes_max) {
    return at.is_null() ? Result<std::string>(std::string()) : at.text(bytes_max);
}

Result<std::uint64_t> read_count(const cbor::Reader& at) {
    return static_cast<std::uint64_t>(FIELDSEAL_TRY(at.integer(0, kIntegerMax)));
}

Result<AuditEntry> read_entry(cbor::MapReader& in) {
    AuditEntry entry;
    const auto seq = FIELDSEAL_TRY(in.required(kSeq));
    entry.seq = FIELDSEAL_TRY(read_count(seq));
    const auto previous = FIELDSEAL_TRY(in.required(kEntryPrevious));
    if (!previous.is_null()) entry.previous = FIELDSEAL_TRY(previous.digest());
    const auto at = FIELDSEAL_TRY(in.required(kAt));
    entry.at_s = FIELDSEAL_TRY(at.integer(0, kPosixSecondsMax));
    const auto actor = FIELDSEAL_TRY(in.required(kActor));
    entry.actor = FIELDSEAL_TRY(actor.text(kAuditActorBytesMax));
    const auto action = FIELDSEAL_TRY(in.required(kAction));
    entry.action = FIELDSEAL_TRY(action.text(kAuditWordBytesMax));
    const auto subject = FIELDSEAL_TRY(in.required(kSubject));
    entry.subject = FIELDSEAL_TRY(read_maybe(subject, kAuditSubjectBytesMax));
    const auto outcome = FIELDSEAL_TRY(in.required(kOutcome));
    entry.outcome = FIELDSEAL_TRY(outcome.text(kAuditWordBytesMax));
    const auto remote = FIELDSEAL_TRY(in.required(kRemote));
    entry.remote = FIELDSEAL_TRY(read_maybe(remote, kAuditRemoteBytesMax));
    FIELDSEAL_TRY(in.finish());
    return entry;
}

Result<void> check_head(const AuditHead& head) {
    if (auto origin = note::check_origin(head.origin); !origin) {
        return std::move(origin).error().with_context("audit: origin");
    }
    if (head.issued_at < 0 || head.issued_at > kPosixSecondsMax) {
        return refused("issued-at is not within 0 to 2^53 - 1 seconds");
    }
    if (head.count < 1 || head.count > std::uint64_t{kIntegerMax} ||
        head.as_of_size > std::uint64_t{kIntegerMax}) {
        return refused("count is not 1 to 2^53 - 1, or as_of_size is beyond it");
    }
    return {};
}

Bytes build_header(const AuditHead& head) {
    return cbor::encode(cbor::Value::map({
        {cose::kAlg, cose_number(head.algorithm)},
        {cose::kKid, head.kid},
        {cose::kCwtClaims,
         cbor::Value::map({{cose::kCwtIssuer, head.origin}, {cose::kCwtIssuedAt, head.issued_at}})},
        {cose::kTyp, kAuditType},
    }));
}

Bytes build_payload(const AuditHead& head) {
    return cbor::encode(cbor::Value::map({{kOrigin, head.origin},
                                          {kCount, head.count},
                                          {kNewest, head.newest},
                                          {kAsOfSize, head.as_of_size}}));
}

Result<void> read_header(cbor::MapReader& in, AuditHead& head) {
    const auto typ = FIELDSEAL_TRY(in.required(cose::kTyp));
    const std::string type = FIELDSEAL_TRY(typ.text(kTypBytesMax));
    if (type != kAuditType) {
        return typ.error(fieldseal::quoted(type) + " is not " + std::string(kAuditType));
    }
    const auto alg = FIELDSEAL_TRY(in.required(cose::kAlg));
    const auto algorithm = algorithm_from_cose(FIELDSEAL_TRY(alg.integer(INT64_MIN, INT64_MAX)));
    if (!algorithm) return alg.error("not ES256K (-47), ES256 (-7), EdDSA (-8) or PS256 (-37)");
    head.algorithm = *algorithm;
    const auto kid = FIELDSEAL_TRY(in.required(cose::kKid));
    head.kid = FIELDSEAL_TRY(kid.digest());
    const auto cwt_claims = FIELDSEAL_TRY(in.required(cose::kCwtClaims));
    auto claims = FIELDSEAL_TRY(cwt_claims.map());
    const auto issuer = FIELDSEAL_TRY(claims.required(cose::kCwtIssuer));
    head.origin = FIELDSEAL_TRY(issuer.text(note::kOriginBytesMax));
    const auto issued_at = FIELDSEAL_TRY(claims.required(cose::kCwtIssuedAt));
    head.issued_at = FIELDSEAL_TRY(issued_at.integer(0, kPosixSecondsMax));
    FIELDSEAL_TRY(claims.finish());
    return in.finish();
}

Result<void> read_payload(cbor::MapReader& in, AuditHead& head) {
    const auto origin = FIELDSEAL_TRY(in.required(kOrigin));
    if (FIELDSEAL_TRY(origin.text(note::kOriginBytesMax)) != head.origin) {
        return origin.error("is not the issuer of the protected header");
    }
    const auto count = FIELDSEAL_TRY(in.required(kCount));
    head.count = FIELDSEAL_TRY(read_count(count));
    const auto newest = FIELDSEAL_TRY(in.required(kNewest));
    head.newest = FIELDSEAL_TRY(newest.digest());
    const auto as_of_size = FIELDSEAL_TRY(in.required(kAsOfSize));
    head.as_of_size = FIELDSEAL_TRY(read_count(as_of_size));
    return in.finish();
}

}  // namespace

Result<Bytes> encode(const AuditEntry& entry) {
    FIELDSEAL_TRY(check_entry(entry));
    return cbor::encode(cbor::Value::map({{kSeq, entry.seq},
                                          {kEntryPrevious, entry.previous},
                                          {kAt, entry.at_s},
                                          {kActor, entry.actor},
                                          {kAction, entry.action},
                                          {kSubject, text_or_null(entry.subject)},
                                          {kOutcome, entry.outcome},
                                          {kRemote, text_or_null(entry.remote)}}));
}

Result<AuditEntry> parse_audit_entry(ByteView bytes) {
    const auto decoded = cbor::decode(bytes, kEntryLimits);
    if (!decoded) return decoded.error().with_context("audit entry");
    auto in = FIELDSEAL_TRY(cbor::Reader(*decoded, "audit").map());
    auto entry = FIELDSEAL_TRY(read_entry(in));
    FIELDSEAL_TRY(check_entry(entry));
    return entry;
}

Result<AuditEntry> AuditChain::add(ByteView bytes) {
    auto entry = FIELDSEAL_TRY(parse_audit_entry(bytes));
    if (entry.seq != count_) {
        return conflict("it has the number " + std::to_string(entry.seq) + ", not " +
                        std::to_string(count_));
    }
    if (entry.previous != newest()) {
        return conflict("it names other bytes as entry " + std::to_string(count_ - 1) +
                        " than stand there");
    }
    ++count_;
    newest_ = sha256(bytes);
    return entry;
}

AuditHeadTbs::AuditHeadTbs(AuditHead head, Bytes protected_header, Bytes payload)
    : head_(std::move(head)),
      protected_header_(std::move(protected_header)),
      payload_(std::move(payload)),
      preimage_(cose::sig_structure(protected_header_, payload_)) {}

Result<AuditHeadTbs> AuditHeadTbs::from(AuditHead head) {
    FIELDSEAL_TRY(check_head(head));
    Bytes header = build_header(head);
    Bytes payload = build_payload(head);
    return AuditHeadTbs(std::move(head), std::move(header), std::move(payload));
}

Result<SignedAuditHead> assemble(const AuditHeadTbs& tbs, ByteView signature) {
    FIELDSEAL_TRY(check_signature_size(tbs.head().algorithm, signature.size()));
    SignedAuditHead made{
        tbs.head(), {tbs.protected_header(), tbs.payload(), to_bytes(signature)}, {}};
    made.entry = cose::entry(made.object);
    return made;
}

Result<SignedAuditHead> parse_audit_head(ByteView cose) {
    SignedAuditHead read;
    read.object = FIELDSEAL_TRY(cose::parse(cose));
    read.entry = sha256(cose);
    const auto header = cbor::decode(read.object.protected_header, kHeaderLimits);
    if (!header) return header.error().with_context("audit head: protected header");
    auto in = FIELDSEAL_TRY(cbor::Reader(*header, "protected").map());
    FIELDSEAL_TRY(read_header(in, read.head));
    const auto payload = cbor::decode(read.object.payload, kPayloadLimits);
    if (!payload) return payload.error().with_context("audit head: payload");
    auto fields = FIELDSEAL_TRY(cbor::Reader(*payload, "payload").map());
    FIELDSEAL_TRY(read_payload(fields, read.head));
    FIELDSEAL_TRY(check_head(read.head));
    FIELDSEAL_TRY(check_signature_size(read.head.algorithm, read.object.signature.size()));
    return read;
}

Result<void> verify_audit_head(const SignedAuditHead& signed_head, const PublicKey& key) {
    const AuditHead& head = signed_head.head;
    if (key.kid() != head.kid) {
        return refused("signed by key " + hex_encode(head.kid) + ", not by " +
                       hex_encode(key.kid()));
    }
    if (key.algorithm() != head.algorithm) {
        return refused("algorithm " + std::string(to_string(head.algorithm)) +
                       " does not fit a key of " + std::string(to_string(key.algorithm())));
    }
    const cose::Sign1& object = signed_head.object;
    return key.verify(cose::sig_structure(object.protected_header, object.payload),
                      object.signature);
}

}  // namespace fieldseal
