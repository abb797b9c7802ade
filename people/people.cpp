// SPDX-License-Identifier: Apache-2.0
// Proving who one is: log-in, sessions, step-up, the first person.
#include "people/people.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "people/pairing.h"
#include "people/random_text.h"
#include "people/totp.h"

#include <sodium.h>

#include <algorithm>

namespace fieldseal::people {
namespace {

constexpr std::string_view kFactorPurpose = "fieldseal-people/v1 second factors";
constexpr std::string_view kLockoutPurpose = "fieldseal-people/v1 attempts";

// One key, one purpose.
Digest key_for(std::string_view purpose, const Digest& key) {
    return hmac_sha256(key, as_bytes(purpose));
}

// One sentence, whatever was wrong.
Error nobody() {
    return {Errc::unauthenticated,
            "log-in refused: the account, the password or the code is wrong, or the account is "
            "disabled"};
}

Error no_session() {
    return {Errc::unauthenticated,
            "no session: log in (a session ends when it is not used, and "
            "when the node restarts)"};
}

// For somebody who is logged in, a wrong password is no reason to log him out.
Error as_denied(const Error& error, std::string_view what) {
    if (error.code != Errc::unauthenticated) return error;
    return {Errc::denied, std::string(what)};
}

}  // namespace

People::People(Rows& rows, const Digest& key, Clocks clocks, const Options& options)
    : rows_(&rows),
      factor_key_(key_for(kFactorPurpose, key)),
      clocks_(std::move(clocks)),
      options_(options),
      hasher_(options.cost),
      lockout_(rows, key_for(kLockoutPurpose, key), options.attempts_max),
      sessions_(options.sessions) {}

People::~People() {
    sodium_memzero(factor_key_.data(), factor_key_.size());
    for (auto& [account, pending] : pending_) wipe(pending.secret);
}

Result<std::unique_ptr<People>> People::open(Rows& rows, const Digest& key, Clocks clocks,
                                             const Options& options) {
    if (sodium_init() < 0) return Error{Errc::internal, "libsodium cannot be initialised"};
    std::unique_ptr<People> people(new People(rows, key, std::move(clocks), options));
    const auto turn = FIELDSEAL_TRY(people->hasher_.turn());
    std::string password = random_text();
    auto hash = people->hasher_.hash(turn, password);
    wipe(password);
    people->decoy_hash_ = FIELDSEAL_TRY(std::move(hash));
    return people;
}

// --- rows

Result<std::optional<Account>> People::find(std::string_view name) {
    if (!check_account_name(name)) return std::optional<Account>{};
    const auto row = FIELDSEAL_TRY(rows_->get(account_key(name)));
    if (!row) return std::optional<Account>{};
    Account account = FIELDSEAL_TRY(decode_account(*row));
    if (account.name != name) {
        return Error{Errc::corrupt, "the row of the account " + quoted(name) +
                                        " holds another one: restore a backup"};
    }
    return std::optional<Account>{std::move(account)};
}

Result<Account> People::must_find(std::string_view name) {
    auto account = FIELDSEAL_TRY(find(name));
    if (account) return *std::move(account);
    return Error{Errc::not_found, "there is no account " + quoted(name)};
}

Result<void> People::write(const Account& account) {
    return rows_->put(account_key(account.name), encode_account(account));
}

// --- log-in

// One path for names that exist and names that do not: a failure is counted durably, then one
// Argon2id runs, against the account's hash or the decoy's.
Result<Account> People::prove_password(std::string_view name, std::string_view password,
                                       Door door) {
    const auto turn = FIELDSEAL_TRY(hasher_.turn());
    const std::optional<Account> account = FIELDSEAL_TRY(find(name));
    FIELDSEAL_TRY(lockout_.begin(name, account.has_value(), clocks_.wall_s(), door));
    const std::string& hash = account ? account->password_hash : decoy_hash_;
    const bool right = FIELDSEAL_TRY(hasher_.matches(turn, hash, password));
    if (!right || !account || !account->enabled) return nobody();
    return *account;
}

// The account as it is now, if it is still the one that was proven and its second factor, where
// there is one, agrees. The code's step is stored before the code counts.
Result<Account> People::take_code(const Account& proven, std::string_view code) {
    const std::lock_guard lock(writing_);
    Account account = FIELDSEAL_TRY(must_find(proven.name));
    if (!account.enabled || account.password_hash != proven.password_hash) return nobody();
    if (!account.second_factor) return account;
    SecondFactor& factor = *account.second_factor;
    std::string secret =
        FIELDSEAL_TRY(open_totp_secret(factor.sealed_secret, account.name, factor_key_));
    const auto step = totp_step(secret, code, clocks_.wall_s(), factor.last_step);
    wipe(secret);
    if (!step) return step.error();
    if (!*step) return nobody();
    factor.last_step = **step;
    FIELDSEAL_TRY(write(account));
    return account;
}

Result<Account> People::prove(const LogIn& order, Door door) {
    const Account proven = FIELDSEAL_TRY(prove_password(order.account, order.password, door));
    Account account = FIELDSEAL_TRY(take_code(proven, order.code));
    FIELDSEAL_TRY(lockout_.forget(account.name, door));
    return account;
}

Identity People::identity_of(const Account& account, const Session& session,
                             std::int64_t now_s) const {
    Identity who;
    who.account = account.name;
    who.role = account.role;
    who.rights.assign(rights_of(account.role).begin(), rights_of(account.role).end());
    who.csrf = session.csrf;
    who.confirmed = options_.confirm_s == 0 || now_s - session.confirmed_s <= options_.confirm_s;
    return who;
}

Result<OpenedSession> People::open_session(const Account& proven) {
    const std::int64_t now_s = clocks_.steady_s();
    auto opened = sessions_.open(proven.name, now_s);
    // A password changed or an account disabled since it was proven: whoever did it ends the
    // sessions it finds after writing, so either he has found this one or we see what he wrote.
    const auto account = find(proven.name);
    const bool same = account.ok() && *account && (*account)->enabled &&
                      (*account)->password_hash == proven.password_hash;
    if (!same) {
        sessions_.close(opened.cookie);
        return account.ok() ? nobody() : account.error();
    }
    OpenedSession out;
    out.who = identity_of(**account, opened.session, now_s);
    out.cookie = std::move(opened.cookie);
    out.expires_at_s = clocks_.wall_s() + options_.sessions.max_s;
    return out;
}

Result<OpenedSession> People::log_in(const LogIn& order) {
    const Account account = FIELDSEAL_TRY(prove(order, Door::log_in));
    return open_session(account);
}

Result<Identity> People::by_cookie(std::string_view cookie) {
    const std::int64_t now_s = clocks_.steady_s();
    return whose(sessions_.use(cookie, now_s), now_s);
}

Result<Identity> People::watch_cookie(std::string_view cookie) {
    const std::int64_t now_s = clocks_.steady_s();
    return whose(sessions_.watch(cookie, now_s), now_s);
}

Result<Identity> People::whose(const std::optional<Session>& session, std::int64_t now_s) {
    if (!session) return no_session();
    const auto account = FIELDSEAL_TRY(find(session->account));
    if (!account || !account->enabled) {
        sessions_.close_all(session->account);
        return no_session();
    }
    return identity_of(*account, *session, now_s);
}

Result<std::string> People::log_out(std::string_view cookie) {
    auto account = sessions_.close(cookie);
    if (!account) return no_session();
    return *std::move(account);
}

Result<void> People::confirm(std::string_view cookie, const LogIn& order) {
    const auto session = sessions_.use(cookie, clocks_.steady_s());
    if (!session) return no_session();
    if (!order.account.empty() && order.account != session->account) {
        return Error{Errc::invalid_argument, "this session is " + quoted(session->account) +
                                                 "'s, not " + quoted(order.account, 32) + "'s"};
    }
    const auto account = prove({session->account, order.password, order.code}, Door::session);
    if (!account) {
        return as_denied(account.error(), "not confirmed: the password or the code is wrong");
    }
    if (!sessions_.confirm(cookie, clocks_.steady_s())) return no_session();
    return {};
}

// --- the first person

Result<bool> People::has_accounts() {
    return !FIELDSEAL_TRY(rows_->list(kAccountRows, "", 1)).empty();
}

Result<bool> People::exists(std::string_view name) {
    return FIELDSEAL_TRY(find(name)).has_value();
}

Result<std::string> People::make_pairing_code() {
    const std::lock_guard lock(writing_);
    if (FIELDSEAL_TRY(has_accounts())) {
        return Error{Errc::conflict,
                     "this node has accounts already: an admin adds people, no pairing code does"};
    }
    return people::make_pairing_code(*rows_, clocks_.wall_s());
}

Result<OpenedSession> People::pair(std::string_view code, std::string_view name,
                                   std::string_view password) {
    const std::int64_t now_s = clocks_.wall_s();
    FIELDSEAL_TRY(check_new_account_name(name));
    FIELDSEAL_TRY(check_new_password(password, name, options_.password_chars_min));
    Account account;
    {
        const auto turn = FIELDSEAL_TRY(hasher_.turn());
        const std::lock_guard lock(writing_);
        if (FIELDSEAL_TRY(has_accounts())) {
            return Error{Errc::conflict, "this node has its first account already: log in"};
        }
        FIELDSEAL_TRY(check_pairing_code(*rows_, code, now_s));
        account.name = name;
        account.role = Role::admin;
        account.password_hash = FIELDSEAL_TRY(hasher_.hash(turn, password));
        account.created_at_s = now_s;
        account.password_at_s = now_s;
        FIELDSEAL_TRY(write(account));
        // A crash before this line leaves a code that is refused, because there is an account.
        FIELDSEAL_TRY(rows_->erase(kPairingRow));
    }
    return open_session(account);
}

// --- the own password

Result<std::string> People::hash_new_password(std::string_view password, std::string_view account) {
    FIELDSEAL_TRY(check_new_password(password, account, options_.password_chars_min));
    const auto turn = FIELDSEAL_TRY(hasher_.turn());
    return hasher_.hash(turn, password);
}

// The code is asked for as well: a right password alone would forget wrong codes, and whoever has
// both cookie and password could try all codes in between.
Result<void> People::change_own_password(const Identity& who, const PasswordChange& change) {
    FIELDSEAL_TRY(
        check_new_password(change.new_password, who.account, options_.password_chars_min));
    if (change.new_password == change.old_password)
        return Error{Errc::invalid_argument, "the new password is the old one: choose another"};
    const auto proven = prove({who.account, change.old_password, change.code}, Door::session);
    if (!proven) {
        return as_denied(proven.error(),
                         "the password is not changed: the old one or the code is wrong");
    }
    const std::string hash = FIELDSEAL_TRY(hash_new_password(change.new_password, who.account));
    {
        const std::lock_guard lock(writing_);
        Account account = FIELDSEAL_TRY(must_find(who.account));
        if (account.password_hash != proven->password_hash) {
            return Error{Errc::conflict, "the password was changed meanwhile: log in again"};
        }
        account.password_hash = hash;
        account.password_at_s = clocks_.wall_s();
        FIELDSEAL_TRY(write(account));
    }
    sessions_.close_all(who.account, who.csrf);
    return {};
}

}  // namespace fieldseal::people
