// SPDX-License-Identifier: Apache-2.0
#include "node/admin_service.h"

#include "core/encoding.h"
#include "core/trust.h"
#include "fieldseal_version.h"
#include "node/config/fields.h"
#include "node/seals/seal_views.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;

Error not_a_hub() {
    return {Errc::unsupported, "this node is not a hub: set [hub] enabled = true and restart it"};
}

Error no_such_statement(const Digest& entry) {
    return {Errc::not_found, "no statement " + hex_encode(entry) + " in this log"};
}

template <class Enum, std::size_t kCount>
Result<Enum> word_at(std::string_view given, const std::array<std::string_view, kCount>& words,
                     std::string_view what) {
    std::string known;
    for (std::size_t i = 0; i < kCount; ++i) {
        if (given == words[i]) return static_cast<Enum>(i);
        known += " \"" + std::string(words[i]) + "\"";
    }
    return Error{Errc::invalid_argument,
                 std::string(what) + " = " + fieldseal::quoted(given) + ": use one of" + known};
}

}  // namespace

Result<api::SealReceipt> AdminService::seal(const api::SealOrder& order) {
    const auto sealed = FIELDSEAL_TRY(parts_.sealing.seal(order));
    return api::SealReceipt{
        sealed.record.entry, sealed.record.index.value, sealed.replayed,
        statement_view(sealed.record, FIELDSEAL_TRY(coverage()), parts_.book.all())};
}

Result<Coverage> AdminService::coverage() const {
    Coverage coverage;
    coverage.log_size = parts_.store.log(kLog).head().size.value;
    if (const auto record = FIELDSEAL_TRY(parts_.store.checkpoints(kLog).latest())) {
        coverage.checkpoint_size = record->head.size.value;
    }
    for (const auto& name : parts_.anchoring.names(kLog)) {
        if (const auto proof = FIELDSEAL_TRY(parts_.store.outbox().latest_proof(kLog, name))) {
            coverage.anchored.emplace_back(name, proof->size.value);
        }
    }
    return coverage;
}

Result<StatementPage> AdminService::find(const api::ListQuery& query) const {
    const auto statements = parts_.store.statements();
    if (!query.document) return list_statements(statements, {0, query.before_index}, query.limit);
    StatementPage page;
    auto entries = FIELDSEAL_TRY(statements.by_document(*query.document));
    std::reverse(entries.begin(), entries.end());
    for (const Digest& entry : entries) {
        auto record = FIELDSEAL_TRY(statements.by_entry(entry));
        if (!record) return Error{Errc::corrupt, "an index names a statement that is not there"};
        if (query.before_index && record->index.value >= *query.before_index) continue;
        // A snapshot's payload is nobody's document.
        if (record->kind != store::StatementKind::statement) continue;
        if (page.records.size() == query.limit) {
            page.next_below = page.records.back().index.value;
            break;
        }
        page.records.push_back(std::move(*record));
    }
    return page;
}

Result<json::Value> AdminService::list(const api::ListQuery& query) {
    const auto page = FIELDSEAL_TRY(find(query));
    const auto covered = FIELDSEAL_TRY(coverage());
    const SealList seals = parts_.book.all();
    json::Value statements = json::Value::array();
    for (const auto& record : page.records)
        statements.push_back(statement_view(record, covered, seals));
    json::Value view =
        json::Value::object({{"fieldseal", "list/v1"}, {"statements", std::move(statements)}});
    if (page.next_below) view.set("next_before", *page.next_below);
    return view;
}

Result<json::Value> AdminService::show(const Digest& entry) {
    const auto record = FIELDSEAL_TRY(parts_.store.statements().by_entry(entry));
    if (!record) return no_such_statement(entry);
    return statement_view(*record, FIELDSEAL_TRY(coverage()), parts_.book.all());
}

// Evidence is always to be had: what no checkpoint covers yet gets one now.
Result<std::string> AdminService::evidence(const Digest& entry) {
    const auto record = FIELDSEAL_TRY(parts_.store.statements().by_entry(entry));
    if (!record) return no_such_statement(entry);
    if (!FIELDSEAL_TRY(parts_.store.checkpoints(kLog).covering(record->index))) {
        FIELDSEAL_TRY(checkpoint_now());
    }
    Evidence evidence = FIELDSEAL_TRY(evidence_.build(entry, parts_.anchoring.names(kLog)));
    FIELDSEAL_TRY(add_certificates(evidence));
    return to_json(evidence);
}

