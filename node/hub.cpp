// SPDX-License-Identifier: Apache-2.0
#include "node/hub.h"

#include "anchor/target.h"
#include "core/encoding.h"
#include "core/evidence.h"
#include "store/crash_point.h"

#include <spdlog/spdlog.h>

namespace fieldseal::node {
namespace {

constexpr store::LogId kWitnessed = store::LogId::checkpoints;

Digest hash_of_origin(const std::string& origin) {
    return sha256(as_bytes(origin));
}

// What an office would refuse to take must not be served.
bool is_taken_by_offices(const Proof& proof) {
    return proof.anchors.size() <= anchor::kMaxLoggedAnchors &&
           to_json(proof).size() <= anchor::kMaxLogProofBodyBytes;
}

api::WitnessReply refusal_reply(const witness::Refused& refused) {
    api::WitnessReply reply;
    reply.status = static_cast<int>(refused.status);
    if (refused.status == witness::Refusal::stale) {
        reply.content_type = std::string(witness::kSizeContentType);
        reply.body = witness::format_size_reply(refused.stored_size);
    } else {
        reply.body = refused.reason + "\n";
    }
    return reply;
}

api::WitnessReply error_reply(const Error& error) {
    return {error.code == Errc::invalid_argument ? 400 : 503, "text/plain; charset=utf-8",
            error.message + "\n"};
}

}  // namespace

api::WitnessReply Hub::add_checkpoint(std::string_view body) {
    if (parts_.gate.is_closed(GateReason::held)) {
        return error_reply({Errc::held,
                            "this hub was restored and may have cosigned more than it remembers: "
                            "it cosigns again when its operator has confirmed its history"});
    }
    const auto request = witness::parse_add_checkpoint(body);
    if (!request.ok()) return error_reply(request.error());
    const std::string& origin = request->checkpoint.origin;
    if (const auto refused =
            witness::check_log_signature(*request, parts_.enrolment.keys(origin))) {
        spdlog::warn("hub: {} for {}: {}", static_cast<int>(refused->status),
                     fieldseal::quoted(origin), refused->reason);
        return refusal_reply(*refused);
    }
    witness::Decision decision = witness::Refused{};
    const auto persisted = parts_.sequencer.run(
        [&](store::Batch& batch) { return decide(*request, batch, decision); });
    if (!persisted.ok()) return error_reply(persisted.error());
    if (const auto* refused = std::get_if<witness::Refused>(&decision)) {
        spdlog::info("hub: {} for {}: {}", static_cast<int>(refused->status),
                     fieldseal::quoted(origin), refused->reason);
        return refusal_reply(*refused);
    }
    FIELDSEAL_CRASH_POINT("hub.before_cosign");
    // Durable from here on: signing now means a crash loses this answer and nothing else.
    const auto& accepted = std::get<witness::Accepted>(decision);
    const auto cosignature =
        parts_.witness_key.cosign(parts_.witness_name, accepted.time_s, accepted.checkpoint);
    if (!cosignature.ok()) return error_reply(cosignature.error());
    return {200, "text/plain; charset=utf-8", cosignature->line()};
}

// Runs in the sequencer's turn: that is the lock, for all origins at once.
Result<void> Hub::decide(const witness::AddCheckpoint& request, store::Batch& batch,
                         witness::Decision& decision) const {
    witness::LogState state;
    if (const auto stored =
            FIELDSEAL_TRY(batch.witness_state(hash_of_origin(request.checkpoint.origin)))) {
        state.head = stored->head;
        state.last_time_s = static_cast<std::uint64_t>(stored->accepted_at_s);
    }
    decision = witness::decide(state, request, static_cast<std::uint64_t>(parts_.clock.now_s()));
    if (const auto* accepted = std::get_if<witness::Accepted>(&decision)) {
        FIELDSEAL_TRY(remember(request, *accepted, batch));
    }
    return {};
}

Result<void> Hub::remember(const witness::AddCheckpoint& request, const witness::Accepted& accepted,
                           store::Batch& batch) const {
    const Digest digest = accepted.checkpoint.digest();
    const bool logged = FIELDSEAL_TRY(batch.contains(kWitnessed, digest));
    if (!logged) FIELDSEAL_TRY(batch.append_checkpoint_digest(digest));
    return batch.put_witness_state(
        hash_of_origin(accepted.checkpoint.origin),
        {accepted.next.head, static_cast<std::int64_t>(accepted.next.last_time_s), request.note});
}

Result<std::string> Hub::latest(const Digest& origin) {
    const auto state = FIELDSEAL_TRY(parts_.store.witness_state(origin));
    if (!state) return Error{Errc::not_found, "no checkpoint of this origin was cosigned here"};
    const auto noted = FIELDSEAL_TRY(note::parse_checkpoint_note(state->note));
    // The same message at the same time gives the same Ed25519 bytes: nothing new is promised.
    const auto cosignature = FIELDSEAL_TRY(parts_.witness_key.cosign(
        parts_.witness_name, static_cast<std::uint64_t>(state->accepted_at_s), noted.checkpoint));
    const auto lines = FIELDSEAL_TRY(note::parse_signature_lines(cosignature.line()));
    return note::merge_signatures(state->note, lines);
}

// Against the smallest checkpoint that is anchored on a chain and covers the digest (the earliest
// time), else against the newest.
Result<std::string> Hub::proof(const Digest& checkpoint_digest) {
    const auto record = FIELDSEAL_TRY(parts_.store.checkpoints(kWitnessed).latest());
    const auto reader = parts_.store.log(kWitnessed);
    const auto index = FIELDSEAL_TRY(reader.find(checkpoint_digest));
    if (!record || !index || index->value >= record->head.size.value) {
        return Error{Errc::not_found, "no checkpoint of the witnessed log covers this digest"};
    }
    if (const auto anchored = FIELDSEAL_TRY(anchored_proof(*index))) return to_json(*anchored);
    Proof proof;
    proof.index = index->value;
    proof.hashes = FIELDSEAL_TRY(reader.inclusion_proof(*index, record->head.size));
    proof.checkpoint = record->note;
    return to_json(proof);
}

Result<std::optional<Proof>> Hub::anchored_proof(merkle::LeafIndex index) const {
    std::vector<store::ProofRecord> found;
    for (const std::string& target : parts_.targets()) {
        auto record =
            FIELDSEAL_TRY(parts_.store.outbox().proof_covering(kWitnessed, target, index));
        if (!record) continue;
        if (!found.empty() && record->size < found.front().size) found.clear();
        if (found.empty() || record->size == found.front().size)
            found.push_back(std::move(*record));
    }
    if (found.empty()) return std::optional<Proof>();
    Proof proof;
    proof.index = index.value;
    proof.hashes =
        FIELDSEAL_TRY(parts_.store.log(kWitnessed).inclusion_proof(index, found.front().size));
    for (const store::ProofRecord& record : found) {
        auto pieces = FIELDSEAL_TRY(anchor::decode_anchor_pieces(record.proof));
        proof.checkpoint = std::move(pieces.note);
        if (pieces.anchors_json.empty()) continue;
        for (Anchor& anchor : FIELDSEAL_TRY(parse_anchors(pieces.anchors_json))) {
            proof.anchors.push_back(std::move(anchor));
            if (is_taken_by_offices(proof)) continue;
            proof.anchors.pop_back();
        }
    }
    return std::optional<Proof>(std::move(proof));
}

}  // namespace fieldseal::node
