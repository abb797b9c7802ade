// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/gates.h"

#include "anchor/schedule.h"
#include "core/encoding.h"
#include "core/json/json.h"
#include "core/note/checkpoint.h"
#include "node/anchoring/chain_target.h"
#include "node/clock.h"
#include "node/people/audit_book.h"

#include <unistd.h>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kMsPerS = 1000;
// How the sentences of the store and of the audit log end.
constexpr std::string_view kAccept = "--accept-rollback";
constexpr std::string_view kLook = ": stop the node and run";

Result<void> lift(const store::Store& store, store::Batch& batch, std::string_view name,
                  const char* sentence, std::vector<std::string>& lifted) {
    if (!FIELDSEAL_TRY(store.meta(name))) return {};
    FIELDSEAL_TRY(batch.erase_meta(name));
    lifted.emplace_back(sentence);
    return {};
}

Result<void> override_targets(const store::Store& store, store::Batch& batch, std::int64_t now_s,
                              std::vector<std::string>& lifted) {
    for (store::OutboxRow row : FIELDSEAL_TRY(store.outbox().rows())) {
        if (row.kind == kLaneKind) continue;  // of a chain's account, not of a target
        const auto state = FIELDSEAL_TRY(anchor::decode_target_state(row.state));
        if (state.phase != anchor::Phase::stopped_by_proof) continue;
        const auto step = anchor::advance(state, anchor::Overridden{}, {now_s * kMsPerS, 0}, {});
        row.state = anchor::encode_target_state(step.state);
        FIELDSEAL_TRY(batch.put_outbox(row));
        lifted.push_back("the target " + fieldseal::quoted(row.target) +
                         " is asked again, though it proved another history");
    }
    return {};
}

// What the store says of its pin, without what a person should do about it: he is doing it.
std::string without_advice(std::string what) {
    const auto cut = what.find(kAccept) != std::string::npos ? what.rfind("; ") : what.rfind(kLook);
    if (cut != std::string::npos) what.resize(cut);
    return what;
}

std::string counted_entries(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " entry" : " entries");
}

// What a target showed, against what is here.
std::string foresee_target(const store::OutboxRow& row, const anchor::TargetState& state,
                           const store::Store& store, const NodeIdentity& identity) {
    const auto& key =
        row.log == store::LogId::statements ? identity.log_key : identity.witnessed_log_key;
    const std::uint64_t here = store.log(row.log).head().size.value;
    const auto shown = note::open_checkpoint(state.alarm_note, key, {});
    std::string text = "the target " + fieldseal::quoted(row.target);
    if (!shown.ok()) return text + " proved another history of this log";
    const std::uint64_t there = shown->checkpoint.size.value;
    text += " holds a checkpoint of " + counted_entries(there) + " signed by this log, and " +
            counted_entries(here) + " are here: ";
    if (there <= here) return text + "those here are another history, which it will refuse";
    return text + "at least " + counted_entries(there - here) +
           " are gone for good, with what they proved; it will refuse what is sealed from here on";
}

Result<void> foresee_rows(const store::Store& store, const NodeIdentity& identity,
                          const NodeKeys& keys, std::vector<std::string>& losses) {
    const std::uint64_t here = store.log(store::LogId::statements).head().size.value;
    if (FIELDSEAL_TRY(store.meta(kHeldMetaName))) {
        losses.push_back("the node was restored with " + counted_entries(here) +
                         " and no target has confirmed them: what was sealed after that backup is "
                         "not among them and will be lost");
    }
    const std::size_t before = losses.size();
    for (const store::OutboxRow& row : FIELDSEAL_TRY(store.outbox().rows())) {
        if (row.kind == kLaneKind) continue;
        const auto state = FIELDSEAL_TRY(anchor::decode_target_state(row.state));
        if (state.phase == anchor::Phase::stopped_by_proof)
            losses.push_back(foresee_target(row, state, store, identity));
    }
    if (losses.size() == before && FIELDSEAL_TRY(store.meta(kStoppedMetaName))) {
        losses.push_back("another history of this log was proven, and " + counted_entries(here) +
                         " are here: those who saw the other one will refuse this one");
    }
    const SystemClock clock;
    const auto audit = FIELDSEAL_TRY(AuditBook::load({store, identity, *keys.status, clock}));
    if (!audit->damage().empty())
        losses.push_back("the audit log is damaged: " + without_advice(audit->damage()));
    return {};
}

