// SPDX-License-Identifier: Apache-2.0
#include "people/password.h"

#include "core/check.h"
#include "core/encoding.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cerrno>

namespace fieldseal::people {
namespace {

constexpr std::size_t kKibBytes = 1024;
constexpr std::size_t kByteValues = 256;

Error refused(std::string_view why) {
    return {Errc::invalid_argument, "this password is not accepted: " + std::string(why)};
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::size_t different_bytes(std::string_view text) {
    std::bitset<kByteValues> seen;
    for (const char c : text) seen.set(static_cast<unsigned char>(c));
    return seen.count();
}

Error no_memory() {
    return {Errc::exhausted, "no memory left to check a password: try again in a few seconds"};
}

}  // namespace

Result<void> check_new_password(std::string_view password, std::string_view account,
                                std::size_t chars_min) {
    if (password.size() > kPasswordBytesMax) {
        return refused("it is longer than " + std::to_string(kPasswordBytesMax) + " bytes");
    }
    if (!is_utf8(password)) return refused("it is not UTF-8");
    if (password.find('\0') != std::string_view::npos) return refused("it contains a zero byte");
    if (characters(password) < chars_min) {
        return refused("it is shorter than " + std::to_string(chars_min) +
                       " characters; several words make a good one");
    }
    if (different_bytes(password) < kPasswordDifferentMin) {
        return refused("it has fewer than " + std::to_string(kPasswordDifferentMin) +
                       " different characters");
    }
    if (account.size() >= kTellingNameBytes && password.find(account) != std::string_view::npos) {
        return refused("it contains the account's name");
    }
    return {};
}

PasswordHasher::Turn::Turn(Turn&& other) noexcept
    : hasher_(std::exchange(other.hasher_, nullptr)) {}

PasswordHasher::Turn::~Turn() {
    if (hasher_) hasher_->give_back();
}

Result<PasswordHasher::Turn> PasswordHasher::turn() {
    std::unique_lock lock(mutex_);
    if (running_ >= kHashesAtOnce && waiting_ >= kHashesWaiting) {
        return Error{Errc::rate_limited, "too many log-ins at once: wait 2 s and try again"};
    }
    ++waiting_;
    free_.wait(lock, [this] { return running_ < kHashesAtOnce; });
    --waiting_;
    ++running_;
    return Turn(*this);
}

void PasswordHasher::give_back() {
    {
        const std::lock_guard lock(mutex_);
        --running_;
    }
    free_.notify_one();
}

Result<std::string> PasswordHasher::hash(const Turn& turn, std::string_view password) {
    FIELDSEAL_CHECK(turn.hasher_ == this);
    if (sodium_init() < 0) return Error{Errc::internal, "libsodium cannot be initialised"};
    ++hashes_;
    std::array<char, crypto_pwhash_STRBYTES> text{};
    const int made = crypto_pwhash_str_alg(text.data(), password.data(), password.size(),
                                           cost_.passes, std::size_t{cost_.memory_kib} * kKibBytes,
                                           crypto_pwhash_ALG_ARGON2ID13);
    if (made != 0) return no_memory();
    return std::string(text.data());
}

Result<bool> PasswordHasher::matches(const Turn& turn, const std::string& hash,
                                     std::string_view password) {
    FIELDSEAL_CHECK(turn.hasher_ == this);
    ++hashes_;
    errno = 0;
    if (crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0) return true;
    // libsodium says EINVAL for another password, and something else when it could not tell.
    if (errno != EINVAL) return no_memory();
    return false;
}

}  // namespace fieldseal::people
