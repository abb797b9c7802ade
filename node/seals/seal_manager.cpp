// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_manager.h"

#include "core/encoding.h"
#include "node/local_time.h"
#include "store/crash_point.h"

#include <algorithm>
#include <array>

namespace fieldseal::node {
namespace {

using api::SealAction;

// What an action makes of a seal, and which states it is for besides.
struct Transition {
    SealAction action;
    SealState to;
    std::string_view what;  // in the history
};
constexpr std::array<Transition, 6> kTransitions = {{
    {SealAction::activate, SealState::active, "activated"},
    {SealAction::suspend, SealState::suspended, "suspended"},
    {SealAction::resume, SealState::active, "resumed"},
    {SealAction::retire, SealState::retired, "retired"},
    {SealAction::compromise, SealState::compromised, "compromised"},
    {SealAction::destroy, SealState::destroyed, "destroyed"},
}};

const Transition& transition_of(SealAction action) {
    return kTransitions[static_cast<std::size_t>(action)];
}

std::string actor_of(const api::Caller& caller) {
    if (caller.token_id.empty()) return caller.account;
    return caller.account + " token:" + caller.token_id;
}

Error wrong_state(const SealStatus& status, std::string_view advice) {
    return {Errc::conflict,
            "this seal is " + std::string(to_string(status.state)) + ": " + std::string(advice),
            kSealStateProblem};
}

// Both lead to active, each from where it belongs.
Result<void> check_from(SealAction action, const std::optional<SealStatus>& status) {
    if (!status) return {};
    if (action == SealAction::activate && status->state == SealState::suspended) {
        return wrong_state(*status, "let it go on with `fieldseal seal-key resume`");
    }
    // Its key is still in use: an order that was meant for another seal shall not end it.
    if (action == SealAction::destroy && status->state == SealState::active) {
        return wrong_state(*status, "end it first with `fieldseal seal-key retire`");
    }
    if (action == SealAction::resume && status->state == SealState::pre_active) {
        return wrong_state(*status, "let it begin with `fieldseal seal-key activate`");
    }
    return {};
}

Error no_such_seal(std::string_view name) {
    return {Errc::not_found, "this node has no seal named " + fieldseal::quoted(name)};
}

Result<void> check_replaceable(const SealRecord& old, const std::optional<SealStatus>& status) {
    if (!old.replaced_by.empty()) {
        return Error{Errc::conflict,
                     "the seal " + fieldseal::quoted(old.name) + " was replaced by " +
                         fieldseal::quoted(old.replaced_by) + " already: rotate that one",
                     kSealStateProblem};
    }
    if (status && status->state != SealState::pre_active) return {};
    return Error{Errc::conflict,
                 "the seal " + fieldseal::quoted(old.name) +
                     " has sealed nothing yet: activate it, or retire it and make another",
                 kSealStateProblem};
}

// The order, with what it leaves open as the old seal had it.
api::NewSeal inherited(api::NewSeal order, const SealRecord& old) {
    if (order.suite.empty() && !order.token)
        order.suite = std::string(to_string(old.key.algorithm()));
    if (!order.settings.owner) order.settings.owner = old.owner;
    return order;
}

template <class T>
void take(std::optional<T>& value, const api::Setting<T>& setting) {
    if (setting) value = *setting;
}

Result<SealPolicy> apply(SealPolicy policy, const api::PolicyOrder& order) {
    if (order.media_types) policy.media_types = *order.media_types;
    take(policy.quota_per_day, order.quota_per_day);
    take(policy.lock_after_statements, order.lock_after_statements);
    take(policy.lock_after_hours, order.lock_after_hours);
    take(policy.idle_lock_s, order.idle_lock_s);
    if (order.hours) {
        policy.hours = std::nullopt;
        if (*order.hours) policy.hours = FIELDSEAL_TRY(parse_day_hours(**order.hours));
    }
    FIELDSEAL_TRY(check_policy(policy));
    return policy;
}

}  // namespace

Result<void> SealManager::recover() {
    for (const auto& [name, key_name] : parts_.book.unfinished()) {
        if (!parts_.book.find(name)) FIELDSEAL_TRY(parts_.keystore.destroy(key_name));
        FIELDSEAL_TRY(parts_.book.end_making(name));
    }
    bool counts = false;
    for (const auto& seal : parts_.book.all()) {
        const auto status = parts_.status.find(seal->key.kid());
        const bool destroyed = status && status->state == SealState::destroyed;
        if (destroyed) FIELDSEAL_TRY(parts_.keystore.destroy(seal->key_name));
        counts = counts || seal->policy.counts();
    }
    return counts ? parts_.use.track(parts_.sequencer) : Result<void>();
}

SealFacts SealManager::facts(const SealRecord& seal) const {
    return {parts_.status.find(seal.key.kid()), parts_.keys.unlocked(seal.name)};
}

Result<json::Value> SealManager::seals() {
    json::Value items = json::Value::array();
    for (const auto& seal : parts_.book.all()) items.push_back(seal_view(*seal, facts(*seal)));
    return json::Value::object({{"items", std::move(items)}});
}

Result<json::Value> SealManager::seal(std::string_view name) {
    const SealRecordPtr seal = parts_.book.find(name);
    if (!seal)
        return Error{Errc::not_found, "this node has no seal named " + fieldseal::quoted(name)};
    SealDetails details;
    details.use = FIELDSEAL_TRY(parts_.use.counts(seal->key.kid()));
    details.zone = local_moment(parts_.clock.now_s()).zone;
    details.history = FIELDSEAL_TRY(parts_.book.history(name));
    return seal_view(*seal, facts(*seal), details);
}

SealManager::Step SealManager::step_of(const api::Caller& by, std::string_view action,
                                       std::string_view name, std::string_view what) const {
    Step step;
    step.action = std::string(action);
    step.name = std::string(name);
    step.change.at_s = std::max<std::int64_t>(0, parts_.clock.now_s());
    step.change.what = std::string(what);
    step.change.actor = actor_of(by);
    step.remote = by.remote;
    return step;
}

// In this order: what can be refused, the audit log with its head, the snapshot. So the snapshot is
// the last entry, and the checkpoint that is asked for needs no other.
Result<bool> SealManager::publish(store::Batch& batch, Step& step) {
    if (!step.states.empty() && !FIELDSEAL_TRY(parts_.status.would_change(batch, step.states))) {
        return false;
    }
    FIELDSEAL_TRY(parts_.audit.append_to(
        batch, {step.change.actor, step.action, step.name, "ok", step.remote}));
    if (!step.states.empty()) {
        FIELDSEAL_TRY(parts_.audit.append_head(batch));
        step.change.index =
            FIELDSEAL_TRY(parts_.status.append_changes(batch, step.states, step.rotation));
        parts_.checkpointer.request();
    }
    FIELDSEAL_TRY(parts_.book.note(batch, step.name, step.change));
    return true;
}

Result<json::Value> SealManager::noted(const Step& step, Result<void> outcome) {
    if (outcome.ok()) return seal(step.name);
    // An order of somebody who may give it, and that came to nothing.
    const auto note =
        parts_.audit.append({step.change.actor, step.action, step.name, "failed", step.remote});
    if (!note.ok()) return note.error();
    return outcome.error();
}

Result<void> SealManager::add(const api::Caller& by, const SealRecord& record, SealState state) {
    Step step = step_of(by, "seal-create", record.name, "created");
    step.states.push_back({record.key.kid(), state});
    const auto also = [&](store::Batch& batch) -> Result<void> {
        FIELDSEAL_TRY(publish(batch, step));
        return {};
    };
    FIELDSEAL_TRY(parts_.book.add(record, also));
    parts_.keys.add(record);
    return {};
}

Result<KeyInfo> SealManager::make_key_here_or_in_token(const api::NewSeal& order,
                                                       const std::string& key_name,
                                                       KeyAlgorithm algorithm) {
    const auto secret = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(order.passphrase)));
    if (!order.token)
        return parts_.keystore.create_attended(
            {key_name, algorithm, Purpose::statement, order.exportable}, secret);
    if (order.exportable) {
        return Error{Errc::invalid_argument,
                     "a key in a token never leaves it: it cannot be made exportable"};
    }
    pkcs11::NewTokenKey key;
    key.name = key_name;
    key.algorithm = algorithm;
    key.token = {order.token->module, order.token->label, order.token->serial};
    if (!order.token->key_id.empty()) key.key_id = FIELDSEAL_TRY(hex_decode(order.token->key_id));
    if (!order.token->pin_file.empty()) key.pin_file = order.token->pin_file;
    return parts_.keystore.create_in_token(key, pin_credential(secret, order.token->last_try));
}

