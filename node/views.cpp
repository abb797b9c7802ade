// SPDX-License-Identifier: Apache-2.0
#include "node/views.h"

#include "anchor/http_client.h"
#include "core/audit.h"
#include "core/encoding.h"
#include "core/statement.h"
#include "core/status.h"
#include "node/config/fields.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

std::string_view word(ClockSource source) {
    switch (source) {
        case ClockSource::system:
            return "system";
        case ClockSource::kernel_synchronised:
            return "kernel-synchronised";
        case ClockSource::anchored_reference:
            return "anchored-reference";
    }
    return "";
}

std::string_view word(ClockTrust trust) {
    switch (trust) {
        case ClockTrust::untrusted:
            return "untrusted";
        case ClockTrust::holdover:
            return "holdover";
        case ClockTrust::synchronised:
            return "synchronised";
    }
    return "";
}

std::string_view word(store::StatementKind kind) {
    switch (kind) {
        case store::StatementKind::statement:
            return "statement";
        case store::StatementKind::status:
            return "status";
        case store::StatementKind::audit:
            return "audit";
    }
    return "";
}

std::string seal_name(const SealList& seals, const Digest& kid) {
    const SealRecord* seal = find_seal(seals, kid);
    return seal == nullptr ? hex_encode(kid) : seal->name;
}

json::Value document_view(const store::StatementRecord& record, const LocalNote& local) {
    json::Value document = json::Value::object({{"sha256", hex_encode(record.document)}});
    if (!local.document_name.empty()) document.set("name", local.document_name);
    document.set_if("size", local.document_bytes);
    return document;
}

void add_claims(json::Value& view, const StatementClaims& claims, const SealList& seals) {
    view.set("media_type", claims.media_type);
    view.set("subject", claims.subject);
    view.set("seal", seal_name(seals, claims.kid));
    view.set("algorithm", to_string(claims.algorithm));
    view.set("issued_at", claims.issued_at);
    view.set("clock", json::Value::object({{"source", word(claims.clock.source)},
                                           {"trust", word(claims.clock.trust)}}));
    if (claims.floor) view.set("floor", hex_encode(claims.floor->digest));
}

}  // namespace

std::uint64_t anchored_size(const Coverage& coverage) {
    std::uint64_t size = 0;
    for (const auto& [name, anchored] : coverage.anchored) size = std::max(size, anchored);
    return std::min(size, coverage.log_size);
}

std::string_view life_state(std::uint64_t index, const Coverage& coverage) {
    const auto covers = [&](const auto& anchored) { return index < anchored.second; };
    if (std::any_of(coverage.anchored.begin(), coverage.anchored.end(), covers)) return "anchored";
    return index < coverage.checkpoint_size ? "checkpointed" : "sealed";
}

json::Value statement_view(const store::StatementRecord& record, const Coverage& coverage,
                           const SealList& seals) {
    const LocalNote local = decode_local(record.local);
    json::Value view = json::Value::object({{"id", hex_encode(record.entry)},
                                            {"index", record.index.value},
                                            {"kind", word(record.kind)},
                                            {"state", life_state(record.index.value, coverage)},
                                            {"document", document_view(record, local)}});
    if (!local.actor.empty()) view.set("actor", local.actor);
    if (const auto statement = parse_statement(record.cose); statement.ok()) {
        add_claims(view, statement->claims, seals);
    } else {
        view.set("issued_at", record.received_at_s);
    }
    if (const auto head = parse_audit_head(record.cose); head.ok()) {
        view.set("audit", json::Value::object({{"entries", head->head.count},
                                               {"newest", hex_encode(head->head.newest)}}));
    }
    json::Value anchored_at = json::Value::array();
    for (const auto& [target, size] : coverage.anchored) {
        if (record.index.value < size) anchored_at.push_back(target);
    }
    view.set("anchored_at", std::move(anchored_at));
    return view;
}

namespace {

// Who offers nodes of a chain puts the customer's key into the path.
std::string shown_url(const Config::Target& settings) {
    return settings.kind == TargetKind::evm ? anchor::shown_address(settings.url) : settings.url;
}

}  // namespace

