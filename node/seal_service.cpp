// SPDX-License-Identifier: Apache-2.0
#include "node/seal_service.h"

#include "core/encoding.h"
#include "core/json/reader.h"
#include "node/local_time.h"
#include "store/crash_point.h"

#include <sodium.h>

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::size_t kRandomSubjectBytes = 16;

Nonce random_nonce() {
    Nonce nonce;
    ::randombytes_buf(nonce.data(), nonce.size());
    return nonce;
}

// A reference that says nothing, for callers who give none.
std::string random_subject() {
    std::array<std::uint8_t, kRandomSubjectBytes> bytes;
    ::randombytes_buf(bytes.data(), bytes.size());
    return hex_encode(bytes);
}

// What must be equal when an idempotency key comes again.
Digest request_digest(const api::SealOrder& order) {
    const auto sha512 = order.document_sha512 ? hex_encode(*order.document_sha512) : std::string();
    return sha256(as_bytes(json::dump(json::Value::object({{"sha256", hex_encode(order.document)},
                                                           {"sha512", sha512},
                                                           {"media_type", order.media_type},
                                                           {"subject", order.subject},
                                                           {"seal", order.seal}}))));
}

Error key_used_for_another_order() {
    return {Errc::conflict, "this Idempotency-Key was used for another order: use a new key"};
}

}  // namespace

Result<SealService::Sealed> SealService::seal(const api::SealOrder& order) {
    FIELDSEAL_CRASH_POINT("seal.accepted");
    std::optional<Sequencer::Preparing> preparing;
    if (parts_.keys.signs_here(order.seal)) preparing.emplace(parts_.sequencer);
    auto begun = FIELDSEAL_TRY(begin(order));
    if (begun.before) return std::move(*begun.before);
    Signed& one = *begun.fresh;
    FIELDSEAL_CRASH_POINT("seal.signed");
    FIELDSEAL_TRY(parts_.sequencer.run([&](store::Batch& batch) { return append(one, batch); }));
    FIELDSEAL_CRASH_POINT("seal.before_reply");
    return settle(one);
}

std::vector<Result<SealService::Sealed>> SealService::seal_many(
    const std::vector<api::SealOrder>& orders) {
    const bool soon = std::all_of(orders.begin(), orders.end(), [&](const api::SealOrder& order) {
        return parts_.keys.signs_here(order.seal);
    });
    std::optional<Sequencer::Preparing> preparing;
    if (soon) preparing.emplace(parts_.sequencer);
    std::vector<Result<Begun>> all;
    for (const api::SealOrder& order : orders) all.push_back(begin(order));
    const auto written = parts_.sequencer.run([&](store::Batch& batch) -> Result<void> {
        for (auto& begun : all) {
            if (begun.ok() && begun->fresh) begun->fresh->appended = append(*begun->fresh, batch);
        }
        return {};
    });
    std::vector<Result<Sealed>> outcomes;
    for (auto& begun : all) {
        if (!begun.ok()) {
            outcomes.emplace_back(begun.error());
        } else if (begun->before) {
            outcomes.emplace_back(std::move(*begun->before));
        } else if (!written.ok()) {
            outcomes.emplace_back(written.error());
        } else {
            outcomes.push_back(settle(*begun->fresh));
        }
    }
    return outcomes;
}

Result<SealService::Begun> SealService::begin(const api::SealOrder& order) const {
    if (order.actor.size() > api::kActorBytesMax) {
        return Error{Errc::invalid_argument, "the actor " + fieldseal::quoted(order.actor) +
                                                 " of an order has more than 64 bytes"};
    }
    const Digest request = order.idempotency_key.empty() ? Digest{} : request_digest(order);
    // Before the gate: repeating an order that was carried out is always answered.
    if (auto known = FIELDSEAL_TRY(replay(order, request))) {
        return Begun{std::move(known), std::nullopt};
    }
    FIELDSEAL_TRY(parts_.gate.check());
    SealRecordPtr seal = FIELDSEAL_TRY(parts_.keys.find(order.seal));
    // Asked again in the sequencer's turn; here it spares a token the work.
    FIELDSEAL_TRY(parts_.status.check_active(seal->key.kid()));
    FIELDSEAL_TRY(check_policy(*seal, order.media_type));
    auto statement = FIELDSEAL_TRY(sign(order, *seal));
    return Begun{std::nullopt, Signed{&order, request, std::move(seal), std::move(statement)}};
}

Result<std::optional<SealService::Sealed>> SealService::replay(const api::SealOrder& order,
                                                               const Digest& request) const {
    if (order.idempotency_key.empty()) return std::optional<Sealed>();
    const auto known = FIELDSEAL_TRY(parts_.store.idempotency(idempotency_row(order)));
    if (!known) return std::optional<Sealed>();
    if (known->request != request) return key_used_for_another_order();
    auto record = FIELDSEAL_TRY(parts_.store.statements().by_entry(known->entry));
    if (!record)
        return Error{Errc::corrupt, "an idempotency key names a statement that is not there"};
    return std::optional<Sealed>(Sealed{std::move(*record), true});
}

