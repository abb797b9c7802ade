// SPDX-License-Identifier: Apache-2.0
// API tokens: made by a person, for a machine, never stronger than that person.
#include "core/encoding.h"
#include "people/people.h"
#include "people/random_text.h"

#include <sodium.h>

#include <algorithm>

namespace fieldseal::people {
namespace {

static_assert(kTokensMax <= kRowsListedMax);

// Unknown, revoked, expired, of a disabled account: one sentence.
Error no_token() {
    return {Errc::unauthenticated,
            "this token is not valid (any more): it was revoked, it expired, or its account is "
            "disabled"};
}

Error no_such_token(std::string_view id) {
    return {Errc::not_found, "there is no token " + quoted(id, 32)};
}

// What the scopes still mean under today's role.
std::vector<std::string_view> effective(const std::vector<std::string>& scopes, Role role) {
    std::vector<std::string_view> out;
    std::ranges::copy_if(rights_of(role), std::back_inserter(out), [&](std::string_view right) {
        return std::ranges::find(scopes, right) != scopes.end();
    });
    return out;
}

}  // namespace

Result<std::optional<Token>> People::find_token(std::string_view id) {
    if (id.size() != kTokenIdBytes || !hex_decode(id)) return std::optional<Token>{};
    const auto row = FIELDSEAL_TRY(rows_->get(token_key(id)));
    if (!row) return std::optional<Token>{};
    return std::optional<Token>{FIELDSEAL_TRY(decode_token(*row))};
}

Result<Identity> People::by_token(std::string_view text) {
    if (!is_token(text)) return no_token();
    const Digest hash = token_hash(text);
    const auto token = FIELDSEAL_TRY(find_token(token_id(hash)));
    if (!token || sodium_memcmp(token->hash.data(), hash.data(), hash.size()) != 0) {
        return no_token();
    }
    if (token->expires_at_s && clocks_.wall_s() >= *token->expires_at_s) return no_token();
    const auto account = FIELDSEAL_TRY(find(token->account));
    if (!account || !account->enabled) return no_token();
    Identity who;
    who.account = account->name;
    who.role = account->role;
    who.rights = effective(token->scopes, account->role);
    who.token_id = token->id;
    return who;
}

Result<std::vector<Token>> People::tokens(std::optional<std::string_view> account) {
    std::vector<Token> out;
    const std::vector<Row> rows = FIELDSEAL_TRY(rows_->list(kTokenRows, "", kTokensMax));
    for (const Row& row : rows) {
        Token token = FIELDSEAL_TRY(decode_token(row.value));
        if (!account || token.account == *account) out.push_back(std::move(token));
    }
    return out;
}

Result<MadeToken> People::add_token(std::string_view name, NewToken order) {
    const std::int64_t now_s = clocks_.wall_s();
    FIELDSEAL_TRY(check_token_label(order.label));
    MadeToken made;
    made.token.scopes = FIELDSEAL_TRY(check_scopes(std::move(order.scopes)));
    if (order.expires_at_s && *order.expires_at_s <= now_s) {
        return Error{Errc::invalid_argument,
                     "a token that expires at " + std::to_string(*order.expires_at_s) +
                         " (POSIX seconds) would be dead already: it is " + std::to_string(now_s)};
    }
    const std::lock_guard lock(writing_);
    const Account account = FIELDSEAL_TRY(must_find(name));
    for (const std::string& scope : made.token.scopes) {
        if (has_right(account.role, scope)) continue;
        return Error{Errc::invalid_argument, "the scope " + quoted(scope) + " is more than the " +
                                                 std::string(to_string(account.role)) + " " +
                                                 quoted(name) + " may do"};
    }
    const std::vector<Token> all = FIELDSEAL_TRY(tokens(std::nullopt));
    const auto own = std::ranges::count(all, account.name, &Token::account);
    if (all.size() >= kTokensMax || own >= static_cast<std::ptrdiff_t>(kTokensPerAccountMax)) {
        return Error{Errc::exhausted, "an account has at most " +
                                          std::to_string(kTokensPerAccountMax) +
                                          " tokens, and a node " + std::to_string(kTokensMax) +
                                          ": revoke one that nobody uses"};
    }
    made.text = random_token();
    made.token.hash = token_hash(made.text);
    made.token.id = token_id(made.token.hash);
    made.token.account = account.name;
    made.token.label = std::move(order.label);
    made.token.created_at_s = now_s;
    made.token.expires_at_s = order.expires_at_s;
    FIELDSEAL_TRY(rows_->put(token_key(made.token.id), encode_token(made.token)));
    return made;
}

Result<Token> People::revoke_token(std::string_view id, std::optional<std::string_view> owner) {
    const std::lock_guard lock(writing_);
    const auto token = FIELDSEAL_TRY(find_token(id));
    if (!token || (owner && token->account != *owner)) return no_such_token(id);
    FIELDSEAL_TRY(rows_->erase(token_key(id)));
    return *token;
}

// REQUIRES: writing_ is held.
Result<void> People::revoke_all(std::string_view account) {
    const std::vector<Token> own = FIELDSEAL_TRY(tokens(account));
    for (const Token& token : own) {
        FIELDSEAL_TRY(rows_->erase(token_key(token.id)));
    }
    return {};
}

}  // namespace fieldseal::people