// An empty PIN is typed on the reader.
Credential SealManager::pin_credential(const SecretBytes& pin, bool last_try) const {
    return Credential::pin(pin.size() == 0 ? nullptr : &pin, parts_.clock.now_s(), last_try);
}

Result<void> SealManager::unlock_last_try(const std::string& name, std::string_view pin) {
    return parts_.keys.unlock(name, pin, parts_.clock.now_s(), LastTry::spend);
}

Result<json::Value> SealManager::pkcs11_tokens(const std::string& module) {
    auto& tokens = parts_.keystore.tokens();
    const auto found = module.empty() ? Result<std::vector<pkcs11::TokenInfo>>(tokens.tokens())
                                      : tokens.tokens(module);
    json::Value items = json::Value::array();
    for (const auto& token : FIELDSEAL_TRY(found)) items.push_back(token_view(token));
    return json::Value::object({{"items", std::move(items)}});
}

// REQUIRES: making_ is held.
Result<SealRecord> SealManager::make_key(const api::NewSeal& order, const SealPolicy& base) {
    FIELDSEAL_TRY(check_seal_name(order.name));
    const auto algorithm =
        FIELDSEAL_TRY(order.suite.empty() ? Result<KeyAlgorithm>(order.token ? KeyAlgorithm::es256
                                                                             : KeyAlgorithm::es256k)
                                          : parse_key_algorithm(order.suite));
    const std::string owner = order.settings.owner.value_or("");
    FIELDSEAL_TRY(check_seal_text("owner", owner));
    const SealPolicy policy = FIELDSEAL_TRY(apply(base, order.settings.policy));
    const std::string key_name = seal_key_name(order.name);
    if (parts_.book.find(order.name)) {
        return Error{Errc::conflict,
                     "there is or was a seal " + fieldseal::quoted(order.name) +
                         " on this node: names are never used again, choose another name"};
    }
    if (const auto there = parts_.keystore.info(key_name);
        there.ok() || there.error().code != Errc::not_found) {
        return Error{Errc::conflict, "there is a key file for a seal " +
                                         fieldseal::quoted(order.name) +
                                         " already, and no seal of that name: choose another name"};
    }
    FIELDSEAL_TRY(parts_.book.begin_making(order.name, key_name));
    const auto info = make_key_here_or_in_token(order, key_name, algorithm);
    if (!info.ok()) {
        FIELDSEAL_TRY(parts_.book.end_making(order.name));
        return info.error();
    }
    FIELDSEAL_CRASH_POINT("seal.key_made");
    SealRecord record{.name = order.name,
                      .owner = owner,
                      .key = *info->public_key,
                      .custody = info->custody,
                      .key_name = key_name,
                      .policy = policy,
                      .created_at_s = std::max<std::int64_t>(0, parts_.clock.now_s())};
    const auto uri = parts_.keystore.token_uri(key_name);
    if (!uri.ok()) {
        FIELDSEAL_TRY(unmake_key(order, record));
        return uri.error();
    }
    record.token = *uri;
    return record;
}