// What the statement names, and the newest lists about it as far as there is room.
Result<void> AdminService::add_certificates(Evidence& evidence) const {
    const auto statement = FIELDSEAL_TRY(parse_statement(evidence.statement));
    if (!statement.claims.certificate || parts_.certificates == nullptr) return {};
    auto chain = FIELDSEAL_TRY(parts_.certificates->chain(*statement.claims.certificate));
    if (!chain) return {};
    evidence.certificates = *std::move(chain);
    evidence.crls =
        FIELDSEAL_TRY(parts_.certificates->crls_for(evidence.certificates, kEvidenceCrlsMax));
    while (!evidence.crls.empty() && to_json(evidence).size() > kEvidenceBytesMax)
        evidence.crls.pop_back();
    return {};
}

Result<void> AdminService::checkpoint_now() {
    parts_.checkpointer.request();
    return parts_.sequencer.run([](store::Batch&) { return Result<void>(); });
}

std::pair<std::string, std::string> AdminService::sealing_state() const {
    if (const auto open = parts_.gate.check(); !open.ok()) {
        if (parts_.gate.is_closed(GateReason::stopped)) return {"stopped", open.error().message};
        if (parts_.gate.is_closed(GateReason::held)) return {"held", open.error().message};
        if (parts_.gate.is_closed(GateReason::storage))
            return {"storage-full", open.error().message};
        return {"clock-set-back", open.error().message};
    }
    const SealList seals = parts_.book.all();
    const auto is_active = [&](const auto& seal) {
        return parts_.status.check_active(seal->key.kid()).ok();
    };
    const bool any_open = std::any_of(seals.begin(), seals.end(), [&](const auto& seal) {
        return is_active(seal) && parts_.keys.unlocked(seal->name);
    });
    if (std::none_of(seals.begin(), seals.end(), is_active))
        return {"locked", "no seal is active: run `fieldseal seal-key activate SEAL`"};
    if (!any_open) return {"locked", "no active seal is unlocked: run `fieldseal unlock SEAL`"};
    return {"ready", ""};
}

Result<json::Value> AdminService::status() {
    StatusFacts facts;
    facts.coverage = FIELDSEAL_TRY(coverage());
    std::tie(facts.state, facts.reason) = sealing_state();
    for (const auto& seal : parts_.book.all()) {
        facts.seals.push_back(json::Value::object(
            {{"name", seal->name},
             {"state", parts_.keys.unlocked(seal->name) ? "unlocked" : "locked"},
             {"life", life_word(parts_.status.find(seal->key.kid()))}}));
    }
    facts.targets = parts_.anchoring.reports();
    facts.waiting = facts.coverage.log_size - anchored_size(facts.coverage);
    facts.now_ms = parts_.clock.now_ms();
    facts.clock = clock_view(parts_.clock);
    facts.space = FIELDSEAL_TRY(parts_.space.state());
    facts.hub = parts_.enrolment != nullptr;
    if (parts_.enrolment != nullptr) facts.enrolled = parts_.enrolment->size();
    return status_view(facts, parts_.identity);
}

Result<json::Value> AdminService::node_info() {
    return node_view(parts_.identity, parts_.book.all(), kVersion, parts_.clock);
}

// Only this node's own log and seals: whoever imports it decides about everybody else.
Result<json::Value> AdminService::trust_export() {
    Trust trust;
    TrustedLog log;
    log.origin = parts_.identity.origin;
    log.key = parts_.identity.log_key;
    log.status_keys.push_back(parts_.identity.status_key);
    log.operated_by = parts_.identity.organisation;
    if (auto news = FIELDSEAL_TRY(last_change())) log.status.push_back(std::move(*news));
    trust.logs.push_back(std::move(log));
    for (const auto& seal : parts_.book.all()) {
        trust.seals.push_back(
            TrustedSeal{seal->key, {parts_.identity.origin}, std::nullopt, std::nullopt});
    }
    return json::parse(to_json(trust));
}

// The snapshot of the last change of any seal: the same one in every export until the next change.
// Nothing while there is only the one that init made.
Result<std::optional<StatusItem>> AdminService::last_change() const {
    std::uint64_t index = 0;
    for (const auto& seal : parts_.book.all()) {
        for (const SealChange& change : FIELDSEAL_TRY(parts_.book.history(seal->name))) {
            index = std::max(index, change.index.value_or(0));
        }
    }
    if (index == 0) return std::optional<StatusItem>();
    const auto record = FIELDSEAL_TRY(parts_.store.statements().by_index(merkle::LeafIndex{index}));
    if (!record) return Error{Errc::corrupt, "the history of a seal names no entry of the log"};
    return std::optional(StatusItem{record->cose, {}});
}

Result<json::Value> AdminService::sync() {
    FIELDSEAL_TRY(checkpoint_now());
    parts_.anchoring.post(anchor::RetryNow{});
    const auto covered = FIELDSEAL_TRY(coverage());
    return json::Value::object(
        {{"fieldseal", "sync/v1"},
         {"checkpoint", json::Value::object({{"size", covered.checkpoint_size}})}});
}

