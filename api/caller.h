// SPDX-License-Identifier: Apache-2.0
// Who is asking, and what he may do. Rights are granted one by one; what is not granted is denied.
//
// Roles and scopes are people/'s words; node/ turns them into these. THREADS: value types.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

enum class Permission : std::uint8_t {
    anyone,            // no caller is needed: what is public
    self,              // any caller, about himself: session, own password, own second factor
    node_read,         // node info, trust file, checkpoints
    outbox_read,       // status, targets, outbox, metrics, events
    statement_read,    // list, show, evidence, "was this file sealed here?"
    statement_create,  // seal
    seal_unlock,       // unlock and lock seals
    seal_manage,       // make seals, and decide about their states and policies
    verify,            // judge a document and its evidence
    anchor_sync,       // ask the targets now
    target_manage,     // add and test targets, enrol logs
    people_manage,     // accounts and tokens
    audit_read,
};
inline constexpr std::size_t kPermissions = 13;

// "statement:create"; the scopes of tokens are the same words.
std::string_view to_string(Permission permission);
std::optional<Permission> permission_from_word(std::string_view word);

class Permissions {
public:
    void grant(Permission permission) { granted_.set(static_cast<std::size_t>(permission)); }
    bool has(Permission permission) const {
        return granted_.test(static_cast<std::size_t>(permission));
    }

private:
    std::bitset<kPermissions> granted_;
};

enum class CallerKind : std::uint8_t {
    nobody,   // no credentials
    session,  // a person, with a cookie
    token,    // a machine, with a bearer token
};

struct Caller {
    CallerKind kind = CallerKind::nobody;
    std::string account;   // name of the account; for a token, of the one that made it
    std::string token_id;  // public part of the token; empty for a session
    std::string role;      // people/'s word
    Permissions may;
    std::string csrf;         // of a session: what X-CSRF-Token must say
    bool confirmed = true;    // he proved himself again lately enough for sealing (step-up)
    std::string remote = {};  // where from, as nginx says; for the audit log only
};

}  // namespace fieldseal::api