// A key that was in the token before us stays there.
Result<void> SealManager::unmake_key(const api::NewSeal& order, const SealRecord& record) {
    if (order.token && order.token->key_id.empty()) {
        const auto pin = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(order.passphrase)));
        ignore_error(parts_.keystore.destroy_in_token(record.key_name,
                                                      pin_credential(pin, order.token->last_try)),
                     "what went wrong first is what is said");
    }
    FIELDSEAL_TRY(parts_.keystore.destroy(record.key_name));
    return parts_.book.end_making(record.name);
}

Result<json::Value> SealManager::create(const api::Caller& by, const api::NewSeal& order) {
    const Step step = step_of(by, "seal-create", order.name, "created");
    const auto created = [&]() -> Result<void> {
        const std::scoped_lock making(making_);
        const SealRecord record = FIELDSEAL_TRY(make_key(order, {}));
        const auto added = [&]() -> Result<void> {
            if (record.policy.counts()) FIELDSEAL_TRY(parts_.use.track(parts_.sequencer));
            return add(by, record, order.activate ? SealState::active : SealState::pre_active);
        }();
        if (!added.ok()) {
            FIELDSEAL_TRY(unmake_key(order, record));
            return added.error();
        }
        return {};
    };
    return noted(step, created());
}

// The word of a new seal that it takes the old one's place. Its key is open for as long as this
// takes.
Result<Bytes> SealManager::sign_rotation(const api::NewSeal& order, const SealRecord& fresh,
                                         const SealRecord& old) {
    const auto secret = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(order.passphrase)));
    const auto key = FIELDSEAL_TRY(parts_.keystore.load(fresh.key_name));
    Credential credential = Credential::passphrase(secret, parts_.clock.now_s());
    if (order.token) credential = pin_credential(secret, order.token->last_try);
    if (key->info().unattended) credential = Credential::machine();
    FIELDSEAL_TRY(parts_.keystore.unlock(*key, credential));
    const auto tbs = FIELDSEAL_TRY(
        RotationTbs::from({parts_.origin, fresh.created_at_s, old.key.kid(), fresh.key}));
    return key->sign_rotation(tbs);
}

