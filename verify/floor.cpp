// SPDX-License-Identifier: Apache-2.0
#include "verify/floor.h"

#include "core/anchors/chain_block.h"
#include "core/anchors/rfc3161_anchor.h"
#include "core/encoding.h"
#include "core/hash.h"
#include "core/note/checkpoint.h"
#include "verify/anchor_reason.h"

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

// How far a sealed block can be dated ahead of true time: Besu's validators accept no more.
constexpr std::int64_t kBlockAhead_s = 1;

JudgedFloor judge_header(const ChainFloor& floor, const ProofRules& rules) {
    const TrustedChain* pin = rules.trust.find_chain(floor.chain);
    if (pin == nullptr) {
        return floor_ends(Reason::chain_unknown,
                          "the trust file does not know the chain " + quoted(floor.chain));
    }
    if (pin->curve != ChainCurve::secp256k1) return floor_ends(Reason::chain_curve_unsupported);
    const anchors::ChainBlock block = anchors::judge_block(*pin, floor.header, {});
    Reason reason = reason_of(block.finding);
    std::string message = block.message;
    // A header that nobody sealed can be computed ahead, its hash pinned or not.
    if (reason == Reason::ok && pin->mode == evm::Mode::plain) {
        reason = Reason::chain_header_only;
        message = "a header that nobody sealed is no floor";
    }
    if (reason == Reason::ok && pin->counts_as() == rules.operated_by) {
        reason = Reason::anchor_same_operator;
        message = info(reason).meaning;
    }
    JudgedFloor judged = floor_ends(reason, std::move(message));
    judged.detail.chain = block.facts;
    if (reason != Reason::ok) return judged;
    judged.detail.outcome = Outcome::passed;
    judged.detail.message +=
        " at " + rfc3339(block.facts->time_s) + ", before the signature was made";
    judged.source =
        TimeSource{Bound::not_before,    lower_bound_s(block.facts->time_s, kBlockAhead_s),
                   "floor block header", pin->id,
                   pin->counts_as(),     "floor"};
    return judged;
}

JudgedFloor judge_token(const TokenFloor& floor, const ProofRules& rules) {
    // Of whatever it stamps: what matters is that nobody had the token before.
    const auto token = anchors::judge_token({floor.token, std::nullopt}, rules.trust.tsas);
    Reason reason = reason_of(token.finding);
    std::string message = token.message;
    if (reason == Reason::ok && token.operated_by == rules.operated_by) {
        reason = Reason::anchor_same_operator;
        message = info(reason).meaning;
    }
    JudgedFloor judged = floor_ends(reason, std::move(message));
    if (reason != Reason::ok) return judged;
    judged.detail.outcome = Outcome::passed;
    judged.detail.message += "; the signature was made after that";
    judged.source = TimeSource{Bound::not_before, token.not_before_s, "floor time-stamp token",
                               token.source,      token.operated_by,  "floor"};
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
    if (const auto* header = std::get_if<ChainFloor>(&*floor)) return judge_header(*header, rules);
    if (const auto* token = std::get_if<TokenFloor>(&*floor)) return judge_token(*token, rules);
    const auto note = read_note(std::get<NoteFloor>(*floor));
    if (!note) return floor_ends(Reason::floor_unreferenced);
    return judge_note(*note, rules);
}

}  // namespace fieldseal::verify
