// SPDX-License-Identifier: Apache-2.0
// The seals of this node as the sealing path sees them: by name, locked or open, active or not.
// OWNED BY: the daemon. THREADS: any.
#pragma once

#include "core/statement.h"
#include "node/custody/keystore.h"
#include "node/seals/seal_book.h"
#include "node/seals/status_book.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

// Whether a PIN is tried although a wrong one may lock the token.
enum class LastTry : std::uint8_t { keep, spend };

class SealKeys {
public:
    // Loads every seal's key, locked. A key file that is missing or damaged makes that one seal
    // unusable and nothing else: what is sealed already must go on being anchored. `default_name`
    // is the seal of orders that name none; empty for the only active one.
    static Result<std::unique_ptr<SealKeys>> load(const SealBook& book, KeyStore& keystore,
                                                  const StatusBook& status,
                                                  std::string default_name = {});

    // The seal of that name. An empty name is the default: the configured one, or what replaced it;
    // without one the only active seal. Errors: not_found, invalid_argument.
    Result<SealRecordPtr> find(std::string_view name) const;
    // What is wrong with the key files, one sentence each, for the log of the node.
    std::vector<std::string> damages() const;
    // Errors: locked (with the command to unlock), and what is wrong with the seal's key file.
    Result<Statement> sign(std::string_view name, const StatementTbs& tbs) const;
    // Signs nothing of use, to see that the key works (SigningKey::test_sign). Errors: locked.
    Result<void> test(std::string_view name) const;
    // False for a key in a token, which takes its time: nobody else's group waits for it.
    bool signs_here(std::string_view name) const;
    // Errors: denied unless the published status lets this seal make statements.
    Result<void> check_active(std::string_view name) const;

    // The key, locked or not, for whoever signs other things with it.
    Result<std::shared_ptr<SigningKey>> key(std::string_view name) const;
    // A seal that was not there at load(): its key as the keystore has it now.
    void add(const SealRecord& seal);
    // An unattended seal may seal again: its key is opened, as at the start. Others stay as they
    // are.
    void reopen(const SealRecord& seal);
    // The key is gone: locks it and lets it go.
    void forget(std::string_view name);

    // With the seal's passphrase, or its token's PIN; an empty PIN is typed on the reader. Errors:
    // conflict (problem "seal-state") for a seal that has ended.
    Result<void> unlock(std::string_view name, std::string_view passphrase, std::int64_t now_s,
                        LastTry last_try = LastTry::keep);
    Result<void> lock(std::string_view name);
    void lock_all();
    bool unlocked(std::string_view name) const;
    // Locks the seals that were not used since the last call with the same interval; 0 = never. A
    // seal's policy goes before `idle`.
    void lock_idle(std::chrono::steady_clock::time_point now, std::chrono::seconds idle);

private:
    struct Entry {
        std::shared_ptr<SigningKey> key;  // null when it could not be loaded
        std::optional<Error> damage;      // then why
        std::uint64_t uses_seen = 0;
        std::chrono::steady_clock::time_point last_use;
    };
    SealKeys(const SealBook& book, KeyStore& keystore, const StatusBook& status,
             std::string default_name)
        : book_(book),
          keystore_(keystore),
          status_(status),
          default_name_(std::move(default_name)) {}
    bool is_active(const SealRecord& seal) const;
    bool may_seal_yet(const SealRecord& seal) const;
    Result<void> check_not_ended(std::string_view name) const;
    Result<void> try_secret(SigningKey& key, std::string_view secret, std::int64_t now_s,
                            LastTry last_try);
    Result<SealRecordPtr> configured_default() const;
    Error is_locked(std::string_view name, const SigningKey& signing_key) const;
    Result<SealRecordPtr> only_active() const;
    Entry load_entry(const SealRecord& seal) const;

    const SealBook& book_;
    KeyStore& keystore_;
    const StatusBook& status_;
    const std::string default_name_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> keys_;  // guarded by mutex_
};

}  // namespace fieldseal::node
