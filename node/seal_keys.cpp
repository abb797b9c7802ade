// SPDX-License-Identifier: Apache-2.0
#include "node/seal_keys.h"

#include "core/encoding.h"

namespace fieldseal::node {

namespace {

Result<std::shared_ptr<SigningKey>> load_key(const SealIdentity& seal, const KeyStore& keystore) {
    auto key = keystore.load(seal_key_name(seal.name));
    if (!key.ok()) {
        return key.error().with_context("the key of seal " + fieldseal::quoted(seal.name));
    }
    if (!(*key)->info().public_key || (*key)->info().public_key->kid() != seal.key.kid()) {
        return Error{Errc::corrupt, "the key file of seal " + fieldseal::quoted(seal.name) +
                                        " holds another key than node.json names"};
    }
    return key;
}

}  // namespace

Result<std::unique_ptr<SealKeys>> SealKeys::load(const NodeIdentity& identity, KeyStore& keystore,
                                                 const StatusBook& status) {
    std::unique_ptr<SealKeys> self(new SealKeys(identity, keystore, status));
    for (const auto& seal : identity.seals) {
        Entry entry;
        auto key = load_key(seal, keystore);
        if (key.ok())
            entry.key = std::move(*key);
        else
            entry.damage = key.error();
        self->keys_.emplace(seal.name, std::move(entry));
    }
    return self;
}

std::vector<std::string> SealKeys::damages() const {
    std::vector<std::string> damages;
    for (const auto& [name, entry] : keys_) {
        if (entry.damage) damages.push_back(entry.damage->message);
    }
    return damages;
}

Result<const SealIdentity*> SealKeys::find(std::string_view name) const {
    if (name.empty() && identity_.seals.size() == 1) return &identity_.seals.front();
    if (name.empty()) {
        return Error{Errc::invalid_argument, "this node has several seals: name one"};
    }
    for (const auto& seal : identity_.seals) {
        if (seal.name == name) return &seal;
    }
    return Error{Errc::not_found, "this node has no seal named " + fieldseal::quoted(name)};
}

Result<SigningKey*> SealKeys::key(std::string_view name) const {
    const SealIdentity& seal = *FIELDSEAL_TRY(find(name));
    const Entry& entry = keys_.find(seal.name)->second;
    if (entry.damage) return *entry.damage;
    return entry.key.get();
}

Result<Statement> SealKeys::sign(std::string_view name, const StatementTbs& tbs) const {
    SigningKey& signing_key = *FIELDSEAL_TRY(key(name));
    auto statement = signing_key.sign_statement(tbs);
    if (!statement.ok() && statement.error().code == Errc::locked) {
        return Error{Errc::locked,
                     "the seal " + fieldseal::quoted(name) + " is locked: run `fieldseal unlock`"};
    }
    return statement;
}

bool SealKeys::signs_here(std::string_view name) const {
    const auto signing_key = key(name);
    return !signing_key.ok() || (*signing_key)->info().custody == Custody::software;
}

Result<void> SealKeys::check_active(std::string_view name) const {
    return status_.check_active(FIELDSEAL_TRY(find(name))->key.kid());
}

Result<void> SealKeys::unlock(std::string_view name, std::string_view passphrase,
                              std::int64_t now_s) {
    SigningKey& signing_key = *FIELDSEAL_TRY(key(name));
    if (passphrase.empty()) {
        return Error{Errc::invalid_argument, "the passphrase is empty: give the one of the seal"};
    }
    const auto secret = FIELDSEAL_TRY(SecretBytes::copy_of(as_bytes(passphrase)));
    return keystore_.unlock(signing_key, Credential::passphrase(secret, now_s));
}

Result<void> SealKeys::lock(std::string_view name) {
    FIELDSEAL_TRY(key(name))->lock();
    return {};
}

void SealKeys::lock_all() {
    for (auto& [name, entry] : keys_) {
        if (entry.key) entry.key->lock();
    }
}

bool SealKeys::unlocked(std::string_view name) const {
    const auto signing_key = key(name);
    return signing_key.ok() && (*signing_key)->unlocked();
}

void SealKeys::lock_idle(std::chrono::steady_clock::time_point now, std::chrono::seconds idle) {
    if (idle.count() == 0) return;
    for (auto& [name, entry] : keys_) {
        if (!entry.key) continue;
        const std::uint64_t uses = entry.key->uses();
        if (!entry.key->unlocked() || uses != entry.uses_seen ||
            entry.last_use.time_since_epoch().count() == 0) {
            entry.uses_seen = uses;
            entry.last_use = now;
        } else if (now - entry.last_use >= idle) {
            entry.key->lock();
        }
    }
}

}  // namespace fieldseal::node
