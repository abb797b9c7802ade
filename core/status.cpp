// SPDX-License-Identifier: Apache-2.0
// Payload: { 1: origin, 2: seq, 3: previous entry / null, 4: as_of_size,
//            5: [ [kid, state, since_index, invalid_from / null], … ], ? 6: [origin, checkpoint
//            digest], ? 7: [ rotation, … ] }
#include "core/status.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/cose/labels.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/note/checkpoint.h"
#include "core/rotation.h"
#include "core/statement.h"

#include <algorithm>

namespace fieldseal {
namespace {

constexpr std::int64_t kOrigin = 1;
constexpr std::int64_t kSeq = 2;
constexpr std::int64_t kPrevious = 3;
constexpr std::int64_t kAsOfSize = 4;
constexpr std::int64_t kSeals = 5;
constexpr std::int64_t kFormer = 6;
constexpr std::int64_t kRotations = 7;

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;
constexpr std::size_t kTypBytesMax = 127;
constexpr std::size_t kSealFields = 4;
// As large as a statement's, so that a statement is refused for its typ.
constexpr cbor::Limits kHeaderLimits{.bytes_max = 4096, .depth_max = 3, .items_max = 64};
// Payload map, list of seals, one seal.
constexpr cbor::Limits kPayloadLimits{.bytes_max = cose::kSign1BytesMax,
                                      .depth_max = 3,
                                      .items_max = kStatusSealsMax * (kSealFields + 1) + 48};

constexpr std::int64_t kStateMax = 5;

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "status: " + std::string(why)};
}

Error conflict(std::string_view why) {
    return {Errc::conflict, "status does not follow its predecessor: " + std::string(why)};
}

bool before(const SealStatus& a, const SealStatus& b) {
    return a.kid < b.kid;
}

Result<void> check_seals(const StatusSnapshot& snapshot) {
    if (snapshot.seals.size() > kStatusSealsMax) return refused("more than 1024 seals");
    for (std::size_t i = 0; i < snapshot.seals.size(); ++i) {
        const SealStatus& seal = snapshot.seals[i];
        const std::string who = "seal " + hex_encode(seal.kid);
        if (i > 0 && !before(snapshot.seals[i - 1], seal)) {
            return refused(who + " is not in ascending order of kid, or stands there twice");
        }
        if (static_cast<std::int64_t>(seal.state) > kStateMax) return refused(who + ": state");
        if (seal.since_index > snapshot.as_of_size) {
            return refused(who + ": since_index is beyond as_of_size");
        }
        if (!seal.invalid_from) continue;
        if (seal.state != SealState::compromised) {
            return refused(who + ": invalid_from without the state compromised");
        }
        if (*seal.invalid_from < 0 || *seal.invalid_from > kIntegerMax) {
            return refused(who + ": invalid_from is not within 0 to 2^53 - 1");
        }
    }
    return {};
}

Result<void> check_former(const StatusSnapshot& snapshot) {
    if (!snapshot.former) return {};
    if (snapshot.seq != 0) return refused("a former log is named in the first snapshot only");
    if (auto origin = note::check_origin(snapshot.former->origin); !origin) {
        return std::move(origin).error().with_context("status: former log");
    }
    if (snapshot.former->origin == snapshot.origin) return refused("the former log is this log");
    return {};
}

Result<void> check_rotation(const StatusSnapshot& snapshot, const Rotation& rotation) {
    const std::string who = "the rotation to seal " + hex_encode(rotation.key.kid());
    if (rotation.origin != snapshot.origin) return refused(who + " is of another log");
    const SealStatus* old = snapshot.find(rotation.old_kid);
    if (old == nullptr || !is_terminal(old->state)) {
        return refused(who + ": the old seal has not ended");
    }
    const SealStatus* fresh = snapshot.find(rotation.key.kid());
    if (fresh == nullptr || fresh->since_index != snapshot.as_of_size) {
        return refused(who + ": the new seal does not begin here");
    }
    return {};
}

