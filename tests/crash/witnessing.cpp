// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/witnessing.h"

#include "anchor/target.h"
#include "core/encoding.h"
#include "core/witness/add_checkpoint.h"

namespace fieldseal::testing {
namespace {

constexpr store::LogId kLog = store::LogId::statements;
constexpr std::string_view kTarget = "hub";
constexpr std::string_view kKind = "witness";

Result<api::WitnessReply> ask(InProcessNode& office, InProcessNode& hub,
                              const store::CheckpointRecord& record, merkle::TreeSize old_size) {
    merkle::Proof proof;
    if (old_size.value != 0) {
        proof =
            FIELDSEAL_TRY(office.store->log(kLog).consistency_proof(old_size, record.head.size));
    }
    return hub.hub->add_checkpoint(witness::format_add_checkpoint(old_size, proof, record.note));
}

// Verifies a 200 and keeps it: in the ledger first, for then the hub has promised it.
Result<void> keep(InProcessNode& office, InProcessNode& hub, const store::CheckpointRecord& record,
                  const std::string& body, Ledger& ledger) {
    const auto noted = FIELDSEAL_TRY(note::parse_checkpoint_note(record.note));
    const auto cosignature =
        FIELDSEAL_TRY(witness::parse_reply(body, noted.checkpoint, hub.identity->witness_key));
    ledger.cosigned(record.head);
    anchor::AnchorPieces pieces;
    const auto lines = FIELDSEAL_TRY(note::parse_signature_lines(cosignature.line()));
    pieces.note = FIELDSEAL_TRY(note::merge_signatures(record.note, lines));
    const store::ProofRecord proof{kLog, std::string(kTarget), record.head.size,
                                   office.clock.now_s(), anchor::encode_anchor_pieces(pieces)};
    const store::OutboxRow row{kLog, std::string(kTarget), std::string(kKind), 1,
                               to_bytes(as_bytes(std::to_string(record.head.size.value)))};
    return office.sequencer->run([&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(batch.put_proof(proof));
        return batch.put_outbox(row);
    });
}

Result<merkle::TreeSize> anchored_size(const store::Store& store) {
    const auto row = FIELDSEAL_TRY(store.outbox().row(kLog, kTarget));
    if (!row) return merkle::TreeSize{0};
    return merkle::TreeSize{FIELDSEAL_TRY(parse_decimal(as_text(row->state)))};
}

Error unexpected(const api::WitnessReply& reply) {
    return {Errc::corrupt, "the hub answered " + std::to_string(reply.status) + ": " +
                               fieldseal::quoted(reply.body)};
}

}  // namespace

Result<void> anchor_newest(InProcessNode& office, InProcessNode& hub, Ledger& ledger) {
    const auto record = FIELDSEAL_TRY(office.store->checkpoints(kLog).latest());
    if (!record) return Error{Errc::corrupt, "an office without a checkpoint"};
    const auto old_size = FIELDSEAL_TRY(anchored_size(*office.store));
    ledger.asked({old_size.value, record->head.size.value});
    const auto reply = FIELDSEAL_TRY(ask(office, hub, *record, old_size));
    if (reply.status != 200) return unexpected(reply);
    return keep(office, hub, *record, reply.body, ledger);
}

Result<void> repeat_last_request(InProcessNode& office, InProcessNode& hub, Ledger& ledger) {
    const auto asked = ledger.facts().last_asked;
    if (!asked) return {};
    const merkle::TreeSize size{asked->size};
    const auto record = FIELDSEAL_TRY(office.store->checkpoints(kLog).at(size));
    if (!record) return Error{Errc::corrupt, "a checkpoint that was shown to the hub is lost"};
    auto reply = FIELDSEAL_TRY(ask(office, hub, *record, merkle::TreeSize{asked->old_size}));
    if (reply.status == static_cast<int>(witness::Refusal::stale)) {
        if (FIELDSEAL_TRY(witness::parse_size_reply(reply.body)) != size) return unexpected(reply);
        reply = FIELDSEAL_TRY(ask(office, hub, *record, size));
    }
    if (reply.status != 200) return unexpected(reply);
    return keep(office, hub, *record, reply.body, ledger);
}

}  // namespace fieldseal::testing
