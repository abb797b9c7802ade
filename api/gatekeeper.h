// SPDX-License-Identifier: Apache-2.0
// The ports through which the gate and the routes about people reach the node. Owned by api,
// implemented in node/ over people/.
//
// THREADS: any. Errors: unauthenticated (no such account, wrong password, wrong or missing code,
// unknown cookie or token: one sentence for all of them), rate_limited (locked out for a while),
// invalid_argument, not_found, conflict, denied, io.
#pragma once

#include "api/caller.h"
#include "core/json/json.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::api {

struct LogInOrder {
    std::string account;
    std::string password;
    std::string code;  // of the second factor; empty where none is enrolled
    std::string remote;
};

// The first person of a node, let in by the code that `fieldseal serve` wrote for him.
struct PairingOrder {
    std::string code;
    std::string account;
    std::string password;
    std::string remote;
};

struct Session {
    std::string cookie;  // the secret; only the browser and its hash here know it
    Caller caller;
    std::int64_t expires_at_s = 0;
};

class Gatekeeper {
public:
    virtual ~Gatekeeper() = default;
    virtual Result<Caller> caller_of_cookie(std::string_view cookie) = 0;
    // The same; it does not count as a use of the session, so it keeps none alive.
    virtual Result<Caller> watch_cookie(std::string_view cookie) = 0;
    virtual Result<Caller> caller_of_token(std::string_view token) = 0;
    // The failure is counted, durably, before the password is looked at.
    virtual Result<Session> log_in(const LogInOrder& order) = 0;
    virtual Result<Session> pair(const PairingOrder& order) = 0;
    virtual Result<void> log_out(std::string_view cookie, const std::string& remote) = 0;
    // Proves himself again (password, and code where enrolled).
    virtual Result<void> confirm(std::string_view cookie, const LogInOrder& order) = 0;
};

struct NewAccount {
    std::string name;
    std::string role;
    std::string password;
};
struct AccountChange {
    std::optional<std::string> role;
    std::optional<bool> enabled;
    std::optional<std::string> password;
    bool unlock = false;  // forget failed attempts
    bool forget_second_factor = false;
};
struct PasswordChange {
    std::string old_password;
    std::string code;  // of the second factor; empty where none is enrolled
    std::string new_password;
};
struct NewToken {
    std::string label;
    std::vector<std::string> scopes;  // permission words; never more than the role allows
    std::optional<std::int64_t> expires_at_s;
};
struct AuditQuery {
    std::uint32_t limit = 100;
    std::optional<std::uint64_t> before;  // cursor: only entries below this number
};

// Orders name who gives them: the audit log says so. Views (api/openapi/paths/): accounts() and
// tokens() are arrays, the others objects.
class PeopleBackend {
public:
    virtual ~PeopleBackend() = default;
    virtual Result<json::Value> accounts() = 0;
    virtual Result<json::Value> account(std::string_view name) = 0;
    virtual Result<json::Value> add_account(const Caller& by, const NewAccount& order) = 0;
    virtual Result<json::Value> change_account(const Caller& by, std::string_view name,
                                               const AccountChange& change) = 0;
    virtual Result<void> change_own_password(const Caller& by, const PasswordChange& change) = 0;
    // The secret and its otpauth URI, once; it counts from the first right code on.
    virtual Result<json::Value> begin_second_factor(const Caller& by) = 0;
    virtual Result<void> finish_second_factor(const Caller& by, std::string_view code) = 0;
    virtual Result<json::Value> tokens(const Caller& by) = 0;
    // The view has the token itself, once.
    virtual Result<json::Value> add_token(const Caller& by, const NewToken& order) = 0;
    virtual Result<void> revoke_token(const Caller& by, std::string_view id) = 0;
    // {"entries": the newest first, "next_before": where older ones go on, if there are any}
    virtual Result<json::Value> audit(const AuditQuery& query) = 0;
};

}  // namespace fieldseal::api
