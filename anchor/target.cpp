// SPDX-License-Identifier: Apache-2.0
#include "anchor/target.h"

#include "anchor/row_codec.h"
#include "core/check.h"

namespace fieldseal::anchor {
namespace {

constexpr std::uint8_t kVersionWithoutAnchors = 1;

struct ReplyMaker {
    Reply operator()(const Anchored& it) const {
        Reply reply = make(ReplyKind::anchored, {});
        reply.anchored_size = it.size;
        reply.target_size = it.target_size;
        reply.time_s = it.time_s;
        reply.complete = it.complete;
        return reply;
    }
    Reply operator()(const Underway& it) const {
        Reply reply = make(ReplyKind::underway, it.why);
        reply.poll_after_ms = it.poll_after_ms;
        reply.alarm = it.alarm;
        reply.told = it.told;
        return reply;
    }
    Reply operator()(const Agrees& it) const {
        Reply reply = make(ReplyKind::agrees, {});
        reply.target_size = it.target_size;
        return reply;
    }
    Reply operator()(const Conflict& it) const {
        Reply reply = make(ReplyKind::conflict, it.why);
        reply.target_size = it.target_size;
        return reply;
    }
    Reply operator()(const Refused& it) const { return make(ReplyKind::refused, it.why); }
    Reply operator()(const Busy& it) const {
        Reply reply = make(ReplyKind::busy, it.why);
        reply.retry_after_ms = it.retry_after_ms;
        return reply;
    }
    Reply operator()(const Disagrees& it) const { return make(ReplyKind::disagrees, it.why); }
    Reply operator()(const StoppedByProof& it) const {
        Reply reply = make(ReplyKind::stopped_by_proof, it.why);
        reply.note = it.note;
        return reply;
    }
    Reply operator()(const Misbehaving& it) const { return make(ReplyKind::misbehaving, it.why); }
    Reply operator()(const Offline& it) const { return make(ReplyKind::offline, it.why); }

    static Reply make(ReplyKind kind, std::string text) {
        Reply reply;
        reply.kind = kind;
        reply.text = std::move(text);
        return reply;
    }
};

}  // namespace

Reply to_reply(const Result<Outcome>& outcome, std::uint64_t submitted_size) {
    Reply reply = outcome.ok() ? std::visit(ReplyMaker{}, *outcome)
                               : ReplyMaker::make(ReplyKind::not_sent, outcome.error().message);
    reply.size = submitted_size;
    return reply;
}

Result<Outcome> outcome_of(const Error& error) {
    switch (error.code) {
        case Errc::unavailable:
            return Outcome(Offline{error.message});
        case Errc::exhausted:
        case Errc::corrupt:
        case Errc::denied:
            return Outcome(Misbehaving{error.message});
        default:
            return error;
    }
}

Result<note::Checkpoint> own_checkpoint(const SubmitContext& context) {
    const auto parsed = FIELDSEAL_TRY(note::parse_checkpoint_note(context.note));
    if (parsed.checkpoint.origin != context.log->origin ||
        parsed.checkpoint.size.value != context.size) {
        return Error{Errc::internal, "the checkpoint to submit is not the one of size " +
                                         std::to_string(context.size)};
    }
    return parsed.checkpoint;
}

Bytes encode_anchor_pieces(const AnchorPieces& pieces) {
    FIELDSEAL_CHECK(pieces.note.size() <= kMaxAnchorNoteBytes);
    FIELDSEAL_CHECK(pieces.logged_json.size() <= kMaxLoggedJsonBytes);
    FIELDSEAL_CHECK(pieces.anchors_json.size() <= kMaxAnchorsJsonBytes);
    RowWriter out;
    out.u8(pieces.anchors_json.empty() ? kVersionWithoutAnchors : kAnchorPiecesVersion);
    out.text(pieces.note);
    out.text(pieces.logged_json);
    if (!pieces.anchors_json.empty()) out.text(pieces.anchors_json);
    return out.take();
}

Result<AnchorPieces> decode_anchor_pieces(ByteView bytes) {
    const int version = bytes.empty() ? 0 : bytes[0];
    if (version < kVersionWithoutAnchors || version > kAnchorPiecesVersion) {
        return Error{Errc::corrupt, "pieces of an anchor: version " +
                                        (bytes.empty() ? "missing" : std::to_string(version)) +
                                        ", this program reads versions 1 and " +
                                        std::to_string(kAnchorPiecesVersion)};
    }
    RowReader in(bytes.subspan(1));
    AnchorPieces pieces;
    pieces.note = in.text(kMaxAnchorNoteBytes);
    pieces.logged_json = in.text(kMaxLoggedJsonBytes);
    if (version == kAnchorPiecesVersion) pieces.anchors_json = in.text(kMaxAnchorsJsonBytes);
    FIELDSEAL_TRY(in.finish("pieces of an anchor"));
    if (version == kAnchorPiecesVersion && pieces.anchors_json.empty()) {
        return Error{Errc::corrupt, "pieces of an anchor: version 2 without an anchor"};
    }
    return pieces;
}

}  // namespace fieldseal::anchor
