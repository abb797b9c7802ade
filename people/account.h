// SPDX-License-Identifier: Apache-2.0
// One person, as stored under "account/<name>". An account is never deleted, only disabled, so a
// name in the audit log always means the same person.
//
// THREADS: value types. Errors: invalid_argument (a name), corrupt (a row).
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "people/role.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::size_t kAccountsMax = 512;
inline constexpr std::size_t kAccountNameBytesMax = 32;
inline constexpr std::string_view kAccountRows = "account/";

// The second factor of an account.
struct SecondFactor {
    Bytes sealed_secret;         // encrypted: people/totp.h
    std::int64_t last_step = 0;  // of the newest code that was accepted; none up to it counts again
    friend bool operator==(const SecondFactor&, const SecondFactor&) = default;
};

struct Account {
    std::string name;
    Role role = Role::auditor;
    bool enabled = true;
    std::string password_hash;  // libsodium's text form of Argon2id
    std::int64_t created_at_s = 0;
    std::int64_t password_at_s = 0;  // when the password was set
    std::optional<SecondFactor> second_factor = {};
    friend bool operator==(const Account&, const Account&) = default;
};

// 1 to 32 of a-z 0-9 . _ - and a letter first: safe in a row's key, a log line, a path of a URL.
Result<void> check_account_name(std::string_view name);
// Nor one that the audit log says of somebody else.
Result<void> check_new_account_name(std::string_view name);
std::string account_key(std::string_view name);

Bytes encode_account(const Account& account);
Result<Account> decode_account(ByteView row);

}  // namespace fieldseal::people
