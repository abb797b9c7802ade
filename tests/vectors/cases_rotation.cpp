// SPDX-License-Identifier: Apache-2.0
// A seal that another took the place of, and snapshots that only say so. The statement is the old
// seal's, entry 2; the closing snapshot, entry 4, retires it and begins the new one.
#include "core/cbor/cbor.h"
#include "core/rotation.h"
#include "tests/vectors/cases.h"
#include "tests/vectors/scene.h"

#include <algorithm>

namespace fieldseal::vectors {
namespace {

constexpr std::optional<std::int64_t> kNone;
constexpr std::int64_t kRotations = 7;  // docs/formats/status.md §1

const SealSigner& next_seal() {
    static const SealSigner signer = SealSigner::es256k(0x31);
    return signer;
}

Rotation rotation_of(std::string_view origin) {
    return {std::string(origin), kSigned_s, permits_seal().key().kid(), next_seal().key()};
}

Bytes signed_by(const SealSigner& signer, const Rotation& rotation) {
    const auto tbs = RotationTbs::from(rotation);
    return assemble(*tbs, signer.sign(tbs->preimage())).value();
}

Bytes good_rotation() {
    return signed_by(next_seal(), rotation_of(kOfficeOrigin));
}

std::vector<SealStatus> rows_at(std::uint64_t index, SealState old_state, std::uint64_t new_index) {
    std::vector<SealStatus> rows = {row(permits_seal(), old_state, index),
                                    row(next_seal(), SealState::active, new_index)};
    std::sort(rows.begin(), rows.end(),
              [](const SealStatus& a, const SealStatus& b) { return a.kid < b.kid; });
    return rows;
}

// Validly signed by the status key, whatever field 7 holds: what no node of ours would make.
Status with_rotations(const Status& status, const cbor::Value& rotations) {
    const auto decoded = cbor::decode(status.object.payload);
    cbor::Value payload = *decoded;
    payload.set(kRotations, rotations);
    Status made = status;
    made.object.payload = cbor::encode(payload);
    made.object.signature = status_signer().sign(
        cose::sig_structure(made.object.protected_header, made.object.payload));
    made.entry = cose::entry(made.object);
    return made;
}

Evidence rotated(std::vector<SealStatus> rows, const cbor::Value& rotations) {
    Day day;
    Office plain;
    plain.add_snapshot({row(permits_seal(), SealState::active, 0)});
    plain.add(Digest{0x42});
    day.statement = sign(claims_of(permits_seal()), permits_seal());
    day.index = plain.add(day.statement);
    plain.add(Digest{0x43});
    day.office = plain;
    day.snapshot_index = plain.size();
    day.snapshot = with_rotations(plain.add_snapshot(std::move(rows)), rotations);
    day.office.add(day.snapshot.entry);
    return day.evidence();
}

cbor::Value list_of(std::initializer_list<Bytes> rotations) {
    return cbor::Array(rotations.begin(), rotations.end());
}

}  // namespace

Vectors rotation_cases() {
    Vectors out;
    const auto add = [&](std::string_view name, std::string_view why, std::vector<SealStatus> rows,
                         const cbor::Value& rotations, const Expected& expect) {
        out.push_back(
            make_vector(name, why, rotated(std::move(rows), rotations), ordinary_trust(), expect));
    };
    const auto rows = [] { return rows_at(4, SealState::retired, 4); };
    const Expected malformed = invalid("status-malformed");
    add("seal-rotated-after", "The new seal signed that it takes the old one's place at index 4.",
        rows(), list_of({good_rotation()}), valid(kNone, kNotAfter_s));
    add("status-rotation-by-the-old-seal", "Signed by the old seal under the new one's name.",
        rows(), list_of({signed_by(permits_seal(), rotation_of(kOfficeOrigin))}), malformed);
    Bytes flipped = good_rotation();
    flipped.back() ^= 1;
    add("status-rotation-signature-bit-flipped", "The new seal's signature is wrong.", rows(),
        list_of({flipped}), malformed);
    add("status-rotation-without-a-signature", "Only the kids, as if the status key were enough.",
        rows(),
        cbor::Value::array(
            {cbor::Value::array({permits_seal().key().kid(), next_seal().key().kid()})}),
        malformed);
    add("status-rotation-of-another-log", "The new seal signed for the neighbour's log.", rows(),
        list_of({signed_by(next_seal(), rotation_of(kNeighbourOrigin))}), malformed);
    add("status-rotation-while-the-old-seal-goes-on", "The old seal is listed as active.",
        rows_at(0, SealState::active, 4), list_of({good_rotation()}), malformed);
    add("status-rotation-of-a-seal-that-began-before", "The new seal is listed since index 1.",
        rows_at(4, SealState::retired, 1), list_of({good_rotation()}), malformed);
    add("status-rotation-of-a-seal-that-is-not-listed", "The new seal is in no row.",
        {row(permits_seal(), SealState::retired, 4)}, list_of({good_rotation()}), malformed);
    add("status-rotation-twice", "The same rotation stands there twice.", rows(),
        list_of({good_rotation(), good_rotation()}), malformed);
    add("status-rotations-empty", "A list of rotations without one.", rows(), list_of({}),
        malformed);
    return out;
}

}  // namespace fieldseal::vectors
