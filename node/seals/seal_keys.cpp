// SPDX-License-Identifier: Apache-2.0
#include "node/seals/seal_keys.h"

#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::node {

namespace {

Result<std::shared_ptr<SigningKey>> load_key(const SealRecord& seal, const KeyStore& keystore) {
    auto key = keystore.load(seal.key_name);
    if (!key.ok()) {
        return key.error().with_context("the key of seal " + fieldseal::quoted(seal.name));
    }
    if (!(*key)->info().public_key || (*key)->info().public_key->kid() != seal.key.kid()) {
        return Error{Errc::corrupt, "the key file of seal " + fieldseal::quoted(seal.name) +
                                        " holds another key than the seal has"};
    }
    return key;
}

}  // namespace

Result<std::unique_ptr<SealKeys>> SealKeys::load(const SealBook& book, KeyStore& keystore,
                                                 const StatusBook& status,
                                                 std::string default_name) {
    std::unique_ptr<SealKeys> self(new SealKeys(book, keystore, status, std::move(default_name)));
    for (const auto& seal : book.all()) self->add(*seal);
    return self;
}

SealKeys::Entry SealKeys::load_entry(const SealRecord& seal) const {
    Entry entry;
    auto key = load_key(seal, keystore_);
    if (!key.ok()) {
        entry.damage = key.error();
        return entry;
    }
    entry.key = std::move(*key);
    if (!entry.key->info().unattended || !may_seal_yet(seal)) return entry;
    // Opens without asking its token anything: the first order logs in.
    const auto opened = keystore_.unlock(*entry.key, Credential::machine());
    if (!opened.ok()) entry.damage = opened.error();
    return entry;
}

// Neither ended nor suspended: what does not seal has no business with a token's login.
bool SealKeys::may_seal_yet(const SealRecord& seal) const {
    const auto status = status_.find(seal.key.kid());
    return !status || status->state == SealState::pre_active || status->state == SealState::active;
}

void SealKeys::reopen(const SealRecord& seal) {
    const auto signing_key = key(seal.name);
    if (signing_key.ok() && (*signing_key)->info().unattended) add(seal);
}

void SealKeys::add(const SealRecord& seal) {
    const auto status = status_.find(seal.key.kid());
    Entry entry;
    if (status && status->state == SealState::destroyed) {
        entry.damage = Error{Errc::denied, "the key of seal " + fieldseal::quoted(seal.name) +
                                               " was destroyed: name another seal"};
    } else {
        entry = load_entry(seal);
    }
    const std::scoped_lock lock(mutex_);
    keys_.insert_or_assign(seal.name, std::move(entry));
}

void SealKeys::forget(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    const auto at = keys_.find(name);
    if (at == keys_.end()) return;
    if (at->second.key) at->second.key->lock();
    at->second = Entry{};
    at->second.damage = Error{Errc::denied, "the key of seal " + fieldseal::quoted(name) +
                                                " was destroyed: name another seal"};
}

std::vector<std::string> SealKeys::damages() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> damages;
    for (const auto& [name, entry] : keys_) {
        // A key that was destroyed is no damage.
        if (entry.damage && entry.damage->code != Errc::denied) {
            damages.push_back(entry.damage->message);
        }
    }
    return damages;
}

bool SealKeys::is_active(const SealRecord& seal) const {
    return status_.check_active(seal.key.kid()).ok();
}

// A rotation does not ask for another configuration.
Result<SealRecordPtr> SealKeys::configured_default() const {
    SealRecordPtr seal = book_.find(default_name_);
    if (!seal) {
        return Error{Errc::not_found, "this node has no seal named " +
                                          fieldseal::quoted(default_name_) +
                                          ": correct sealing.default_seal in its configuration"};
    }
    while (!is_active(*seal) && !seal->replaced_by.empty()) {
        SealRecordPtr next = book_.find(seal->replaced_by);
        if (!next) return Error{Errc::corrupt, "a seal was replaced by one that is not there"};
        seal = std::move(next);
    }
    return seal;
}

Result<SealRecordPtr> SealKeys::only_active() const {
    const SealList seals = book_.all();
    if (seals.size() == 1) return seals.front();
    SealRecordPtr found;
    std::string names;
    for (const auto& seal : seals) {
        if (!is_active(*seal)) continue;
        found = seal;
        names += (names.empty() ? "" : ", ") + seal->name;
    }
    if (found && names == found->name) return found;
    if (!found) {
        return Error{Errc::not_found,
                     "no seal of this node is active: an admin makes one with `fieldseal seal-key "
                     "create` and activates it"};
    }
    return Error{Errc::invalid_argument, "this node has several active seals: " + names +
                                             ". Name one with --seal, or set sealing.default_seal"};
}

Result<SealRecordPtr> SealKeys::find(std::string_view name) const {
    if (name.empty()) return default_name_.empty() ? only_active() : configured_default();
    if (auto seal = book_.find(name)) return seal;
    return Error{Errc::not_found, "this node has no seal named " + fieldseal::quoted(name)};
}