// Each with the new seal's signature: without it anybody's key could be called a successor.
Result<void> check_rotations(const StatusSnapshot& snapshot) {
    if (snapshot.rotations.size() > kStatusRotationsMax) return refused("more than 8 rotations");
    std::optional<Digest> last;
    for (const Bytes& bytes : snapshot.rotations) {
        const auto rotation = parse_rotation(bytes);
        if (!rotation) return refused(rotation.error().message);
        FIELDSEAL_TRY(check_rotation(snapshot, *rotation));
        if (last && !(*last < rotation->key.kid())) {
            return refused("rotations are not in ascending order of the new seals' kids");
        }
        last = rotation->key.kid();
    }
    return {};
}

Bytes build_header(const StatusSnapshot& snapshot) {
    return cbor::encode(cbor::Value::map({
        {cose::kAlg, cose_number(snapshot.algorithm)},
        {cose::kKid, snapshot.kid},
        {cose::kCwtClaims, cbor::Value::map({{cose::kCwtIssuer, snapshot.origin},
                                             {cose::kCwtIssuedAt, snapshot.issued_at}})},
        {cose::kTyp, kStatusType},
    }));
}

Bytes build_payload(const StatusSnapshot& snapshot) {
    cbor::Array seals;
    seals.reserve(snapshot.seals.size());
    for (const SealStatus& seal : snapshot.seals) {
        seals.push_back(cbor::Value::array({seal.kid, static_cast<std::int64_t>(seal.state),
                                            seal.since_index, seal.invalid_from}));
    }
    cbor::Value payload = cbor::Value::map({
        {kOrigin, snapshot.origin},
        {kSeq, snapshot.seq},
        {kPrevious, snapshot.previous},
        {kAsOfSize, snapshot.as_of_size},
        {kSeals, std::move(seals)},
    });
    if (snapshot.former) {
        payload.set(kFormer,
                    cbor::Value::array({snapshot.former->origin, snapshot.former->checkpoint}));
    }
    if (!snapshot.rotations.empty()) {
        payload.set(kRotations, cbor::Array(snapshot.rotations.begin(), snapshot.rotations.end()));
    }
    return cbor::encode(payload);
}

Result<void> read_header(cbor::MapReader& in, StatusSnapshot& snapshot) {
    const auto typ = FIELDSEAL_TRY(in.required(cose::kTyp));
    const std::string type = FIELDSEAL_TRY(typ.text(kTypBytesMax));
    if (type != kStatusType) {
        return typ.error(fieldseal::quoted(type) + " is not " + std::string(kStatusType));
    }
    const auto alg = FIELDSEAL_TRY(in.required(cose::kAlg));
    const auto algorithm = algorithm_from_cose(FIELDSEAL_TRY(alg.integer(INT64_MIN, INT64_MAX)));
    if (!algorithm) return alg.error("not ES256K (-47), ES256 (-7), EdDSA (-8) or PS256 (-37)");
    snapshot.algorithm = *algorithm;
    const auto kid = FIELDSEAL_TRY(in.required(cose::kKid));
    snapshot.kid = FIELDSEAL_TRY(kid.digest());
    const auto cwt_claims = FIELDSEAL_TRY(in.required(cose::kCwtClaims));
    auto claims = FIELDSEAL_TRY(cwt_claims.map());
    const auto issuer = FIELDSEAL_TRY(claims.required(cose::kCwtIssuer));
    snapshot.origin = FIELDSEAL_TRY(issuer.text(note::kOriginBytesMax));
    const auto issued_at = FIELDSEAL_TRY(claims.required(cose::kCwtIssuedAt));
    snapshot.issued_at = FIELDSEAL_TRY(issued_at.integer(0, kPosixSecondsMax));
    FIELDSEAL_TRY(claims.finish());
    return in.finish();
}

Result<std::uint64_t> read_count(const cbor::Reader& at) {
    return static_cast<std::uint64_t>(FIELDSEAL_TRY(at.integer(0, kIntegerMax)));
}

Result<SealStatus> read_seal(const cbor::Reader& at) {
    const auto fields = FIELDSEAL_TRY(at.items(kSealFields, kSealFields));
    SealStatus seal;
    seal.kid = FIELDSEAL_TRY(fields[0].digest());
    seal.state = static_cast<SealState>(FIELDSEAL_TRY(fields[1].integer(0, kStateMax)));
    seal.since_index = FIELDSEAL_TRY(read_count(fields[2]));
    if (!fields[3].is_null()) {
        seal.invalid_from = FIELDSEAL_TRY(fields[3].integer(0, kPosixSecondsMax));
    }
    return seal;
}

