// SPDX-License-Identifier: Apache-2.0
// One token of this machine, shared by all seals whose keys are in it: its worker, its session, its
// failure counter and its login.
//
// The PIN policy
// - A guess is counted in a file, synced, before the token sees it (attempts.h): a power cut
// between
//   question and answer gives none for free, also where the token itself counts nothing (SoftHSM2).
// - The PIN of a file has a counter of its own: what people guess wrongly does not stop it, and it
//   does not make their guesses forgotten.
// - A token's last try is spent only by who says so: when the token reports it, and, for tokens
// that
//   report nothing, after kUncertainTries wrong PINs in a row.
// - The PIN is not kept. A login belongs to the token as a whole, so the PIN given for one seal is
//   checked by logging out and in again: a wrong one locks every seal of the token.
// - After a lost session we go on without a PIN where the login survived. Else a person unlocks
//   again; only a seal with a PIN file (0600, ours) logs in by itself, and never a second time with
//   a PIN that was refused.
// OWNED BY: TokenKeys and the engines of unlocked keys. THREADS: any. DURABLE: the failure counter.
// Errors: locked (a person has to unlock), denied (PIN), unavailable (absent, hangs), exhausted
// (busy), not_found, corrupt, unsupported.
#pragma once

#include "node/custody/pkcs11/session.h"
#include "node/custody/pkcs11/worker.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fieldseal::node::pkcs11 {

// A smart card takes up to two seconds for RSA, everything else less than one.
inline constexpr std::chrono::milliseconds kSignDeadline{4'000};
inline constexpr std::chrono::milliseconds kLoginDeadline{15'000};
inline constexpr std::chrono::milliseconds kPinPadDeadline{90'000};     // a person types
inline constexpr std::chrono::milliseconds kGenerateDeadline{180'000};  // RSA in a card
inline constexpr std::uint64_t kUncertainTries = 2;  // many tokens lock after the third
inline constexpr std::size_t kPinBytesMin = 1;
inline constexpr std::size_t kPinBytesMax = 255;

struct PinEntry {
    std::shared_ptr<const SecretBytes> pin;  // null: it is typed on the reader
    std::int64_t now_s = 0;                  // POSIX time, for the delay after wrong PINs
    bool last_try = false;                   // the person knows that this may lock the token
};

class Token {
public:
    Token(std::shared_ptr<Module> module, TokenName name, std::string attempts_path);
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    Result<TokenInfo> look();
    Result<void> login(PinEntry entry);
    // With the PIN that a file holds, as an unattended seal does.
    Result<void> login_from(std::string pin_file);
    Result<TokenKey> describe(KeyName key);
    // REQUIRES: login() before. Logs out afterwards unless a key is in use.
    Result<TokenKey> generate(KeyName key, std::string label);
    // With the PIN given, or else the file's; in one go, so that nobody's wrong PIN logs the token
    // out in between. What is not there is gone already.
    Result<void> destroy(PinEntry entry, std::optional<std::string> pin_file, KeyName key,
                         PublicKey expected);
    // What the token answers, unchecked. `pin_file`: the seal is unattended.
    Result<Bytes> sign(KeyName key, ByteView message, std::optional<std::string> pin_file);

    // A key of the token is in use, or no longer; with the last one goes the login.
    void enter();
    void leave();

private:
    struct Core;
    const std::shared_ptr<Module> module_;
    const std::shared_ptr<Core> core_;  // shared with jobs
    std::mutex mutex_;
    std::size_t users_ = 0;  // guarded by mutex_
    Worker worker_;
};

}  // namespace fieldseal::node::pkcs11
