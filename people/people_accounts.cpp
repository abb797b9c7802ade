// SPDX-License-Identifier: Apache-2.0
// Accounts and second factors.
#include "core/encoding.h"
#include "people/people.h"
#include "people/random_text.h"
#include "people/totp.h"

#include <algorithm>

namespace fieldseal::people {
namespace {

static_assert(kAccountsMax <= kRowsListedMax);

bool is_active_admin(const Account& account) {
    return account.enabled && account.role == Role::admin;
}

}  // namespace

Result<std::vector<Account>> People::all_accounts() {
    std::vector<Account> out;
    const std::vector<Row> rows = FIELDSEAL_TRY(rows_->list(kAccountRows, "", kAccountsMax));
    for (const Row& row : rows) {
        out.push_back(FIELDSEAL_TRY(decode_account(row.value)));
    }
    return out;
}

Result<AccountInfo> People::info_of(const Account& account) {
    AccountInfo info;
    info.name = account.name;
    info.role = account.role;
    info.enabled = account.enabled;
    info.second_factor = account.second_factor.has_value();
    info.created_at_s = account.created_at_s;
    info.password_at_s = account.password_at_s;
    info.wait_s = FIELDSEAL_TRY(lockout_.wait_s(account.name, clocks_.wall_s()));
    return info;
}

Result<std::vector<AccountInfo>> People::accounts() {
    std::vector<AccountInfo> out;
    const std::vector<Account> all = FIELDSEAL_TRY(all_accounts());
    for (const Account& account : all) {
        out.push_back(FIELDSEAL_TRY(info_of(account)));
    }
    return out;
}

Result<AccountInfo> People::account(std::string_view name) {
    const Account account = FIELDSEAL_TRY(must_find(name));
    return info_of(account);
}

Result<AccountInfo> People::add_account(const NewAccount& order) {
    FIELDSEAL_TRY(check_new_account_name(order.name));
    Account account;
    account.name = order.name;
    account.role = order.role;
    account.password_hash = FIELDSEAL_TRY(hash_new_password(order.password, order.name));
    account.created_at_s = clocks_.wall_s();
    account.password_at_s = account.created_at_s;
    {
        const std::lock_guard lock(writing_);
        if (FIELDSEAL_TRY(find(order.name))) {
            return Error{Errc::conflict, "there is an account " + quoted(order.name) +
                                             " already; a name is never given to a second person"};
        }
        if (FIELDSEAL_TRY(rows_->list(kAccountRows, "", kAccountsMax)).size() >= kAccountsMax) {
            return Error{Errc::exhausted,
                         "a node has at most " + std::to_string(kAccountsMax) + " accounts"};
        }
        FIELDSEAL_TRY(write(account));
    }
    return info_of(account);
}

Result<void> People::check_admin_remains(const Account& before, const Account& after) {
    if (!is_active_admin(before) || is_active_admin(after)) return {};
    const std::vector<Account> all = FIELDSEAL_TRY(all_accounts());
    for (const Account& other : all) {
        if (other.name != after.name && is_active_admin(other)) return {};
    }
    return Error{Errc::conflict, quoted(after.name) +
                                     " is the last admin: make another one first, or nobody could "
                                     "manage people any more"};
}

// REQUIRES: writing_ is held. The hash is empty when the password stays.
Result<Account> People::apply(std::string_view name, const AccountChange& change,
                              const std::string& password_hash) {
    const Account before = FIELDSEAL_TRY(must_find(name));
    Account after = before;
    after.role = change.role.value_or(before.role);
    after.enabled = change.enabled.value_or(before.enabled);
    if (change.forget_second_factor) after.second_factor.reset();
    if (!password_hash.empty()) {
        after.password_hash = password_hash;
        after.password_at_s = clocks_.wall_s();
    }
    FIELDSEAL_TRY(check_admin_remains(before, after));
    // Tokens die with the account. A crash while disabling may leave some: they are useless now,
    // and go before the account comes back.
    if (after.enabled && !before.enabled) FIELDSEAL_TRY(revoke_all(name));
    FIELDSEAL_TRY(write(after));
    if (!after.enabled) FIELDSEAL_TRY(revoke_all(name));
    return after;
}

Result<AccountInfo> People::change_account(std::string_view name, const AccountChange& change) {
    FIELDSEAL_TRY(must_find(name));
    std::string password_hash;
    if (change.password) {
        password_hash = FIELDSEAL_TRY(hash_new_password(*change.password, name));
    }
    Account account;
    {
        const std::lock_guard lock(writing_);
        account = FIELDSEAL_TRY(apply(name, change, password_hash));
    }
    if (!account.enabled || change.password) sessions_.close_all(name);
    if (change.unlock) {
        FIELDSEAL_TRY(lockout_.forget(name));
        FIELDSEAL_TRY(lockout_.forget(name, Door::session));
    }
    return info_of(account);
}

Result<NewSecondFactor> People::begin_second_factor(std::string_view name) {
    const Account account = FIELDSEAL_TRY(must_find(name));
    if (account.second_factor) {
        return Error{Errc::conflict, quoted(name) +
                                         " has a second factor already: an admin can make the "
                                         "node forget it"};
    }
    NewSecondFactor out;
    std::string secret = random_totp_secret();
    out.secret_text = FIELDSEAL_TRY(totp_secret_text(secret));
    out.uri = totp_uri(out.secret_text, name, kIssuer);
    const std::lock_guard lock(pending_mutex_);
    PendingFactor& pending = pending_[std::string(name)];
    wipe(pending.secret);
    pending.secret = std::move(secret);
    pending.until_s = clocks_.steady_s() + kSecondFactorPendingS;
    return out;
}

Result<void> People::finish_second_factor(std::string_view name, std::string_view code) {
    SecondFactor factor;
    {
        const std::lock_guard lock(pending_mutex_);
        const auto found = pending_.find(name);
        if (found == pending_.end() || clocks_.steady_s() >= found->second.until_s) {
            return Error{Errc::not_found,
                         "no second factor was begun in the last 10 minutes: begin again"};
        }
        const auto step = FIELDSEAL_TRY(totp_step(found->second.secret, code, clocks_.wall_s(), 0));
        if (!step) {
            return Error{Errc::denied,
                         "this is not the code of the moment: compare the time of the phone with "
                         "the node's, which is " +
                             rfc3339(clocks_.wall_s())};
        }
        factor.sealed_secret = seal_totp_secret(found->second.secret, name, factor_key_);
        factor.last_step = *step;
        wipe(found->second.secret);
        pending_.erase(found);
    }
    const std::lock_guard lock(writing_);
    Account account = FIELDSEAL_TRY(must_find(name));
    if (account.second_factor) {
        return Error{Errc::conflict, quoted(name) + " has a second factor already"};
    }
    account.second_factor = std::move(factor);
    return write(account);
}

}  // namespace fieldseal::people
