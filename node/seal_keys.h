// SPDX-License-Identifier: Apache-2.0
// The seals of this node as the sealing path sees them: by name, locked or open, active or not.
// OWNED BY: the daemon. THREADS: any.
#pragma once

#include "core/statement.h"
#include "node/custody/keystore.h"
#include "node/identity.h"
#include "node/status_book.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

class SealKeys {
public:
    // Loads every seal's key, locked. A key file that is missing or damaged makes that one seal
    // unusable and nothing else: what is sealed already must go on being anchored.
    static Result<std::unique_ptr<SealKeys>> load(const NodeIdentity& identity, KeyStore& keystore,
                                                  const StatusBook& status);

    // The seal of that name; an empty name is the only one there is. Errors: not_found,
    // invalid_argument.
    Result<const SealIdentity*> find(std::string_view name) const;
    // What is wrong with the key files, one sentence each, for the log of the node.
    std::vector<std::string> damages() const;
    // Errors: locked (with the command to unlock), and what is wrong with the seal's key file.
    Result<Statement> sign(std::string_view name, const StatementTbs& tbs) const;
    // False for a key in a token, which takes its time: nobody else's group waits for it.
    bool signs_here(std::string_view name) const;
    // Errors: denied unless the published status lets this seal make statements.
    Result<void> check_active(std::string_view name) const;

    Result<void> unlock(std::string_view name, std::string_view passphrase, std::int64_t now_s);
    Result<void> lock(std::string_view name);
    void lock_all();
    bool unlocked(std::string_view name) const;
    // Locks the seals that were not used since the last call with the same interval; 0 = never.
    void lock_idle(std::chrono::steady_clock::time_point now, std::chrono::seconds idle);

private:
    struct Entry {
        std::shared_ptr<SigningKey> key;  // null when it could not be loaded
        std::optional<Error> damage;      // then why
        std::uint64_t uses_seen = 0;
        std::chrono::steady_clock::time_point last_use;
    };
    SealKeys(const NodeIdentity& identity, KeyStore& keystore, const StatusBook& status)
        : identity_(identity), keystore_(keystore), status_(status) {}
    Result<SigningKey*> key(std::string_view name) const;

    const NodeIdentity& identity_;
    KeyStore& keystore_;
    const StatusBook& status_;
    std::map<std::string, Entry, std::less<>> keys_;  // its shape is constant after load()
};

}  // namespace fieldseal::node
