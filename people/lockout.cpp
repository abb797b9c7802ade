// SPDX-License-Identifier: Apache-2.0
// Row: { 1: version, 2: whom, 3: failures, 4: POSIX seconds of the last }
#include "people/lockout.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/hash.h"
#include "people/row_reader.h"

#include <algorithm>

namespace fieldseal::people {
namespace {

constexpr std::int64_t kVersion = 1;

// The keys of the map.
namespace field {
constexpr std::int64_t version = 1;
constexpr std::int64_t whom = 2;
constexpr std::int64_t failures = 3;
constexpr std::int64_t last = 4;
}  // namespace field

constexpr std::int64_t kFailuresMax = 1'000'000'000;
constexpr std::string_view kDomain = "fieldseal-attempts/v1 ";
constexpr cbor::Limits kLimits{.bytes_max = 128, .depth_max = 1, .items_max = 9};

Result<Attempts> read_attempts(ByteView row) {
    const cbor::Value value = FIELDSEAL_TRY(cbor::decode(row, kLimits));
    cbor::MapReader in = FIELDSEAL_TRY(cbor::Reader(value, "attempts").map());
    FIELDSEAL_TRY(row_integer(in, field::version, kVersion, kVersion));
    Attempts out;
    out.whom = FIELDSEAL_TRY(row_fixed<kWhomBytes>(in, field::whom));
    out.failures = FIELDSEAL_TRY(row_integer(in, field::failures, 0, kFailuresMax));
    out.last_s = FIELDSEAL_TRY(row_integer(in, field::last, 0, kTimeMaxS));
    FIELDSEAL_TRY(in.finish());
    return out;
}

std::array<std::uint8_t, kWhomBytes> whom_of(const Digest& hash) {
    std::array<std::uint8_t, kWhomBytes> out;
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

Digest keyed_hash(const Digest& key, std::string_view name) {
    return hmac_sha256(key, as_bytes(std::string(kDomain) + std::string(name)));
}

std::string account_row(std::string_view name, Door door) {
    return std::string(door == Door::log_in ? kAttemptRows : kSessionAttemptRows) +
           std::string(name);
}

// A row of another name, or none, is no failure at all.
Result<Attempts> attempts_of(Rows& rows, std::string_view key, const Digest& hash) {
    const auto row = FIELDSEAL_TRY(rows.get(key));
    if (row) {
        const Attempts stored = FIELDSEAL_TRY(decode_attempts(*row));
        if (stored.whom == whom_of(hash)) return stored;
    }
    return Attempts{whom_of(hash), 0, 0};
}

}  // namespace

Bytes encode_attempts(const Attempts& attempts) {
    return cbor::encode(cbor::Value::map({{field::version, kVersion},
                                          {field::whom, attempts.whom},
                                          {field::failures, attempts.failures},
                                          {field::last, attempts.last_s}}));
}

Result<Attempts> decode_attempts(ByteView row) {
    return or_corrupt(read_attempts(row), kAttemptRows);
}

std::int64_t attempt_wait_s(std::int64_t failures, std::int64_t attempts_max) {
    if (failures < attempts_max) return 0;
    std::int64_t wait_s = kFirstWaitS;
    for (std::int64_t i = attempts_max; i < failures && wait_s < kWaitMaxS; ++i) wait_s *= 2;
    return std::min(wait_s, kWaitMaxS);
}

std::string Lockout::row_key(std::string_view name, bool exists, const Digest& hash,
                             Door door) const {
    if (exists) return account_row(name, door);
    const std::size_t slot = read_u32_be(ByteView(hash).last(4)) % kNobodyRowsMax;
    return std::string(kNobodyRows) + std::to_string(slot);
}

Result<void> Lockout::begin(std::string_view name, bool exists, std::int64_t now_s, Door door) {
    now_s = std::clamp<std::int64_t>(now_s, 0, kTimeMaxS);
    const Digest hash = keyed_hash(key_, name);
    const std::string key = row_key(name, exists, hash, door);
    const std::lock_guard lock(mutex_);
    Attempts attempts = FIELDSEAL_TRY(attempts_of(*rows_, key, hash));
    const std::int64_t wait_s = attempt_wait_s(attempts.failures, attempts_max_);
    if (wait_s > 0 && now_s < attempts.last_s) {
        // The clock was set back. Waiting for the old time could take years: the wait starts again.
        attempts.last_s = now_s;
        FIELDSEAL_TRY(rows_->put(key, encode_attempts(attempts)));
    }
    const std::int64_t passed_s = now_s - attempts.last_s;
    if (passed_s < wait_s) {
        return Error{Errc::rate_limited, "too many wrong passwords in a row: wait " +
                                             std::to_string(wait_s - passed_s) + " s"};
    }
    attempts.failures = std::min(attempts.failures + 1, kFailuresMax);
    attempts.last_s = now_s;
    return rows_->put(key, encode_attempts(attempts));
}

Result<void> Lockout::forget(std::string_view name, Door door) {
    const std::lock_guard lock(mutex_);
    return rows_->erase(account_row(name, door));
}

Result<std::int64_t> Lockout::wait_s(std::string_view name, std::int64_t now_s) {
    const Digest hash = keyed_hash(key_, name);
    const std::lock_guard lock(mutex_);
    const Attempts attempts =
        FIELDSEAL_TRY(attempts_of(*rows_, account_row(name, Door::log_in), hash));
    const std::int64_t wait_s = attempt_wait_s(attempts.failures, attempts_max_);
    return std::clamp<std::int64_t>(wait_s - (now_s - attempts.last_s), 0, wait_s);
}

}  // namespace fieldseal::people
