// SPDX-License-Identifier: Apache-2.0
#include "node/hub.h"

#include "core/encoding.h"
#include "core/evidence.h"
#include "store/crash_point.h"

#include <spdlog/spdlog.h>

namespace fieldseal::node {
namespace {

Digest hash_of_origin(const std::string& origin) {
    return sha256(as_bytes(origin));
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
    if (gate_.is_closed(GateReason::held)) {
        return error_reply({Errc::held,
                            "this hub was restored and may have cosigned more than it remembers: "
                            "it cosigns again when its operator has confirmed its history"});
    }
    const auto request = witness::parse_add_checkpoint(body);
    if (!request.ok()) return error_reply(request.error());
    const std::string& origin = request->checkpoint.origin;
    if (const auto refused = witness::check_log_signature(*request, enrolment_.keys(origin))) {
        spdlog::warn("hub: {} for {}: {}", static_cast<int>(refused->status),
                     fieldseal::quoted(origin), refused->reason);
        return refusal_reply(*refused);
    }
    witness::Decision decision = witness::Refused{};
    const auto persisted =
        sequencer_.run([&](store::Batch& batch) { return decide(*request, batch, decision); });
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
        witness_key_.cosign(witness_name_, accepted.time_s, accepted.checkpoint);
    if (!cosignature.ok()) return error_reply(cosignature.error());
    return {200, "text/plain; charset=utf-8", cosignature->line()};
}

// Runs on the sequencer's thread: that is the lock, for all origins at once.
Result<void> Hub::decide(const witness::AddCheckpoint& request, store::Batch& batch,
                         witness::Decision& decision) const {
    witness::LogState state;
    if (const auto stored =
            FIELDSEAL_TRY(batch.witness_state(hash_of_origin(request.checkpoint.origin)))) {
        state.head = stored->head;
        state.last_time_s = static_cast<std::uint64_t>(stored->accepted_at_s);
    }
    decision = witness::decide(state, request, static_cast<std::uint64_t>(clock_.now_s()));
    if (const auto* accepted = std::get_if<witness::Accepted>(&decision)) {
        FIELDSEAL_TRY(remember(request, *accepted, batch));
    }
    return {};
}

Result<void> Hub::remember(const witness::AddCheckpoint& request, const witness::Accepted& accepted,
                           store::Batch& batch) const {
    const Digest digest = accepted.checkpoint.digest();
    const bool logged = FIELDSEAL_TRY(batch.contains(store::LogId::checkpoints, digest));
    if (!logged) FIELDSEAL_TRY(batch.append_checkpoint_digest(digest));
    return batch.put_witness_state(
        hash_of_origin(accepted.checkpoint.origin),
        {accepted.next.head, static_cast<std::int64_t>(accepted.next.last_time_s), request.note});
}

Result<std::string> Hub::latest(const Digest& origin) {
    const auto state = FIELDSEAL_TRY(store_.witness_state(origin));
    if (!state) return Error{Errc::not_found, "no checkpoint of this origin was cosigned here"};
    const auto noted = FIELDSEAL_TRY(note::parse_checkpoint_note(state->note));
    // The same message at the same time gives the same Ed25519 bytes: nothing new is promised.
    const auto cosignature = FIELDSEAL_TRY(witness_key_.cosign(
        witness_name_, static_cast<std::uint64_t>(state->accepted_at_s), noted.checkpoint));
    const auto lines = FIELDSEAL_TRY(note::parse_signature_lines(cosignature.line()));
    return note::merge_signatures(state->note, lines);
}

Result<std::string> Hub::proof(const Digest& checkpoint_digest) {
    const auto record = FIELDSEAL_TRY(store_.checkpoints(store::LogId::checkpoints).latest());
    const auto reader = store_.log(store::LogId::checkpoints);
    const auto index = FIELDSEAL_TRY(reader.find(checkpoint_digest));
    if (!record || !index || index->value >= record->head.size.value) {
        return Error{Errc::not_found, "no checkpoint of the witnessed log covers this digest"};
    }
    Proof proof;
    proof.index = index->value;
    proof.hashes = FIELDSEAL_TRY(reader.inclusion_proof(*index, record->head.size));
    proof.checkpoint = record->note;
    return to_json(proof);
}

}  // namespace fieldseal::node
