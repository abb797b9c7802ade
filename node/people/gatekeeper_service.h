// SPDX-License-Identifier: Apache-2.0
// Joins people/ to the API: callers for the gate, answers for the routes about people, and a note
// in the audit log for whatever was changed or tried.
//
// A note is written after the act and before the answer. Of refused log-ins, which strangers can
// make as many of as they like, kRefusalsNoted a minute are noted one by one, and how many more
// there were in one note for all. A name that is no account's is not noted: it may be a password
// typed into the wrong field. OWNED BY: the daemon. THREADS: any. DURABLE: changes and their notes
// on return. Errors: those of api/gatekeeper.h; an act that could not be noted says so.
#pragma once

#include "api/gatekeeper.h"
#include "node/clock.h"
#include "node/config/config.h"
#include "node/people/audit_sink.h"
#include "people/people.h"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace fieldseal::node {

inline constexpr std::uint32_t kRefusalsNoted = 10;
inline constexpr std::int64_t kRefusalWindowS = 60;

people::Options people_options(const Config::People& config);
// The node's wall clock, and one for durations that goes on while the machine sleeps. REQUIRES:
// `clock` outlives them.
people::Clocks people_clocks(const Clock& clock);

class GatekeeperService final : public api::Gatekeeper, public api::PeopleBackend {
public:
    struct Parts {
        people::People& people;
        AuditSink& audit;
        const Clock& clock;
        std::function<Result<json::Value>(const api::AuditQuery&)> audit_page;
    };
    // REQUIRES: the parts outlive this.
    explicit GatekeeperService(Parts parts) : parts_(std::move(parts)) {}

    Result<api::Caller> caller_of_cookie(std::string_view cookie) override;
    Result<api::Caller> watch_cookie(std::string_view cookie) override;
    Result<api::Caller> caller_of_token(std::string_view token) override;
    Result<api::Session> log_in(const api::LogInOrder& order) override;
    Result<api::Session> pair(const api::PairingOrder& order) override;
    Result<void> log_out(std::string_view cookie, const std::string& remote) override;
    Result<void> confirm(std::string_view cookie, const api::LogInOrder& order) override;

    Result<json::Value> accounts() override;
    Result<json::Value> account(std::string_view name) override;
    Result<json::Value> add_account(const api::Caller& by, const api::NewAccount& order) override;
    Result<json::Value> change_account(const api::Caller& by, std::string_view name,
                                       const api::AccountChange& change) override;
    Result<void> change_own_password(const api::Caller& by,
                                     const api::PasswordChange& change) override;
    Result<json::Value> begin_second_factor(const api::Caller& by) override;
    Result<void> finish_second_factor(const api::Caller& by, std::string_view code) override;
    Result<json::Value> tokens(const api::Caller& by) override;
    Result<json::Value> add_token(const api::Caller& by, const api::NewToken& order) override;
    Result<void> revoke_token(const api::Caller& by, std::string_view id) override;
    Result<json::Value> audit(const api::AuditQuery& query) override;

private:
    Result<void> note(AuditNote note);
    // The name of an account, or nothing.
    std::string known(const std::string& name);
    // What came of an attempt to prove who one is; returns `error` as it is.
    Error refused(const AuditNote& note, Error error);

    const Parts parts_;
    std::mutex mutex_;  // of the window
    std::int64_t window_s_ = 0;
    std::uint64_t refusals_ = 0;  // in this window
};

}  // namespace fieldseal::node