Result<FormerLog> read_former(const cbor::Reader& at) {
    const auto fields = FIELDSEAL_TRY(at.items(2, 2));
    FormerLog former;
    former.origin = FIELDSEAL_TRY(fields[0].text(note::kOriginBytesMax));
    former.checkpoint = FIELDSEAL_TRY(fields[1].digest());
    return former;
}

Result<void> read_payload(cbor::MapReader& in, StatusSnapshot& snapshot) {
    const auto origin = FIELDSEAL_TRY(in.required(kOrigin));
    if (FIELDSEAL_TRY(origin.text(note::kOriginBytesMax)) != snapshot.origin) {
        return origin.error("is not the issuer of the protected header");
    }
    const auto seq = FIELDSEAL_TRY(in.required(kSeq));
    snapshot.seq = FIELDSEAL_TRY(read_count(seq));
    const auto previous = FIELDSEAL_TRY(in.required(kPrevious));
    if (!previous.is_null()) snapshot.previous = FIELDSEAL_TRY(previous.digest());
    const auto as_of_size = FIELDSEAL_TRY(in.required(kAsOfSize));
    snapshot.as_of_size = FIELDSEAL_TRY(read_count(as_of_size));
    const auto seals = FIELDSEAL_TRY(in.required(kSeals));
    for (const cbor::Reader& seal : FIELDSEAL_TRY(seals.items(0, kStatusSealsMax))) {
        snapshot.seals.push_back(FIELDSEAL_TRY(read_seal(seal)));
    }
    if (const auto former = in.optional(kFormer)) {
        snapshot.former = FIELDSEAL_TRY(read_former(*former));
    }
    if (const auto rotations = in.optional(kRotations)) {
        for (const cbor::Reader& each : FIELDSEAL_TRY(rotations->items(1, kStatusRotationsMax))) {
            snapshot.rotations.push_back(FIELDSEAL_TRY(each.bytes(1, kRotationBytesMax)));
        }
    }
    return in.finish();
}

}  // namespace

const SealStatus* StatusSnapshot::find(const Digest& seal_kid) const {
    const auto at = std::lower_bound(
        seals.begin(), seals.end(), seal_kid,
        [](const SealStatus& seal, const Digest& wanted) { return seal.kid < wanted; });
    return at == seals.end() || at->kid != seal_kid ? nullptr : &*at;
}

Result<void> check_snapshot(const StatusSnapshot& snapshot) {
    if (auto origin = note::check_origin(snapshot.origin); !origin) {
        return std::move(origin).error().with_context("status: origin");
    }
    if (snapshot.issued_at < 0 || snapshot.issued_at > kPosixSecondsMax) {
        return refused("issued-at is not within 0 to 2^53 - 1 seconds");
    }
    if (snapshot.seq > std::uint64_t{kIntegerMax} ||
        snapshot.as_of_size > std::uint64_t{kIntegerMax}) {
        return refused("seq or as_of_size is beyond 2^53 - 1");
    }
    if (snapshot.previous.has_value() != (snapshot.seq != 0)) {
        return refused("previous is null exactly in the first snapshot (seq 0)");
    }
    FIELDSEAL_TRY(check_former(snapshot));
    FIELDSEAL_TRY(check_seals(snapshot));
    return check_rotations(snapshot);
}

StatusTbs::StatusTbs(StatusSnapshot snapshot, Bytes protected_header, Bytes payload)
    : snapshot_(std::move(snapshot)),
      protected_header_(std::move(protected_header)),
      payload_(std::move(payload)),
      preimage_(cose::sig_structure(protected_header_, payload_)) {}

Result<StatusTbs> StatusTbs::from(StatusSnapshot snapshot) {
    FIELDSEAL_TRY(check_snapshot(snapshot));
    Bytes header = build_header(snapshot);
    Bytes payload = build_payload(snapshot);
    return StatusTbs(std::move(snapshot), std::move(header), std::move(payload));
}

std::string Status::id() const {
    return hex_encode(entry);
}

Result<Status> assemble(const StatusTbs& tbs, ByteView signature) {
    FIELDSEAL_TRY(check_signature_size(tbs.snapshot().algorithm, signature.size()));
    Status status{tbs.snapshot(), {tbs.protected_header(), tbs.payload(), to_bytes(signature)}, {}};
    status.entry = cose::entry(status.object);
    return status;
}

