// SPDX-License-Identifier: Apache-2.0
#include "node/maintenance/gates.h"

#include "anchor/schedule.h"
#include "core/encoding.h"
#include "core/json/json.h"
#include "node/clock.h"
#include "node/people/audit_book.h"

#include <unistd.h>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kMsPerS = 1000;

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

// Opens with the pin checked, and without only when the pin is what stands in the way.
Result<std::unique_ptr<store::Store>> open_accepting(const Config& config, const NodeKeys& keys,
                                                     std::vector<std::string>& lifted) {
    auto verified = open_store(config, keys);
    if (verified.ok() || verified.error().code != Errc::corrupt) return verified;
    auto accepted = FIELDSEAL_TRY(open_store(config, keys, store::PinPolicy::accept_rollback));
    lifted.push_back(
        "the tail pin follows the log on this disk (it said: " + verified.error().message + ")");
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
        lifted.push_back(
            "the audit log goes on without what is missing (it said: " + audit->damage() + ")");
        FIELDSEAL_TRY(audit->accept_damage(batch));
    }
    if (!lifted.empty()) FIELDSEAL_TRY(audit->append_to(batch, note_of(lifted)));
    if (!batch.empty()) FIELDSEAL_TRY(store->commit(std::move(batch)));
    FIELDSEAL_TRY(store->close());
    return lifted;
}

}  // namespace fieldseal::node
