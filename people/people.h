// SPDX-License-Identifier: Apache-2.0
// The people of one node: who may log in, what each may do, how he proves it. Knows no HTTP and no
// clock of its own; node/people/gatekeeper_service.h joins it to the API.
//
// Every question about a caller reads his account's row, so a changed role, a disabled account or a
// revoked token counts from the next request on. Passwords and codes come as views and are not
// kept; whoever passes them wipes them. A locked-out or unknown name, a wrong password and a wrong
// code cost the same work and say the same sentence.
//
// THREADS: any; log_in, confirm, pair and what sets a password may wait for other Argon2id runs.
// DURABLE: accounts, tokens and failures on return; sessions and unfinished second factors are in
// memory only. Errors: unauthenticated (who are you?), denied (the caller is known, and his old
// password or his code is wrong), rate_limited, invalid_argument, not_found, conflict, exhausted,
// corrupt, and what Rows says.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "people/account.h"
#include "people/lockout.h"
#include "people/password.h"
#include "people/role.h"
#include "people/rows.h"
#include "people/session_book.h"
#include "people/token.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::people {

inline constexpr std::int64_t kSecondFactorPendingS = 600;  // from begin to the first right code
inline constexpr std::string_view kIssuer = "fieldseal";    // in authenticator apps

struct Options {
    SessionLimits sessions = {};
    std::int64_t confirm_s = 0;  // a session counts as confirmed for this long; 0: always
    std::int64_t attempts_max = 10;
    std::size_t password_chars_min = 12;
    PasswordCost cost = {};
};

struct Clocks {
    std::function<std::int64_t()> wall_s;    // POSIX time
    std::function<std::int64_t()> steady_s;  // never set back; for sessions
};

struct LogIn {
    std::string_view account;
    std::string_view password;
    std::string_view code;  // of the second factor; empty where none is enrolled
};

// Somebody we know, as of now.
struct Identity {
    std::string account;
    Role role = Role::auditor;
    std::vector<std::string_view> rights;  // of people/role.h; "self" comes with being known
    std::string token_id;                  // empty for a session
    std::string csrf;                      // empty for a token
    bool confirmed = true;
};

struct OpenedSession {
    std::string cookie;  // the secret
    Identity who;
    std::int64_t expires_at_s = 0;  // POSIX time, at the latest
};

struct AccountInfo {
    std::string name;
    Role role = Role::auditor;
    bool enabled = true;
    bool second_factor = false;
    std::int64_t created_at_s = 0;
    std::int64_t password_at_s = 0;
    std::int64_t wait_s = 0;  // locked out for this long
};

struct NewAccount {
    std::string_view name;
    Role role = Role::auditor;
    std::string_view password;
};

struct AccountChange {
    std::optional<Role> role = {};
    std::optional<bool> enabled = {};
    std::optional<std::string_view> password = {};
    bool unlock = false;
    bool forget_second_factor = false;
};

struct PasswordChange {
    std::string_view old_password;
    std::string_view code;  // of the second factor; empty where none is enrolled
    std::string_view new_password;
};

struct NewSecondFactor {
    std::string secret_text;  // the secret, for typing; wipe it
    std::string uri;          // the same in an otpauth: URI; wipe it
};

struct NewToken {
    std::string label;
    std::vector<std::string> scopes;
    std::optional<std::int64_t> expires_at_s;
};

struct MadeToken {
    Token token;
    std::string text;  // the secret, this once; wipe it
};

class People {
public:
    // `key` is a secret of the node's, 256 bits, that is not in the rows. Made of it: what seals
    // second factors, and what spreads names over the rows of failures. REQUIRES: `rows` outlives
    // this.
    static Result<std::unique_ptr<People>> open(Rows& rows, const Digest& key, Clocks clocks,
                                                const Options& options);
    ~People();
    People(const People&) = delete;
    People& operator=(const People&) = delete;

    Result<Identity> by_cookie(std::string_view cookie);
    // The same; it does not count as a use of the session.
    Result<Identity> watch_cookie(std::string_view cookie);
    Result<Identity> by_token(std::string_view token);

    Result<OpenedSession> log_in(const LogIn& order);
    // Whose session ended. unauthenticated when there was none.
    Result<std::string> log_out(std::string_view cookie);
    // Step-up: the person of this session proves himself again. order.account is empty or his.
    Result<void> confirm(std::string_view cookie, const LogIn& order);

    // While there is no account: a code for the node's console; it replaces an older one.
    Result<std::string> make_pairing_code();
    // The first account, an admin, and his session.
    Result<OpenedSession> pair(std::string_view code, std::string_view account,
                               std::string_view password);
    Result<bool> has_accounts();
    Result<bool> exists(std::string_view name);

    // How many are kept; one that idled away counts until somebody looks at it.
    std::size_t sessions() const { return sessions_.size(); }

    Result<std::vector<AccountInfo>> accounts();
    Result<AccountInfo> account(std::string_view name);
    Result<AccountInfo> add_account(const NewAccount& order);
    // Disabling ends sessions and revokes tokens; a new password ends sessions. The last enabled
    // admin stays one (conflict).
    Result<AccountInfo> change_account(std::string_view name, const AccountChange& change);
    // Ends the account's other sessions; the one with `csrf` goes on.
    Result<void> change_own_password(const Identity& who, const PasswordChange& change);
    // conflict where one is enrolled: an admin makes the node forget it first.
    Result<NewSecondFactor> begin_second_factor(std::string_view account);
    Result<void> finish_second_factor(std::string_view account, std::string_view code);

    // Of one account, or of all.
    Result<std::vector<Token>> tokens(std::optional<std::string_view> account);
    // Its scopes have to be rights of the account's role.
    Result<MadeToken> add_token(std::string_view account, NewToken order);
    // not_found also for a token of somebody other than `owner`. Returns what was revoked.
    Result<Token> revoke_token(std::string_view id, std::optional<std::string_view> owner);

    std::uint64_t hashes() const { return hasher_.hashes(); }

private:
    struct PendingFactor {
        std::string secret;
        std::int64_t until_s = 0;
    };

    People(Rows& rows, const Digest& key, Clocks clocks, const Options& options);

    Result<std::optional<Account>> find(std::string_view name);
    Result<Account> must_find(std::string_view name);
    Result<void> write(const Account& account);
    Result<std::vector<Account>> all_accounts();
    Result<AccountInfo> info_of(const Account& account);

    Result<Account> prove_password(std::string_view name, std::string_view password, Door door);
    Result<Account> prove(const LogIn& order, Door door);
    Result<Account> take_code(const Account& proven, std::string_view code);
    Result<OpenedSession> open_session(const Account& proven);
    Result<Identity> whose(const std::optional<Session>& session, std::int64_t now_s);
    Identity identity_of(const Account& account, const Session& session, std::int64_t now_s) const;
    Result<std::string> hash_new_password(std::string_view password, std::string_view account);

    Result<void> check_admin_remains(const Account& before, const Account& after);
    Result<Account> apply(std::string_view name, const AccountChange& change,
                          const std::string& password_hash);
    Result<void> revoke_all(std::string_view account);
    Result<std::optional<Token>> find_token(std::string_view id);

    Rows* rows_;
    Digest factor_key_;
    const Clocks clocks_;
    const Options options_;
    PasswordHasher hasher_;
    Lockout lockout_;
    SessionBook sessions_;
    std::string decoy_hash_;  // what the password of an unknown name is compared with
    std::mutex writing_;      // read a row, decide, write it
    std::mutex pending_mutex_;
    std::map<std::string, PendingFactor, std::less<>> pending_;  // by account
};

}  // namespace fieldseal::people