Result<void> SealService::check_policy(const SealRecord& seal,
                                       const std::string& media_type) const {
    if (seal.policy == SealPolicy{}) return {};
    PolicyFacts facts;
    facts.seal = seal.name;
    facts.media_type = media_type;
    const LocalMoment now = local_moment(parts_.clock.now_s());
    facts.minute = now.minute;
    facts.zone = now.zone;
    if (seal.policy.counts()) {
        const auto counts = FIELDSEAL_TRY(parts_.use.counts(seal.key.kid()));
        facts.today = counts.today;
        facts.unanchored = counts.unanchored;
        facts.oldest_unanchored_age_s = counts.oldest_unanchored_age_s;
    }
    return apply_policy(seal.policy, facts);
}

Result<store::NewStatement> SealService::sign(const api::SealOrder& order,
                                              const SealRecord& seal) const {
    auto checked = FIELDSEAL_TRY(claims(order, seal));
    const auto tbs = FIELDSEAL_TRY(StatementTbs::from(std::move(checked)));
    const auto statement = FIELDSEAL_TRY(parts_.keys.sign(seal.name, tbs));
    return store::NewStatement{
        store::StatementKind::statement,
        tbs.claims().issued_at,
        statement.entry,
        order.document,
        statement.cose(),
        encode_local({order.document_name, order.document_bytes, order.actor}),
        true};
}

Result<StatementClaims> SealService::claims(const api::SealOrder& order,
                                            const SealRecord& seal) const {
    StatementClaims claims;
    claims.document = order.document;
    claims.algorithm = seal.key.algorithm();
    claims.kid = seal.key.kid();
    claims.issuer = parts_.origin;
    claims.subject = order.subject.empty() ? random_subject() : order.subject;
    claims.issued_at = parts_.clock.now_s();
    claims.media_type = order.media_type;
    claims.document_sha512 = order.document_sha512;
    claims.nonce = random_nonce();
    claims.floor = parts_.floors.newest();
    claims.clock = parts_.clock.state();
    // One that has ended vouches for nothing made now. (Whether it has begun was asked when it
    // came: a clock before that went back, and anchors will say when this was made.)
    if (seal.leaf && !seal.leaf->has_ended(claims.issued_at)) claims.certificate = seal.leaf->x5t;
    claims.custody = seal.custody;
    return claims;
}

// Runs in the sequencer's turn. Leaves `index` empty when the key turned up meanwhile.
Result<void> SealService::append(Signed& one, store::Batch& batch) const {
    const std::string key = idempotency_row(*one.order);
    FIELDSEAL_TRY(parts_.gate.check());
    const Digest kid = one.seal->key.kid();
    FIELDSEAL_TRY(parts_.status.check_active_in_turn(kid));
    if (!key.empty()) {
        if (const auto known = FIELDSEAL_TRY(batch.idempotency(key))) {
            if (known->request != one.request) return key_used_for_another_order();
            return {};
        }
    }
    // The policy as it is in this turn, which a change may have come before.
    const SealRecordPtr seal = FIELDSEAL_TRY(parts_.keys.find(one.seal->name));
    FIELDSEAL_TRY(check_policy(*seal, one.order->media_type));
    one.index = FIELDSEAL_TRY(batch.append_statement(one.statement));
    parts_.use.added(kid, one.index->value, one.statement.received_at_s);
    if (key.empty()) return {};
    return batch.put_idempotency(key,
                                 {one.request, one.statement.entry, one.statement.received_at_s});
}

// The group is durable.
Result<SealService::Sealed> SealService::settle(Signed& one) const {
    FIELDSEAL_TRY(one.appended);
    if (!one.index) {  // the same key came twice at once, and the other one was first
        if (auto known = FIELDSEAL_TRY(replay(*one.order, one.request))) return std::move(*known);
        return Error{Errc::internal, "an idempotency key vanished"};
    }
    store::NewStatement& made = one.statement;
    return Sealed{{*one.index, made.kind, made.received_at_s, made.entry, made.document,
                   std::move(made.cose), std::move(made.local)},
                  false};
}

// No key has a line feed in it, so the two parts cannot be cut another way.
std::string idempotency_row(const api::SealOrder& order) {
    if (order.idempotency_key.empty() || order.actor.empty()) return order.idempotency_key;
    return order.actor + "\n" + order.idempotency_key;
}

Bytes encode_local(const LocalNote& local) {
    if (local.document_name.empty() && !local.document_bytes && local.actor.empty()) return {};
    json::Value value = json::Value::object();
    if (!local.document_name.empty()) value.set("name", local.document_name);
    value.set_if("size", local.document_bytes);
    if (!local.actor.empty()) value.set("actor", local.actor);
    return to_bytes(as_bytes(json::dump(value)));
}

LocalNote decode_local(ByteView bytes) {
    LocalNote local;
    const auto value = json::parse(as_text(bytes));
    if (!value.ok()) return local;
    if (const auto* name = value->find("name"); name != nullptr && name->is_string()) {
        local.document_name = name->as_string();
    }
    if (const auto* size = value->find("size"); size != nullptr && size->is_integer()) {
        local.document_bytes = static_cast<std::uint64_t>(size->as_integer());
    }
    if (const auto* actor = value->find("actor"); actor != nullptr && actor->is_string()) {
        local.actor = actor->as_string();
    }
    return local;
}

}  // namespace fieldseal::node
