// SPDX-License-Identifier: Apache-2.0
// Who is logged in, in memory only: a restart logs everybody out. A cookie is 256 random bits; the
// book knows its SHA-256, so what is read out of the process's memory logs nobody in.
//
// Times are seconds of a steady clock: setting the wall clock neither ends nor stretches a session.
// THREADS: any. DURABLE: no.
#pragma once

#include "core/bytes.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::people {

// One more ends the one that was unused for longest. With kAccountsMax, the bound of the book.
inline constexpr std::size_t kSessionsPerAccountMax = 8;

struct SessionLimits {
    std::int64_t idle_s = 900;
    std::int64_t max_s = 43200;
};

struct Session {
    std::string account;
    std::string csrf;  // what X-CSRF-Token has to say
    std::int64_t started_s = 0;
    std::int64_t used_s = 0;
    std::int64_t confirmed_s = 0;  // when he last proved himself with the password
};

class SessionBook {
public:
    explicit SessionBook(const SessionLimits& limits) : limits_(limits) {}

    struct Opened {
        std::string cookie;
        Session session;
    };
    Opened open(std::string_view account, std::int64_t now_s);
    // The session of a cookie, used just now; nothing for a stranger's or an ended one.
    std::optional<Session> use(std::string_view cookie, std::int64_t now_s);
    // The same, without using it.
    std::optional<Session> watch(std::string_view cookie, std::int64_t now_s);
    // Marks the session as confirmed; false when there is none any more.
    bool confirm(std::string_view cookie, std::int64_t now_s);
    // Whose session ended, or nothing.
    std::optional<std::string> close(std::string_view cookie);
    // Ends the account's sessions but the one with this CSRF word ("" ends all).
    void close_all(std::string_view account, std::string_view but_csrf = {});
    std::size_t size() const;

private:
    bool ended(const Session& session, std::int64_t now_s) const;
    void make_room(std::string_view account, std::int64_t now_s);

    const SessionLimits limits_;
    mutable std::mutex mutex_;
    std::map<Digest, Session> sessions_;  // by the cookie's SHA-256
};

}  // namespace fieldseal::people