// Opens with the pin checked, and without only when the pin is what stands in the way.
Result<std::unique_ptr<store::Store>> open_accepting(const Config& config, const NodeKeys& keys,
                                                     std::vector<std::string>& lifted) {
    auto verified = open_store(config, keys);
    if (verified.ok() || verified.error().problem != store::kPinDisagrees) return verified;
    auto accepted = FIELDSEAL_TRY(open_store(config, keys, store::PinPolicy::accept_rollback));
    lifted.push_back("the tail pin follows the log on this disk (it said: " +
                     without_advice(verified.error().message) + ")");
    return accepted;
}

// What a person decided at the machine itself.
AuditNote note_of(const std::vector<std::string>& lifted) {
    AuditNote note{"local:uid=" + std::to_string(::geteuid()), "accept-rollback", "", "ok", ""};
    for (const std::string& each : lifted) {
        if (!note.subject.empty()) note.subject += "; ";
        note.subject += each;
    }
    return note;
}

}  // namespace

Result<void> hold_node(store::Store& store, std::string_view from, std::int64_t now_s) {
    store::Batch batch = store.begin();
    const auto why = json::Value::object({{"reason", "restored"}, {"from", from}, {"at_s", now_s}});
    FIELDSEAL_TRY(batch.put_meta(kHeldMetaName, as_bytes(json::dump(why))));
    return store.commit(std::move(batch));
}

Result<std::vector<std::string>> foresee_rollback(const Config& config) {
    const auto identity = FIELDSEAL_TRY(load_identity(config.data_dir));
    const auto keys = FIELDSEAL_TRY(open_keys(config, identity));
    std::vector<std::string> losses;
    const auto store = open_store(config, keys);
    if (!store.ok() && store.error().problem == store::kPinDisagrees) {
        losses.push_back(without_advice(store.error().message));
        return losses;
    }
    if (!store.ok()) return store.error();
    FIELDSEAL_TRY(foresee_rows(**store, identity, keys, losses));
    FIELDSEAL_TRY((*store)->close());
    return losses;
}

Result<std::vector<std::string>> accept_rollback(const Config& config, std::int64_t now_s) {
    const auto identity = FIELDSEAL_TRY(load_identity(config.data_dir));
    const auto keys = FIELDSEAL_TRY(open_keys(config, identity));
    std::vector<std::string> lifted;
    const auto store = FIELDSEAL_TRY(open_accepting(config, keys, lifted));
    store::Batch batch = store->begin();
    FIELDSEAL_TRY(
        lift(*store, batch, kHeldMetaName, "the node is no longer held after its restore", lifted));
    FIELDSEAL_TRY(
        lift(*store, batch, kStoppedMetaName, "sealing is no longer stopped by proof", lifted));
    FIELDSEAL_TRY(override_targets(*store, batch, now_s, lifted));
    const SystemClock clock;
    const auto audit = FIELDSEAL_TRY(AuditBook::load({*store, identity, *keys.status, clock}));
    if (!audit->damage().empty()) {
        lifted.push_back("the audit log goes on without what is missing (it said: " +
                         without_advice(audit->damage()) + ")");
        FIELDSEAL_TRY(audit->accept_damage(batch));
    }
    if (!lifted.empty()) FIELDSEAL_TRY(audit->append_to(batch, note_of(lifted)));
    if (!batch.empty()) FIELDSEAL_TRY(store->commit(std::move(batch)));
    FIELDSEAL_TRY(store->close());
    return lifted;
}

}  // namespace fieldseal::node
