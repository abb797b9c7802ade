// SPDX-License-Identifier: Apache-2.0
#include "node/edge/edge_service.h"

#include "core/encoding.h"
#include "core/evidence.h"
#include "core/trust.h"
#include "node/anchoring/target_words.h"
#include "node/edge/event_feed.h"
#include "verify/refusal.h"
#include "verify/verify.h"

#include <algorithm>
#include <deque>

namespace fieldseal::node {
namespace {

constexpr store::LogId kLog = store::LogId::statements;

// For anybody who may ask: never what a target or the disk said.
std::string_view public_reason(std::string_view state) {
    if (state == "locked") return "every seal is locked: an approver has to unlock one";
    if (state == "held") return "the node was restored and waits for a target or a person";
    if (state == "stopped") return "another history of this log was proven: nothing is sealed";
    if (state == "storage-full") return "the disk is nearly full: nothing new is sealed";
    if (state == "clock-set-back") return "the node's clock was set back: nothing new is sealed";
    if (state == "failed") return "a write to the store failed: the process is about to end";
    return "";
}

}  // namespace

Result<api::SealOutcome> EdgeService::outcome(Result<SealService::Sealed> sealed,
                                              const Coverage& coverage) const {
    if (!sealed.ok()) {
        // Of all that can go wrong while sealing, only a used key is a conflict.
        if (sealed.error().code != Errc::conflict) return sealed.error();
        return api::SealOutcome{api::KeyUse::reused, {}};
    }
    const store::StatementRecord& record = sealed->record;
    return api::SealOutcome{api::KeyUse::settled,
                            {record.entry, record.index.value, sealed->replayed,
                             statement_view(record, coverage, parts_.book.all())}};
}

Result<api::SealOutcome> EdgeService::seal(const api::SealOrder& order) {
    const auto started = std::chrono::steady_clock::now();
    auto outcome = seal_one(order);
    parts_.metrics.observe_sealing(std::chrono::steady_clock::now() - started);
    parts_.metrics.count(outcome);
    return outcome;
}

std::vector<Result<api::SealOutcome>> EdgeService::seal_batch(
    const std::vector<api::SealOrder>& orders) {
    const auto started = std::chrono::steady_clock::now();
    auto outcomes = seal_all(orders);
    parts_.metrics.observe_sealing(std::chrono::steady_clock::now() - started);
    for (const auto& outcome : outcomes) parts_.metrics.count(outcome);
    return outcomes;
}

Result<api::SealOutcome> EdgeService::seal_one(const api::SealOrder& order) {
    const KeyClaims::Claim claim(claims_, idempotency_row(order));
    if (!claim.held()) return api::SealOutcome{api::KeyUse::in_progress, {}};
    auto sealed = parts_.sealing.seal(order);
    return outcome(std::move(sealed), FIELDSEAL_TRY(parts_.admin.coverage()));
}

std::vector<Result<api::SealOutcome>> EdgeService::seal_all(
    const std::vector<api::SealOrder>& orders) {
    std::deque<KeyClaims::Claim> claims;
    std::vector<api::SealOrder> mine;
    for (const api::SealOrder& order : orders) {
        if (claims.emplace_back(claims_, idempotency_row(order)).held()) mine.push_back(order);
    }
    auto sealed = parts_.sealing.seal_many(mine);
    const auto coverage = parts_.admin.coverage();
    std::vector<Result<api::SealOutcome>> outcomes;
    std::size_t next = 0;
    for (const auto& claim : claims) {
        if (!claim.held()) {
            outcomes.emplace_back(api::SealOutcome{api::KeyUse::in_progress, {}});
        } else if (!coverage.ok()) {
            outcomes.emplace_back(coverage.error());
        } else {
            outcomes.push_back(outcome(std::move(sealed[next++]), *coverage));
        }
    }
    return outcomes;
}

Result<api::Page> EdgeService::statements(const api::StatementQuery& query) {
    const Coverage coverage = FIELDSEAL_TRY(parts_.admin.coverage());
    const std::uint64_t anchored = anchored_size(coverage);
    Range range{query.since_index.value_or(0), coverage.log_size};
    if (query.before_index) range.below = std::min(range.below, *query.before_index);
    if (query.until_index) range.below = std::min(range.below, *query.until_index);
    // A state is a stretch of the log: what a checkpoint covers, it covers from the start.
    if (query.state == api::LifeState::anchored) {
        range.below = std::min(range.below, anchored);
    } else if (query.state == api::LifeState::checkpointed) {
        range.from = std::max(range.from, anchored);
        range.below = std::min(range.below, coverage.checkpoint_size);
    } else if (query.state == api::LifeState::sealed) {
        range.from = std::max({range.from, anchored, coverage.checkpoint_size});
    }
    if (query.document) return about_document(query, range, coverage);
    api::Page page;
    if (range.from >= range.below) return page;
    store::ListQuery below;
    below.limit = query.limit;
    below.after = merkle::LeafIndex{range.below};
    const auto records = FIELDSEAL_TRY(parts_.store.statements().list(below));
    for (const auto& record : records) {
        if (record.index.value < range.from) return page;
        // Snapshots are the log's own entries, not something the office sealed.
        if (record.kind != store::StatementKind::statement) continue;
        page.items.push_back(statement_view(record, coverage, parts_.book.all()));
    }
    const bool more = records.size() == query.limit && records.back().index.value > range.from;
    if (more) page.next = records.back().index.value;
    return page;
}

Result<api::Page> EdgeService::about_document(const api::StatementQuery& query, Range range,
                                              const Coverage& coverage) const {
    api::Page page;
    const auto statements = parts_.store.statements();
    auto entries = FIELDSEAL_TRY(statements.by_document(*query.document));
    std::reverse(entries.begin(), entries.end());
    std::optional<std::uint64_t> last;
    for (const Digest& entry : entries) {
        const auto record = FIELDSEAL_TRY(statements.by_entry(entry));
        if (!record) return Error{Errc::corrupt, "an index names a statement that is not there"};
        const std::uint64_t index = record->index.value;
        if (index < range.from || index >= range.below) continue;
        if (page.items.size() == query.limit) {
            page.next = last;
            return page;
        }
        page.items.push_back(statement_view(*record, coverage, parts_.book.all()));
        last = index;
    }
    return page;
}

Result<json::Value> EdgeService::refresh(const Digest& entry) {
    const auto before = FIELDSEAL_TRY(parts_.store.statements().by_entry(entry));
    if (!before)
        return Error{Errc::not_found, "no statement " + hex_encode(entry) + " in this log"};
    FIELDSEAL_TRY(parts_.admin.checkpoint_now());
    parts_.anchoring.post(anchor::RetryNow{});
    const Coverage coverage = FIELDSEAL_TRY(parts_.admin.coverage());
    json::Value missing = json::Value::array();
    for (const auto& name : parts_.anchoring.names(kLog)) {
        const bool has = std::any_of(
            coverage.anchored.begin(), coverage.anchored.end(), [&](const auto& anchored) {
                return anchored.first == name && before->index.value < anchored.second;
            });
        if (!has) missing.push_back(name);
    }
    // Who may ask the targets need not be one who may read statements.
    return json::Value::object({{"fieldseal", "refresh/v1"},
                                {"id", hex_encode(entry)},
                                {"state", life_state(before->index.value, coverage)},
                                {"missing_at", std::move(missing)}});
}

Result<api::Page> EdgeService::checkpoints(std::optional<std::uint64_t> after,
                                           std::uint32_t limit) {
    api::Page page;
    const auto reader = parts_.store.checkpoints(kLog);
    std::uint64_t size = after.value_or(0);
    for (std::uint32_t count = 0; count < limit; ++count) {
        const auto record = FIELDSEAL_TRY(reader.covering(merkle::LeafIndex{size}));
        if (!record) return page;
        size = record->head.size.value;
        page.items.push_back(json::Value::object({{"size", size},
                                                  {"root", hex_encode(record->head.root)},
                                                  {"made_at", record->made_at_s},
                                                  {"note", record->note}}));
    }
    if (FIELDSEAL_TRY(reader.covering(merkle::LeafIndex{size}))) page.next = size;
    return page;
}

json::Value EdgeService::target_in_words(const TargetReport& report) const {
    json::Value view = target_view(report, parts_.clock.now_ms());
    const TargetWords words = words_for(report.state.phase);
    view.set("meaning", words.meaning);
    view.set("advice", words.advice);
    return view;
}

Result<json::Value> EdgeService::targets() {
    json::Value items = json::Value::array();
    for (const auto& report : parts_.anchoring.reports()) items.push_back(target_in_words(report));
    return json::Value::object({{"items", std::move(items)}});
}

Result<std::optional<std::int64_t>> EdgeService::oldest_waiting_s(std::uint64_t anchored) const {
    const auto oldest =
        FIELDSEAL_TRY(parts_.store.statements().by_index(merkle::LeafIndex{anchored}));
    if (!oldest) return std::optional<std::int64_t>();
    return std::optional<std::int64_t>(oldest->received_at_s);
}

// Null when nothing waits.
Result<json::Value> EdgeService::age_of_oldest(std::uint64_t anchored) const {
    const auto oldest_s = FIELDSEAL_TRY(oldest_waiting_s(anchored));
    if (!oldest_s) return json::Value();
    const std::int64_t age_s = parts_.clock.now_s() - *oldest_s;
    return json::Value(std::max<std::int64_t>(0, age_s));
}

Result<json::Value> EdgeService::outbox() {
    const Coverage coverage = FIELDSEAL_TRY(parts_.admin.coverage());
    const std::uint64_t anchored = anchored_size(coverage);
    const std::uint64_t covered = std::max(coverage.checkpoint_size, anchored);
    const std::uint64_t size = std::max(coverage.log_size, covered);
    json::Value view = FIELDSEAL_TRY(targets());
    return json::Value::object(
        {{"fieldseal", "outbox/v1"},
         {"entries", json::Value::object({{"sealed", size - covered},
                                          {"checkpointed", covered - anchored},
                                          {"anchored", anchored}})},
         {"waiting", size - anchored},
         {"oldest_waiting_age_s", FIELDSEAL_TRY(age_of_oldest(anchored))},
         {"targets", *view.find("items")}});
}

Result<NodeFacts> EdgeService::facts() const {
    const Coverage coverage = FIELDSEAL_TRY(parts_.admin.coverage());
    NodeFacts facts;
    facts.log_entries = coverage.log_size;
    facts.checkpoint_entries = coverage.checkpoint_size;
    facts.anchored_entries = anchored_size(coverage);
    facts.oldest_unanchored_s = FIELDSEAL_TRY(oldest_waiting_s(facts.anchored_entries));
    for (const auto& report : parts_.anchoring.reports()) {
        facts.targets.push_back({report.settings.name, std::string(to_string(report.state.phase)),
                                 report.state.anchored_ms / 1000});
    }
    facts.clock_trust = parts_.clock.state().trust;
    facts.clock_behind_s = static_cast<std::uint64_t>(parts_.clock.behind_s());
    facts.store_failed = parts_.store.failure().has_value();
    for (const auto& seal : parts_.book.all()) {
        const auto status = parts_.status.find(seal->key.kid());
        const SealState state = status ? status->state : SealState::pre_active;
        ++facts.seals[static_cast<std::size_t>(state)];
        if (state == SealState::active && !parts_.keys.unlocked(seal->name)) ++facts.seals_locked;
    }
    return facts;
}

Result<std::string> EdgeService::verify(const api::VerifyOrder& order) {
    std::string text = order.trust;
    if (text.empty()) text = json::dump(FIELDSEAL_TRY(parts_.admin.trust_export()));
    const auto trust = parse_trust(text);
    if (!trust.ok()) return trust.error().with_context("the trust file is refused");
    verify::Input input{.document = std::nullopt,
                        .evidence = order.evidence,
                        .trust = *trust,
                        .trust_sha256 = sha256(as_bytes(text)),
                        .now_s = parts_.clock.now_s()};
    if (order.sha256) input.document = verify::DocumentDigests{*order.sha256, order.sha512};
    return verify::to_json(verify::verify(input));
}

api::Readiness EdgeService::readiness() {
    std::string state = parts_.store.failure() ? "failed" : parts_.admin.sealing_state().first;
    const bool ready = state == "ready" || state == "locked";
    std::string reason(public_reason(state));
    return {ready, std::move(state), std::move(reason)};
}

// What a stranger needs to check what this node published; names of seals are the office's own.
json::Value EdgeService::well_known() {
    json::Value seals = json::Value::array();
    for (const auto& seal : parts_.book.all()) {
        seals.push_back(json::Value::object({{"kid", hex_encode(seal->key.kid())},
                                             {"algorithm", to_string(seal->key.algorithm())},
                                             {"key", base64_encode(seal->key.spki())}}));
    }
    return json::Value::object({{"fieldseal", "well-known/v1"},
                                {"organisation", parts_.identity.organisation},
                                {"name", parts_.identity.name},
                                {"origin", parts_.identity.origin},
                                {"log_vkey", note::format_vkey(parts_.identity.log_key)},
                                {"status_key", base64_encode(parts_.identity.status_key.spki())},
                                {"seals", std::move(seals)},
                                {"api", "/api/v1"},
                                {"log", "/log"}});
}

Result<std::unique_ptr<api::EventStream>> EdgeService::listen(
    const std::optional<std::string>& cursor) {
    return EventFeed::open({parts_.store, parts_.anchoring, parts_.news}, cursor);
}

}  // namespace fieldseal::node
