// SPDX-License-Identifier: Apache-2.0
// Passwords: which are accepted, and Argon2id through libsodium, a bounded number at a time.
//
// One check takes 19 MiB and some tens of milliseconds (OWASP's second choice of parameters), so
// strangers could fill the memory with them: at most kHashesAtOnce run, kHashesWaiting wait, and
// whoever comes then is told to come back. THREADS: any; turn() may block for the checks before.
// Errors: rate_limited (the queue is full), exhausted (no memory), invalid_argument (a password
// that is not accepted).
#pragma once

#include "core/result.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::size_t kHashesAtOnce = 2;
inline constexpr std::size_t kHashesWaiting = 4;
inline constexpr std::size_t kPasswordBytesMax = 256;
inline constexpr std::size_t kPasswordDifferentMin = 5;  // different bytes
inline constexpr std::size_t kTellingNameBytes = 4;  // a shorter name is in many a good password

struct PasswordCost {
    std::uint32_t passes = 2;
    std::uint32_t memory_kib = 19456;
};

// Long enough, not too long, UTF-8, not made of the account's name or of few characters. There is
// no rule about kinds of characters: length is what counts.
Result<void> check_new_password(std::string_view password, std::string_view account,
                                std::size_t chars_min);

class PasswordHasher {
public:
    explicit PasswordHasher(const PasswordCost& cost) : cost_(cost) {}

    // The right to compute hashes, given back when it dies.
    class Turn {
    public:
        ~Turn();
        Turn(Turn&& other) noexcept;
        Turn& operator=(Turn&&) = delete;

    private:
        friend class PasswordHasher;
        explicit Turn(PasswordHasher& hasher) : hasher_(&hasher) {}
        PasswordHasher* hasher_;
    };
    Result<Turn> turn();

    Result<std::string> hash(const Turn& turn, std::string_view password);
    Result<bool> matches(const Turn& turn, const std::string& hash, std::string_view password);
    // How many were computed so far; the tests compare paths by it.
    std::uint64_t hashes() const { return hashes_; }

private:
    void give_back();

    const PasswordCost cost_;
    std::atomic<std::uint64_t> hashes_{0};
    std::mutex mutex_;
    std::condition_variable free_;
    std::size_t running_ = 0;
    std::size_t waiting_ = 0;
};

}  // namespace fieldseal::people