Result<void> SealManager::replace(const api::Caller& by, const SealRecord& old,
                                  const SealRecord& fresh, const Bytes& rotation) {
    Step ends = step_of(by, "seal-rotate", old.name, "rotated");
    ends.change.reason = "by " + fresh.name;
    Step begins = step_of(by, "seal-create", fresh.name, "created");
    begins.change.reason = "in the place of " + old.name;
    begins.rotation = rotation;
    const auto edit = [&](std::vector<SealRecord>& seals, store::Batch& batch) -> Result<void> {
        const Digest kid = old.key.kid();
        const auto status = parts_.status.find_in_turn(kid);
        // What ended already stays what it is: a compromised seal is replaced too.
        if (!status || !is_terminal(status->state)) {
            begins.states.push_back({kid, SealState::retired});
        }
        begins.states.push_back({fresh.key.kid(), SealState::active});
        FIELDSEAL_TRY(publish(batch, begins));
        ends.change.index = begins.change.index;
        FIELDSEAL_TRY(publish(batch, ends));
        seals.front().replaced_by = fresh.name;
        return {};
    };
    return parts_.book.add(fresh, {old.name}, edit);
}

Result<json::Value> SealManager::rotate(const api::Caller& by, std::string_view old,
                                        const api::NewSeal& order) {
    const Step step = step_of(by, "seal-rotate", old, "rotated");
    const auto rotated = [&]() -> Result<void> {
        const std::scoped_lock making(making_);
        const SealRecordPtr before = parts_.book.find(old);
        if (!before) return no_such_seal(old);
        FIELDSEAL_TRY(check_replaceable(*before, parts_.status.find(before->key.kid())));
        SealRecord fresh = FIELDSEAL_TRY(make_key(inherited(order, *before), before->policy));
        fresh.replaces = before->name;
        const auto replaced = [&]() -> Result<void> {
            const Bytes rotation = FIELDSEAL_TRY(sign_rotation(order, fresh, *before));
            return replace(by, *before, fresh, rotation);
        }();
        if (!replaced.ok()) {
            FIELDSEAL_TRY(unmake_key(order, fresh));
            return replaced.error();
        }
        parts_.keys.add(fresh);
        if (parts_.keys.unlocked(old)) FIELDSEAL_TRY(parts_.keys.lock(old));
        return {};
    };
    const auto outcome = noted(step, rotated());
    return outcome.ok() ? seal(order.name) : outcome;
}