json::Value target_view(const TargetReport& report, std::int64_t now_ms) {
    const auto& state = report.state;
    json::Value view = json::Value::object(
        {{"name", report.settings.name},
         {"kind", kTargetKindWords.at(static_cast<std::size_t>(report.settings.kind))},
         {"url", shown_url(report.settings)},
         {"phase", anchor::to_string(state.phase)},
         {"in_flight", state.in_flight != anchor::InFlight::none},
         {"wanted_size", state.wanted_size},
         {"anchored_size", state.anchored_size},
         {"since_s", state.since_ms / 1000}});
    if (report.settings.kind != TargetKind::witness) {
        view.set("log", kTargetLogWords.at(static_cast<std::size_t>(report.settings.log)));
    }
    if (report.account) {
        view.set("account", evm::to_string(*report.account));
        view.set("chain", report.chain);
        if (!report.sealed_twice_file.empty())
            view.set("sealed_twice_file", report.sealed_twice_file);
    }
    if (state.anchored_ms > 0) view.set("anchored_at_s", state.anchored_ms / 1000);
    if (const auto wakeup = anchor::next_wakeup_ms(state); wakeup && anchor::owes(state)) {
        view.set("next_attempt_in_s", std::max<std::int64_t>(0, (*wakeup - now_ms) / 1000));
    }
    if (!state.last_error.empty()) view.set("error", state.last_error);
    return view;
}

json::Value status_view(const StatusFacts& facts, const NodeIdentity& identity) {
    json::Value view = json::Value::object({{"fieldseal", "status/v1"}, {"state", facts.state}});
    if (!facts.reason.empty()) view.set("reason", facts.reason);
    view.set("origin", identity.origin);
    view.set("log", json::Value::object({{"size", facts.coverage.log_size},
                                         {"checkpoint_size", facts.coverage.checkpoint_size}}));
    view.set("waiting", facts.waiting);
    view.set("seals", facts.seals);
    json::Value targets = json::Value::array();
    for (const auto& target : facts.targets) targets.push_back(target_view(target, facts.now_ms));
    view.set("targets", std::move(targets));
    view.set("clock", facts.clock);
    view.set("storage",
             json::Value::object({{"free_bytes", std::min<std::uint64_t>(facts.space.free_bytes,
                                                                         json::kIntegerMax)},
                                  {"low", facts.space.level == store::SpaceLevel::low},
                                  {"ballast", facts.space.ballast}}));
    if (facts.hub) view.set("hub", json::Value::object({{"enrolled", facts.enrolled}}));
    return view;
}

json::Value clock_view(const Clock& clock) {
    const ClockState state = clock.state();
    const auto set_back = clock.set_back();
    json::Value view = json::Value::object({{"now_s", clock.now_s()},
                                            {"trust", word(state.trust)},
                                            {"source", word(state.source)},
                                            {"behind_s", set_back ? set_back->behind_s : 0}});
    view.set_if("age_s", state.age_s);
    if (set_back) view.set("contradicted_by", to_string(set_back->evidence));
    return view;
}

json::Value node_view(const NodeIdentity& identity, const SealList& seals,
                      const std::string& version, const Clock& clock) {
    json::Value views = json::Value::array();
    for (const auto& seal : seals) {
        views.push_back(json::Value::object({{"name", seal->name},
                                             {"kid", hex_encode(seal->key.kid())},
                                             {"algorithm", to_string(seal->key.algorithm())},
                                             {"key", base64_encode(seal->key.spki())}}));
    }
    return json::Value::object(
        {{"fieldseal", "node/v1"},
         {"version", version},
         {"organisation", identity.organisation},
         {"name", identity.name},
         {"origin", identity.origin},
         {"log_vkey", note::format_vkey(identity.log_key)},
         {"status_key", base64_encode(identity.status_key.spki())},
         {"seals", std::move(views)},
         {"witness_vkey", note::format_vkey(identity.witness_key)},
         {"witnessed_log_vkey", note::format_vkey(identity.witnessed_log_key)},
         {"clock", clock_view(clock)}});
}

}  // namespace fieldseal::node
