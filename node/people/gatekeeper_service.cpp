// SPDX-License-Identifier: Apache-2.0
#include "node/people/gatekeeper_service.h"

#include "core/encoding.h"

#include <sodium.h>

#include <ctime>
#include <utility>
#include <vector>

namespace fieldseal::node {
namespace {

constexpr std::string_view kDone = "ok";
constexpr std::string_view kFailed = "failed";
constexpr std::string_view kLockedOut = "locked-out";
constexpr std::string_view kDenied = "denied";

void wipe(std::string& secret) {
    if (!secret.empty()) sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

api::Caller caller_of(const people::Identity& who) {
    api::Caller caller;
    caller.kind = who.token_id.empty() ? api::CallerKind::session : api::CallerKind::token;
    caller.account = who.account;
    caller.token_id = who.token_id;
    caller.role = to_string(who.role);
    caller.csrf = who.csrf;
    caller.confirmed = who.confirmed;
    caller.may.grant(api::Permission::self);
    for (const std::string_view right : who.rights) {
        // A word this version's API does not know grants nothing.
        if (const auto permission = api::permission_from_word(right)) {
            caller.may.grant(*permission);
        }
    }
    return caller;
}

api::Session session_of(people::OpenedSession opened) {
    return {std::move(opened.cookie), caller_of(opened.who), opened.expires_at_s};
}

json::Value account_view(const people::AccountInfo& info) {
    return json::Value::object({{"name", info.name},
                                {"role", to_string(info.role)},
                                {"enabled", info.enabled},
                                {"second_factor", info.second_factor},
                                {"locked_out", info.wait_s > 0},
                                {"created_at", info.created_at_s},
                                {"password_at", info.password_at_s}});
}

json::Value token_view(const people::Token& token) {
    json::Value scopes = json::Value::array();
    for (const std::string& scope : token.scopes) scopes.push_back(scope);
    return json::Value::object({{"id", token.id},
                                {"account", token.account},
                                {"label", token.label},
                                {"scopes", std::move(scopes)},
                                {"created_at", token.created_at_s},
                                {"expires_at", token.expires_at_s}});
}

Result<people::Role> role_of(std::string_view word) {
    if (const auto role = people::role_from_word(word)) return *role;
    return Error{Errc::invalid_argument,
                 quoted(word) + " is not a role: operator, approver, auditor or admin"};
}

// What concerns the person himself is not for his machines.
Result<void> check_person(const api::Caller& by) {
    if (by.kind == api::CallerKind::session) return {};
    return Error{Errc::denied, "only a person who is logged in does this, no token"};
}

bool manages(const api::Caller& by) {
    return by.may.has(api::Permission::people_manage);
}

// "role=auditor disabled password": what the audit log says of a change.
std::string words_of(const api::AccountChange& change) {
    std::string words;
    const auto say = [&words](std::string_view word) { words.append(" ").append(word); };
    if (change.role) say("role=" + *change.role);
    if (change.enabled) say(*change.enabled ? "enabled" : "disabled");
    if (change.password) say("password");
    if (change.unlock) say("unlocked");
    if (change.forget_second_factor) say("second-factor-forgotten");
    return words;
}

}  // namespace

people::Options people_options(const Config::People& config) {
    people::Options options;
    options.sessions.idle_s = config.session_idle_s;
    options.sessions.max_s = config.session_max_s;
    options.confirm_s = config.confirm_s;
    options.attempts_max = config.attempts_max;
    options.password_chars_min = config.password_chars_min;
    return options;
}

people::Clocks people_clocks(const Clock& clock) {
    return {[&clock] { return clock.now_s(); },
            [] {
                timespec now{};
                clock_gettime(CLOCK_BOOTTIME, &now);
                return static_cast<std::int64_t>(now.tv_sec);
            }};
}

// --- notes

Result<void> GatekeeperService::note(AuditNote note) {
    auto noted = parts_.audit.append(note);
    if (noted.ok()) return {};
    return std::move(noted).error().with_context(
        "this was done, and could not be written into the audit log");
}

std::string GatekeeperService::known(const std::string& name) {
    return parts_.people.exists(name).value_or(false) ? name : "";
}

Error GatekeeperService::refused(const AuditNote& note, Error error) {
    const bool proof = error.code == Errc::unauthenticated || error.code == Errc::denied;
    if (!proof && error.code != Errc::rate_limited) return error;
    std::uint64_t before = 0;  // refusals of an earlier window that nobody noted
    bool noted = false;
    {
        const std::int64_t now_s = parts_.clock.now_s();
        const std::lock_guard lock(mutex_);
        const std::int64_t age_s = now_s - window_s_;
        if (age_s < 0 || age_s >= kRefusalWindowS) {
            before = refusals_ > kRefusalsNoted ? refusals_ - kRefusalsNoted : 0;
            window_s_ = now_s;
            refusals_ = 0;
        }
        noted = ++refusals_ <= kRefusalsNoted;
    }
    if (before > 0) {
        ignore_error(parts_.audit.append({"", "log-in", std::to_string(before) + " more",
                                          std::string(kFailed), ""}),
                     "the refusal stands, noted or not");
    }
    if (!noted) return error;
    AuditNote full = note;
    full.outcome = error.code == Errc::rate_limited ? kLockedOut : kFailed;
    ignore_error(parts_.audit.append(full), "the refusal stands, noted or not");
    return error;
}

// --- the gate

Result<api::Caller> GatekeeperService::caller_of_cookie(std::string_view cookie) {
    const people::Identity who = FIELDSEAL_TRY(parts_.people.by_cookie(cookie));
    return caller_of(who);
}

Result<api::Caller> GatekeeperService::watch_cookie(std::string_view cookie) {
    const people::Identity who = FIELDSEAL_TRY(parts_.people.watch_cookie(cookie));
    return caller_of(who);
}

Result<api::Caller> GatekeeperService::caller_of_token(std::string_view token) {
    const people::Identity who = FIELDSEAL_TRY(parts_.people.by_token(token));
    return caller_of(who);
}

Result<api::Session> GatekeeperService::log_in(const api::LogInOrder& order) {
    const AuditNote about{"", "log-in", known(order.account), std::string(kDone), order.remote};
    auto opened = parts_.people.log_in({order.account, order.password, order.code});
    if (!opened.ok()) return refused(about, std::move(opened).error());
    AuditNote done = about;
    done.actor = opened->who.account;
    if (auto noted = note(std::move(done)); !noted.ok()) {
        ignore_error(parts_.people.log_out(opened->cookie), "nobody got this session");
        wipe(opened->cookie);
        return std::move(noted).error();
    }
    return session_of(*std::move(opened));
}

Result<api::Session> GatekeeperService::pair(const api::PairingOrder& order) {
    const AuditNote about{"", "pair", known(order.account), std::string(kDone), order.remote};
    auto opened = parts_.people.pair(order.code, order.account, order.password);
    if (!opened.ok()) return refused(about, std::move(opened).error());
    const std::string& account = opened->who.account;
    FIELDSEAL_TRY(note({account, "pair", account, std::string(kDone), order.remote}));
    return session_of(*std::move(opened));
}

Result<void> GatekeeperService::log_out(std::string_view cookie, const std::string& remote) {
    const std::string account = FIELDSEAL_TRY(parts_.people.log_out(cookie));
    return note({account, "log-out", account, std::string(kDone), remote});
}

Result<void> GatekeeperService::confirm(std::string_view cookie, const api::LogInOrder& order) {
    const people::Identity who = FIELDSEAL_TRY(parts_.people.by_cookie(cookie));
    const AuditNote about{who.account, "confirm", who.account, std::string(kDone), order.remote};
    auto confirmed = parts_.people.confirm(cookie, {order.account, order.password, order.code});
    if (!confirmed.ok()) return refused(about, std::move(confirmed).error());
    return note(about);
}

// --- people

Result<json::Value> GatekeeperService::accounts() {
    const auto all = FIELDSEAL_TRY(parts_.people.accounts());
    json::Value views = json::Value::array();
    for (const people::AccountInfo& info : all) views.push_back(account_view(info));
    return views;
}

Result<json::Value> GatekeeperService::account(std::string_view name) {
    const people::AccountInfo info = FIELDSEAL_TRY(parts_.people.account(name));
    return account_view(info);
}

Result<json::Value> GatekeeperService::add_account(const api::Caller& by,
                                                   const api::NewAccount& order) {
    const people::Role role = FIELDSEAL_TRY(role_of(order.role));
    const people::AccountInfo info =
        FIELDSEAL_TRY(parts_.people.add_account({order.name, role, order.password}));
    FIELDSEAL_TRY(note({by.account, "add-account", info.name + " role=" + order.role,
                        std::string(kDone), by.remote}));
    return account_view(info);
}

Result<json::Value> GatekeeperService::change_account(const api::Caller& by, std::string_view name,
                                                      const api::AccountChange& change) {
    people::AccountChange order;
    if (change.role) order.role = FIELDSEAL_TRY(role_of(*change.role));
    order.enabled = change.enabled;
    if (change.password) order.password = *change.password;
    order.unlock = change.unlock;
    order.forget_second_factor = change.forget_second_factor;
    auto changed = parts_.people.change_account(name, order);
    const bool denied = !changed.ok() && changed.error().code == Errc::conflict;
    if (!changed.ok() && !denied) return std::move(changed).error();
    FIELDSEAL_TRY(note({by.account, "change-account", std::string(name) + words_of(change),
                        std::string(denied ? kDenied : kDone), by.remote}));
    if (denied) return std::move(changed).error();
    return account_view(*changed);
}

Result<void> GatekeeperService::change_own_password(const api::Caller& by,
                                                    const api::PasswordChange& change) {
    FIELDSEAL_TRY(check_person(by));
    people::Identity who;
    who.account = by.account;
    who.csrf = by.csrf;
    const AuditNote about{by.account, "change-password", by.account, std::string(kDone), by.remote};
    auto changed = parts_.people.change_own_password(
        who, {change.old_password, change.code, change.new_password});
    if (!changed.ok()) return refused(about, std::move(changed).error());
    return note(about);
}

Result<json::Value> GatekeeperService::begin_second_factor(const api::Caller& by) {
    FIELDSEAL_TRY(check_person(by));
    people::NewSecondFactor begun = FIELDSEAL_TRY(parts_.people.begin_second_factor(by.account));
    auto view = json::Value::object({{"secret", begun.secret_text}, {"uri", begun.uri}});
    wipe(begun.secret_text);
    wipe(begun.uri);
    return view;
}

Result<void> GatekeeperService::finish_second_factor(const api::Caller& by, std::string_view code) {
    FIELDSEAL_TRY(check_person(by));
    FIELDSEAL_TRY(parts_.people.finish_second_factor(by.account, code));
    return note({by.account, "enrol-second-factor", by.account, std::string(kDone), by.remote});
}

// --- tokens

Result<json::Value> GatekeeperService::tokens(const api::Caller& by) {
    const auto whose = manages(by) ? std::nullopt : std::optional<std::string_view>(by.account);
    const auto all = FIELDSEAL_TRY(parts_.people.tokens(whose));
    json::Value views = json::Value::array();
    for (const people::Token& token : all) views.push_back(token_view(token));
    return views;
}

Result<json::Value> GatekeeperService::add_token(const api::Caller& by,
                                                 const api::NewToken& order) {
    FIELDSEAL_TRY(check_person(by));
    people::MadeToken made = FIELDSEAL_TRY(
        parts_.people.add_token(by.account, {order.label, order.scopes, order.expires_at_s}));
    json::Value view = token_view(made.token);
    view.set("token", made.text);
    wipe(made.text);
    FIELDSEAL_TRY(note({by.account, "add-token", made.token.id + " " + made.token.label,
                        std::string(kDone), by.remote}));
    return view;
}

Result<void> GatekeeperService::revoke_token(const api::Caller& by, std::string_view id) {
    FIELDSEAL_TRY(check_person(by));
    const auto whose = manages(by) ? std::nullopt : std::optional<std::string_view>(by.account);
    const people::Token token = FIELDSEAL_TRY(parts_.people.revoke_token(id, whose));
    return note({by.account, "revoke-token", token.id + " of " + token.account, std::string(kDone),
                 by.remote});
}

Result<json::Value> GatekeeperService::audit(const api::AuditQuery& query) {
    return parts_.audit_page(query);
}

}  // namespace fieldseal::node