Result<Status> parse_status(ByteView cose) {
    Status status;
    status.object = FIELDSEAL_TRY(cose::parse(cose));
    status.entry = sha256(cose);
    const auto header = cbor::decode(status.object.protected_header, kHeaderLimits);
    if (!header) return header.error().with_context("status: protected header");
    auto in = FIELDSEAL_TRY(cbor::Reader(*header, "protected").map());
    FIELDSEAL_TRY(read_header(in, status.snapshot));
    const auto payload = cbor::decode(status.object.payload, kPayloadLimits);
    if (!payload) return payload.error().with_context("status: payload");
    auto fields = FIELDSEAL_TRY(cbor::Reader(*payload, "payload").map());
    FIELDSEAL_TRY(read_payload(fields, status.snapshot));
    FIELDSEAL_TRY(check_snapshot(status.snapshot));
    FIELDSEAL_TRY(check_signature_size(status.snapshot.algorithm, status.object.signature.size()));
    return status;
}

Result<void> verify_status(const Status& status, const PublicKey& key) {
    if (key.kid() != status.snapshot.kid) {
        return refused("signed by key " + hex_encode(status.snapshot.kid) + ", not by " +
                       hex_encode(key.kid()));
    }
    if (key.algorithm() != status.snapshot.algorithm) {
        return refused("algorithm " + std::string(to_string(status.snapshot.algorithm)) +
                       " does not fit a key of " + std::string(to_string(key.algorithm())));
    }
    const cose::Sign1& object = status.object;
    return key.verify(cose::sig_structure(object.protected_header, object.payload),
                      object.signature);
}

namespace {

Result<void> check_succession(const StatusSnapshot& previous, const Digest& previous_entry,
                              const StatusSnapshot& next) {
    if (previous.origin != next.origin) {
        if (next.seq == 0 && next.former && next.former->origin == previous.origin) return {};
        return conflict("another origin, and not a new generation that names " +
                        fieldseal::quoted(previous.origin));
    }
    if (next.seq != previous.seq + 1) {
        return conflict("seq " + std::to_string(next.seq) + " after " +
                        std::to_string(previous.seq));
    }
    if (next.previous != previous_entry) return conflict("previous is not that snapshot's entry");
    if (next.as_of_size <= previous.as_of_size) {
        return conflict("as_of_size " + std::to_string(next.as_of_size) + " after " +
                        std::to_string(previous.as_of_size));
    }
    return {};
}

// Within one origin: a state that stays keeps its index; a new one is recorded after the old
// snapshot.
Result<void> check_index(const StatusSnapshot& previous, const SealStatus* was,
                         const SealStatus& is) {
    if (was != nullptr && was->state == is.state) {
        if (was->since_index == is.since_index) return {};
        return conflict("seal " + hex_encode(is.kid) + ": since_index moved, the state did not");
    }
    if (is.since_index > previous.as_of_size) return {};
    return conflict("seal " + hex_encode(is.kid) + ": since_index lies before the change");
}

// A compromise may be dated earlier when more is known, never later.
bool is_narrower(const SealStatus& was, const SealStatus& is) {
    if (was.state != SealState::compromised || !is.invalid_from) return false;
    return !was.invalid_from || *is.invalid_from > *was.invalid_from;
}

}  // namespace

Result<void> validate_transition(const StatusSnapshot& previous, const Digest& previous_entry,
                                 const StatusSnapshot& next) {
    FIELDSEAL_TRY(check_succession(previous, previous_entry, next));
    for (const SealStatus& was : previous.seals) {
        const SealStatus* is = next.find(was.kid);
        const std::string who = "seal " + hex_encode(was.kid);
        if (is == nullptr) return conflict(who + " vanished");
        if (!may_follow(was.state, is->state)) {
            return conflict(who + " went from " + std::string(to_string(was.state)) + " to " +
                            std::string(to_string(is->state)));
        }
        if (is_narrower(was, *is)) return conflict(who + ": compromise dated later than before");
    }
    if (previous.origin != next.origin) return {};
    for (const SealStatus& is : next.seals) {
        FIELDSEAL_TRY(check_index(previous, previous.find(is.kid), is));
    }
    return {};
}

}  // namespace fieldseal
