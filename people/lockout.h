// SPDX-License-Identifier: Apache-2.0
// Counts wrong passwords in a row. The failure is written durably BEFORE the password is looked at
// and taken back when it was right, so pulling the plug during a guess does not win a free one.
// From `attempts_max` failures on each try has to wait: 15 s, 30 s, 1 min … up to a quarter of an
// hour, never for good: otherwise anybody could shut an office out of its own node.
//
// Who is logged in and proves himself again is counted apart: strangers who guess at his name keep
// him from logging in for a while, and never from going on with his work.
//
// A name without an account is counted in the same way, in one of a bounded number of rows, so
// that neither the answer nor its time says which names exist. Which row is decided by a key: a
// stranger cannot choose names that share one. THREADS: any. DURABLE: on return.
// Errors: rate_limited ("wait N s"), corrupt, io.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "people/rows.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::int64_t kFirstWaitS = 15;
inline constexpr std::int64_t kWaitMaxS = 900;
inline constexpr std::size_t kNobodyRowsMax = 4096;
inline constexpr std::size_t kWhomBytes = 16;
inline constexpr std::string_view kAttemptRows = "attempts/";
inline constexpr std::string_view kSessionAttemptRows = "attempts-in-session/";
inline constexpr std::string_view kNobodyRows = "nobody/";

struct Attempts {
    std::array<std::uint8_t, kWhomBytes> whom{};  // keyed hash of the name
    std::int64_t failures = 0;
    std::int64_t last_s = 0;
    friend bool operator==(const Attempts&, const Attempts&) = default;
};
Bytes encode_attempts(const Attempts& attempts);
Result<Attempts> decode_attempts(ByteView row);

// How long a try has to wait after `failures` failures, in seconds.
std::int64_t attempt_wait_s(std::int64_t failures, std::int64_t attempts_max);

enum class Door : std::uint8_t {
    log_in,   // anybody who knows a name knocks here
    session,  // only who has a session of the account
};

class Lockout {
public:
    Lockout(Rows& rows, const Digest& key, std::int64_t attempts_max)
        : rows_(&rows), key_(key), attempts_max_(attempts_max) {}

    // Counts one more failure of that name, or refuses because the wait is not over. `exists` says
    // whether there is an account of that name. `now_s` is POSIX time.
    Result<void> begin(std::string_view name, bool exists, std::int64_t now_s,
                       Door door = Door::log_in);
    // The password was right, or an admin said so: forgets the account's failures at that door.
    Result<void> forget(std::string_view name, Door door = Door::log_in);
    // Seconds until the account may try again, 0 for at once.
    Result<std::int64_t> wait_s(std::string_view name, std::int64_t now_s);

private:
    std::string row_key(std::string_view name, bool exists, const Digest& hash, Door door) const;

    Rows* rows_;
    const Digest key_;
    const std::int64_t attempts_max_;
    std::mutex mutex_;  // read, count, write
};

}  // namespace fieldseal::people