Result<void> AdminService::unlock(const std::string& seal, std::string_view passphrase) {
    return parts_.keys.unlock(seal, passphrase, parts_.clock.now_s());
}

Result<void> AdminService::lock(const std::string& seal) {
    return parts_.keys.lock(seal);
}

Result<json::Value> AdminService::add_target(const api::TargetOrder& order) {
    Config::Target target;
    target.name = order.name;
    target.url = order.url;
    target.vkey = order.vkey;
    target.log_vkey = order.log_vkey;
    target.tls_pin_sha256 = order.tls_pin_sha256;
    FIELDSEAL_TRY(parts_.anchoring.add(target));
    return json::Value::object(
        {{"fieldseal", "target/v1"}, {"name", order.name}, {"url", order.url}});
}

Result<json::Value> AdminService::add_chain_target(const api::ChainTargetOrder& order) {
    Config::Target target;
    target.kind = TargetKind::evm;
    target.name = order.name;
    target.url = order.url;
    target.more_urls = order.more_urls;
    target.log = FIELDSEAL_TRY(word_at<TargetLog>(order.log, kTargetLogWords, "log"));
    target.fees = FIELDSEAL_TRY(word_at<TargetFees>(order.fees, kTargetFeesWords, "fees"));
    target.auth_file = order.auth_file;
    target.ca_file = order.ca_file;
    target.tls_pin_sha256 = order.tls_pin_sha256;
    target.max_fee_gwei = order.max_fee_gwei.value_or(target.max_fee_gwei);
    target.priority_fee_gwei = order.priority_fee_gwei.value_or(target.priority_fee_gwei);
    target.gas_limit = order.gas_limit.value_or(target.gas_limit);
    target.confirmations = order.confirmations.value_or(target.confirmations);
    const auto account = FIELDSEAL_TRY(parts_.anchoring.add_chain(target, order.pin));
    return json::Value::object({{"fieldseal", "target/v1"},
                                {"kind", "evm"},
                                {"name", order.name},
                                {"url", order.url},
                                {"account", evm::to_string(account)}});
}

Result<json::Value> AdminService::add_authority_target(const api::AuthorityTargetOrder& order) {
    Config::Target target;
    target.kind = TargetKind::rfc3161;
    target.name = order.name;
    target.url = order.url;
    target.log = FIELDSEAL_TRY(word_at<TargetLog>(order.log, kTargetLogWords, "log"));
    target.policies = order.policies;
    target.accuracy_default_s = order.accuracy_default_s;
    target.auth_file = order.auth_file;
    target.ca_file = order.ca_file;
    target.tls_pin_sha256 = order.tls_pin_sha256;
    FIELDSEAL_TRY(parts_.anchoring.add_authority(target, order.roots));
    return json::Value::object({{"fieldseal", "target/v1"},
                                {"kind", "rfc3161"},
                                {"name", order.name},
                                {"url", order.url}});
}

Result<json::Value> AdminService::test_target(const std::string& name) {
    const auto probes = FIELDSEAL_TRY(parts_.anchoring.probe(name));
    json::Value answers = json::Value::array();
    bool all_well = !probes.empty();
    for (const auto& probe : probes) {
        all_well = all_well && probe.ok;
        answers.push_back(json::Value::object({{"url", probe.url},
                                               {"question", probe.question},
                                               {"ok", probe.ok},
                                               {"answer", probe.answer}}));
    }
    return json::Value::object({{"fieldseal", "target-test/v1"},
                                {"name", name},
                                {"ok", all_well},
                                {"answers", std::move(answers)}});
}

Result<json::Value> AdminService::enroll_log(const std::string& vkey) {
    if (parts_.enrolment == nullptr) return not_a_hub();
    const auto key = FIELDSEAL_TRY(note::parse_vkey(vkey));
    FIELDSEAL_TRY(parts_.enrolment->add(key));
    return json::Value::object({{"fieldseal", "enrolment/v1"}, {"origin", key.name}});
}

Result<json::Value> AdminService::enrolled_logs() {
    if (parts_.enrolment == nullptr) return not_a_hub();
    auto logs = json::Value::array();
    for (const note::VerifierKey& key : parts_.enrolment->all()) {
        auto log = json::Value::object({{"origin", key.name}, {"vkey", note::format_vkey(key)}});
        const Digest origin = sha256(as_bytes(key.name));
        if (const auto state = FIELDSEAL_TRY(parts_.store.witness_state(origin))) {
            log.set("size", state->head.size.value);
            log.set("cosigned_at_s", state->accepted_at_s);
        }
        logs.push_back(std::move(log));
    }
    return json::Value::object({{"fieldseal", "hub-logs/v1"}, {"logs", std::move(logs)}});
}

}  // namespace fieldseal::node