Result<std::shared_ptr<SigningKey>> SealKeys::key(std::string_view name) const {
    const SealRecordPtr seal = FIELDSEAL_TRY(find(name));
    const std::scoped_lock lock(mutex_);
    const auto at = keys_.find(seal->name);
    if (at == keys_.end()) {
        return Error{Errc::unavailable, "the seal " + fieldseal::quoted(seal->name) +
                                            " is just being made: try again"};
    }
    if (at->second.damage) return *at->second.damage;
    return at->second.key;
}

Result<Statement> SealKeys::sign(std::string_view name, const StatementTbs& tbs) const {
    const auto signing_key = FIELDSEAL_TRY(key(name));
    auto statement = signing_key->sign_statement(tbs);
    if (!statement.ok() && statement.error().code == Errc::locked) {
        return is_locked(name, *signing_key);
    }
    return statement;
}

Result<void> SealKeys::test(std::string_view name) const {
    const auto signing_key = FIELDSEAL_TRY(key(name));
    const auto tested = signing_key->test_sign();
    if (!tested.ok() && tested.error().code == Errc::locked) return is_locked(name, *signing_key);
    return tested;
}

// Why it is locked where that is known, and the order that opens it.
Error SealKeys::is_locked(std::string_view name, const SigningKey& signing_key) const {
    const auto seal = find(name);
    const std::string shown = seal.ok() ? (*seal)->name : std::string(name);
    const std::string why = signing_key.lock_reason();
    return {Errc::locked, "the seal " + fieldseal::quoted(shown) + " is locked: " +
                              (why.empty() ? "run `fieldseal unlock " + shown + "`" : why)};
}

bool SealKeys::signs_here(std::string_view name) const {
    const auto signing_key = key(name);
    return !signing_key.ok() || (*signing_key)->info().custody == Custody::software;
}

Result<void> SealKeys::check_active(std::string_view name) const {
    return status_.check_active(FIELDSEAL_TRY(find(name))->key.kid());
}

Result<void> SealKeys::check_not_ended(std::string_view name) const {
    const SealRecordPtr seal = FIELDSEAL_TRY(find(name));
    const auto status = status_.find(seal->key.kid());
    if (!status || !is_terminal(status->state)) return {};
    return Error{Errc::conflict,
                 "the seal " + fieldseal::quoted(seal->name) + " is " +
                     std::string(to_string(status->state)) +
                     " and seals nothing any more: there is nothing to unlock it for",
                 kSealStateProblem};
}

Result<void> SealKeys::unlock(std::string_view name, std::string_view secret, std::int64_t now_s,
                              LastTry last_try) {
    const auto signing_key = FIELDSEAL_TRY(key(name));
    FIELDSEAL_TRY(check_not_ended(name));
    FIELDSEAL_TRY(try_secret(*signing_key, secret, now_s, last_try));
    // It may have ended while the secret was tried.
    auto still = check_not_ended(name);
    if (!still.ok()) signing_key->lock();
    return still;
}

Result<void> SealKeys::try_secret(SigningKey& signing_key, std::string_view text,
                                  std::int64_t now_s, LastTry last_try) {
    const bool in_token = signing_key.info().custody != Custody::software;
    if (text.empty() && !in_token) {
        return Error{Errc::invalid_argument, "the passphrase is empty: give the one of the seal"};
    }
    const auto secret = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(text)));
    if (!in_token) return keystore_.unlock(signing_key, Credential::passphrase(secret, now_s));
    const SecretBytes* pin = text.empty() ? nullptr : &secret;
    return keystore_.unlock(signing_key, Credential::pin(pin, now_s, last_try == LastTry::spend));
}

Result<void> SealKeys::lock(std::string_view name) {
    FIELDSEAL_TRY(key(name))->lock();
    return {};
}

void SealKeys::lock_all() {
    const std::scoped_lock lock(mutex_);
    for (auto& [name, entry] : keys_) {
        if (entry.key) entry.key->lock();
    }
}

bool SealKeys::unlocked(std::string_view name) const {
    const auto signing_key = key(name);
    return signing_key.ok() && (*signing_key)->unlocked();
}

void SealKeys::lock_idle(std::chrono::steady_clock::time_point now, std::chrono::seconds idle) {
    const std::scoped_lock lock(mutex_);
    for (auto& [name, entry] : keys_) {
        if (!entry.key || entry.key->info().unattended) continue;  // nobody would open it again
        const SealRecordPtr seal = book_.find(name);
        const auto own = seal ? seal->policy.idle_lock_s : std::nullopt;
        const auto limit = own ? std::chrono::seconds(*own) : idle;
        if (limit.count() == 0) continue;
        const std::uint64_t uses = entry.key->uses();
        if (!entry.key->unlocked() || uses != entry.uses_seen ||
            entry.last_use.time_since_epoch().count() == 0) {
            entry.uses_seen = uses;
            entry.last_use = now;
        } else if (now - entry.last_use >= limit) {
            entry.key->lock();
        }
    }
}

}  // namespace fieldseal::node
