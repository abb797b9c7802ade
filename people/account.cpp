// SPDX-License-Identifier: Apache-2.0
// Row: { 1: version, 2: name, 3: role, 4: enabled, 5: password hash, 6: created at, 7: password
// set at, ? 8: [sealed secret, last step] }
#include "people/account.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/encoding.h"
#include "people/row_reader.h"
#include "people/rows.h"

#include <algorithm>
#include <array>

namespace fieldseal::people {
namespace {

constexpr std::int64_t kVersion = 1;

// The keys of the map.
namespace field {
constexpr std::int64_t version = 1;
constexpr std::int64_t name = 2;
constexpr std::int64_t role = 3;
constexpr std::int64_t enabled = 4;
constexpr std::int64_t password_hash = 5;
constexpr std::int64_t created_at = 6;
constexpr std::int64_t password_at = 7;
constexpr std::int64_t second_factor = 8;
}  // namespace field

// Actors of the audit log that are no accounts.
constexpr std::array<std::string_view, 4> kReservedNames = {"local", "console", "daemon", "nobody"};

constexpr std::size_t kPasswordHashBytesMax = 128;
constexpr std::size_t kSealedSecretBytesMax = 128;
constexpr std::size_t kRoleBytesMax = 16;
constexpr std::size_t kSecondFactorItems = 2;
constexpr cbor::Limits kLimits{.bytes_max = kRowBytesMax, .depth_max = 2, .items_max = 24};

bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_name_character(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

Result<bool> read_flag(cbor::MapReader& in, const cbor::Key& key) {
    const cbor::Reader flag = FIELDSEAL_TRY(in.required(key));
    if (!flag.value().is_bool()) return flag.error("not true or false");
    return flag.value().as_bool();
}

Result<Role> read_role(cbor::MapReader& in, const cbor::Key& key) {
    const cbor::Reader word = FIELDSEAL_TRY(in.required(key));
    const auto found = role_from_word(FIELDSEAL_TRY(word.text(kRoleBytesMax)));
    if (!found) return word.error("not a role");
    return *found;
}

Result<SecondFactor> read_second_factor(const cbor::Reader& in) {
    const auto items = FIELDSEAL_TRY(in.items(kSecondFactorItems, kSecondFactorItems));
    SecondFactor out;
    out.sealed_secret = FIELDSEAL_TRY(items[0].bytes(1, kSealedSecretBytesMax));
    out.last_step = FIELDSEAL_TRY(items[1].integer(0, kTimeMaxS));
    return out;
}

Result<Account> read_account(ByteView row) {
    const cbor::Value value = FIELDSEAL_TRY(cbor::decode(row, kLimits));
    cbor::MapReader in = FIELDSEAL_TRY(cbor::Reader(value, "account").map());
    FIELDSEAL_TRY(row_integer(in, field::version, kVersion, kVersion));
    Account out;
    out.name = FIELDSEAL_TRY(row_text(in, field::name, kAccountNameBytesMax));
    FIELDSEAL_TRY(check_account_name(out.name));
    out.role = FIELDSEAL_TRY(read_role(in, field::role));
    out.enabled = FIELDSEAL_TRY(read_flag(in, field::enabled));
    out.password_hash = FIELDSEAL_TRY(row_text(in, field::password_hash, kPasswordHashBytesMax));
    out.created_at_s = FIELDSEAL_TRY(row_integer(in, field::created_at, 0, kTimeMaxS));
    out.password_at_s = FIELDSEAL_TRY(row_integer(in, field::password_at, 0, kTimeMaxS));
    if (const auto factor = in.optional(field::second_factor)) {
        out.second_factor = FIELDSEAL_TRY(read_second_factor(*factor));
    }
    FIELDSEAL_TRY(in.finish());
    return out;
}

}  // namespace

Result<void> check_account_name(std::string_view name) {
    const bool good = !name.empty() && name.size() <= kAccountNameBytesMax &&
                      is_letter(name.front()) && std::ranges::all_of(name, is_name_character);
    if (good) return {};
    return Error{Errc::invalid_argument,
                 "the account's name " + quoted(name) +
                     " is not 1 to 32 of a-z, 0-9, '.', '_' and '-' that begin with a letter"};
}

Result<void> check_new_account_name(std::string_view name) {
    FIELDSEAL_TRY(check_account_name(name));
    if (std::ranges::find(kReservedNames, name) == kReservedNames.end()) return {};
    return Error{Errc::invalid_argument, "the name " + quoted(name) +
                                             " is no person's: the audit log uses it (local, "
                                             "daemon, nobody, console); choose another"};
}

std::string account_key(std::string_view name) {
    return std::string(kAccountRows) + std::string(name);
}

Bytes encode_account(const Account& account) {
    cbor::Value row = cbor::Value::map({
        {field::version, kVersion},
        {field::name, account.name},
        {field::role, to_string(account.role)},
        {field::enabled, account.enabled},
        {field::password_hash, account.password_hash},
        {field::created_at, account.created_at_s},
        {field::password_at, account.password_at_s},
    });
    if (account.second_factor) {
        row.set(field::second_factor, cbor::Value::array({account.second_factor->sealed_secret,
                                                          account.second_factor->last_step}));
    }
    return cbor::encode(row);
}

Result<Account> decode_account(ByteView row) {
    return or_corrupt(read_account(row), kAccountRows);
}

}  // namespace fieldseal::people
