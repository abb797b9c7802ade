// SPDX-License-Identifier: Apache-2.0
// Counts failed passphrases of one key, in `<name>.attempts`. The failure is written and synced
// BEFORE the passphrase is tried and taken back on success, so pulling the plug during a guess
// does not win a free one. After kFreeAttempts failures each further try must wait: 10 s, 20 s, 40
// s … up to an hour. A clock that was set back starts the wait again, so it never exceeds that
// hour. What it cannot do: stop somebody who copied the key file and guesses elsewhere (Argon2id's
// cost does), or who may write to the directory. THREADS: one at a time per key (the KeyStore's
// mutex). DURABLE: on return. Errors: rate_limited ("wait N s"), corrupt, io.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>

namespace fieldseal::node {

inline constexpr std::uint64_t kFreeAttempts = 5;
inline constexpr std::int64_t kFirstDelayS = 10;
inline constexpr std::int64_t kDelayMaxS = 3600;

// How long a try has to wait after `failures` failures, in seconds.
std::int64_t attempt_delay_s(std::uint64_t failures);

class AttemptCounter {
public:
    explicit AttemptCounter(std::string path) : path_(std::move(path)) {}

    // Failures in a row until now.
    Result<std::uint64_t> failures() const;
    // Counts one more failure, or refuses because the wait is not over. `now_s` is POSIX time.
    Result<void> begin(std::int64_t now_s);
    // The try succeeded: forgets all failures.
    Result<void> succeeded();

private:
    std::string path_;
};

}  // namespace fieldseal::node