Result<void> SealManager::act_on(Step& step, const api::SealActionOrder& order) {
    const Transition& transition = transition_of(order.action);
    FIELDSEAL_TRY(check_seal_text("reason", order.reason));
    step.change.reason = order.reason;
    if (order.from && *order.from > parts_.clock.now_s()) {
        return Error{Errc::invalid_argument, "a compromise lies in the past: " +
                                                 rfc3339(*order.from) + " is still to come"};
    }
    step.change.invalid_from = order.from;
    return parts_.book.update(
        {step.name}, [&](std::vector<SealRecord>& seals, store::Batch& batch) -> Result<void> {
            const Digest kid = seals.front().key.kid();
            FIELDSEAL_TRY(check_from(order.action, parts_.status.find_in_turn(kid)));
            step.states = {{kid, transition.to, order.from}};
            FIELDSEAL_TRY(publish(batch, step));
            return {};
        });
}

Result<json::Value> SealManager::act(const api::Caller& by, std::string_view name,
                                     const api::SealActionOrder& order) {
    Step step = step_of(by, "seal-" + std::string(to_string(order.action)), name,
                        transition_of(order.action).what);
    const auto acted = [&]() -> Result<void> {
        const SealRecordPtr seal = parts_.book.find(name);
        const bool destroys = seal && order.action == SealAction::destroy;
        if (destroys && seal->custody != Custody::software)
            FIELDSEAL_TRY(destroy_in_token(*seal, order));
        FIELDSEAL_TRY(act_on(step, order));
        if (!seal) return {};
        if (transition_of(order.action).to == SealState::active) {
            parts_.keys.reopen(*seal);
            return {};
        }
        if (destroys) {
            FIELDSEAL_CRASH_POINT("seal.destroyed");
            parts_.keys.forget(name);
            // Done again at every start, so a crash before this changes nothing.
            return parts_.keystore.destroy(seal->key_name);
        }
        if (parts_.keys.unlocked(name)) return parts_.keys.lock(name);
        return {};
    };
    return noted(step, acted());
}

// Before it is published, and not after it as with a file: at the next start nobody has the PIN,
// and nothing may be called destroyed that is still there. A crash after this leaves a seal that
// cannot sign, and the same order finishes it.
Result<void> SealManager::destroy_in_token(const SealRecord& seal,
                                           const api::SealActionOrder& order) {
    const Digest kid = seal.key.kid();
    const auto status = parts_.status.find(kid);
    if (status && status->state == SealState::destroyed) return {};
    FIELDSEAL_TRY(check_from(SealAction::destroy, status));
    FIELDSEAL_TRY(parts_.status.check_may_become(kid, SealState::destroyed));
    const auto pin = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(order.pin.value_or(""))));
    FIELDSEAL_TRY(parts_.keystore.destroy_in_token(seal.key_name, pin_credential(pin, false)));
    FIELDSEAL_CRASH_POINT("seal.destroyed_in_token");
    return {};
}

Result<json::Value> SealManager::set(const api::Caller& by, std::string_view name,
                                     const api::SealSettings& settings) {
    Step step = step_of(by, "seal-set", name, "policy");
    const auto changed = [&]() -> Result<void> {
        if (settings.owner) FIELDSEAL_TRY(check_seal_text("owner", *settings.owner));
        // Whatever the policy comes to ask for, the count is there when it asks.
        FIELDSEAL_TRY(parts_.use.track(parts_.sequencer));
        return parts_.book.update(
            {step.name}, [&](std::vector<SealRecord>& seals, store::Batch& batch) -> Result<void> {
                SealRecord next = seals.front();
                if (settings.owner) next.owner = *settings.owner;
                next.policy = FIELDSEAL_TRY(apply(next.policy, settings.policy));
                if (next == seals.front()) return {};
                FIELDSEAL_TRY(publish(batch, step));
                seals.front() = std::move(next);
                return {};
            });
    };
    return noted(step, changed());
}

}  // namespace fieldseal::node
