// SPDX-License-Identifier: Apache-2.0
#include "verify/floor.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/note/checkpoint.h"

namespace fieldseal::verify {
namespace {

// A note floor taken apart: one cosignature over one checkpoint, nothing verified.
struct FloorNote {
    note::Checkpoint checkpoint;
    note::Cosignature cosignature;
};

std::optional<FloorNote> read_note(const NoteFloor& floor) {
    const auto note = note::parse_checkpoint_note(floor.note);
    if (!note || note->signatures.size() != 1) return std::nullopt;
    const auto cosignature = note::parse_cosignature(note->signatures.front());
    if (!cosignature) return std::nullopt;
    return FloorNote{note->checkpoint, *cosignature};
}

struct ReferenceTo {
    std::optional<FloorReference> operator()(const NoteFloor& floor) const {
        const auto note = read_note(floor);
        if (!note) return std::nullopt;
        return FloorReference{FloorKind::cosignature, note->cosignature.floor_digest()};
    }
    std::optional<FloorReference> operator()(const ChainFloor& floor) const {
        return FloorReference{FloorKind::block_header, sha256(floor.header)};
    }
    std::optional<FloorReference> operator()(const TokenFloor& floor) const {
        return FloorReference{FloorKind::time_stamp_token, sha256(floor.token)};
    }
};

JudgedFloor floor_ends(Reason reason, std::string message = {}) {
    const Outcome outcome =
        info(reason).effect == Effect::fails ? Outcome::failed : Outcome::skipped;
    if (message.empty()) message = info(reason).meaning;
    return {{"floor", outcome, reason, std::move(message)}, std::nullopt};
}

JudgedFloor judge_note(const FloorNote& floor, const ProofRules& rules) {
    const note::Cosignature& cosignature = floor.cosignature;
    const TrustedWitness* witness = rules.trust.find_witness(cosignature.name, cosignature.key_id);
    if (witness == nullptr) return floor_ends(Reason::witness_unknown);
    const auto verified =
        note::verify_cosignature(cosignature, floor.checkpoint.text(), witness->key);
    if (!verified) return floor_ends(Reason::cosignature_invalid, verified.error().message);
    // Whoever runs the log could have made the floor's bytes ahead and kept them.
    if (witness->operated_by == rules.operated_by) {
        return floor_ends(Reason::witness_same_operator);
    }
    const std::int64_t time_s = clamped_time_s(cosignature.time_s);
    JudgedFloor judged;
    judged.detail = {"floor", Outcome::passed, Reason::ok,
                     "cosigned by " + quoted(witness->key.name) + " at " + rfc3339(time_s) +
                         ", before the signature was made"};
    judged.source = TimeSource{Bound::not_before,    lower_bound_s(time_s, rules.trust.skew_s),
                               "floor cosignature",  witness->key.name,
                               witness->operated_by, "floor"};
    return judged;
}

}  // namespace

Reason check_floor_reference(const std::optional<Floor>& floor,
                             const std::optional<FloorReference>& reference) {
    if (!floor) return Reason::ok;
    const auto referred_to = std::visit(ReferenceTo{}, *floor);
    return reference && referred_to == reference ? Reason::ok : Reason::floor_unreferenced;
}

std::optional<JudgedFloor> judge_floor(const std::optional<Floor>& floor,
                                       const std::optional<FloorReference>& reference,
                                       const ProofRules& rules) {
    if (!floor) {
        if (!reference) return std::nullopt;
        return floor_ends(Reason::floor_missing);
    }
    const auto* note_floor = std::get_if<NoteFloor>(&*floor);
    if (note_floor == nullptr) return floor_ends(Reason::floor_unsupported);
    const auto note = read_note(*note_floor);
    if (!note) return floor_ends(Reason::floor_unreferenced);
    return judge_note(*note, rules);
}

}  // namespace fieldseal::verify
