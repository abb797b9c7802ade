// SPDX-License-Identifier: Apache-2.0
// Record: { 1: version, 2: name, 3: owner / null, 4: SPKI, 5: custody, 6: key name, 7: token /
// null,
//           8: [certificate, …], 9: policy, 10: created at, 11: replaces / null,
//           12: replaced by / null }
// Policy: { 1: [media type, …], 2: quota / null, 3: [from, until] / null, 4: statements / null,
//           5: hours / null, 6: idle seconds / null }
// Change: { 1: version, 2: at, 3: what, 4: actor, 5: reason / null, 6: index / null,
//           7: invalid_from / null }
#include "node/seals/seal_record.h"

#include "core/cbor/cbor.h"
#include "core/cbor/reader.h"
#include "core/encoding.h"
#include "core/pki/certificate.h"
#include "store/records.h"

#include <algorithm>

namespace fieldseal::node {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t kCustodyMax = 3;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::size_t kPastNumberBytes = 8;
constexpr std::string_view kPastRows = "past/";
constexpr cbor::Limits kRecordLimits{
    .bytes_max = store::kRowBytesMax, .depth_max = 3, .items_max = 128};
constexpr cbor::Limits kChangeLimits{.bytes_max = 1024, .depth_max = 1, .items_max = 16};

static_assert(kSealNameBytesMax + kPastRows.size() + 1 + kPastNumberBytes <=
              store::kRowKeyBytesMax);
static_assert(kCertificatesMax * kCertificateBytesMax + 4 * kSealTextBytesMax +
                  kPolicyMediaTypesMax * (kPolicyMediaTypeBytesMax + 2) + kSealTokenBytesMax <
              store::kRowBytesMax);

cbor::Value text_or_null(const std::string& text) {
    return text.empty() ? cbor::Value() : cbor::Value(text);
}

Result<std::string> read_text(cbor::MapReader& in, std::int64_t label, std::size_t bytes_max) {
    const auto field = FIELDSEAL_TRY(in.required(label));
    return field.text(bytes_max);
}

Result<std::string> read_maybe_text(cbor::MapReader& in, std::int64_t label,
                                    std::size_t bytes_max) {
    const auto field = FIELDSEAL_TRY(in.required(label));
    return field.is_null() ? Result<std::string>(std::string()) : field.text(bytes_max);
}

Result<std::int64_t> read_integer(cbor::MapReader& in, std::int64_t label, std::int64_t min,
                                  std::int64_t max) {
    const auto field = FIELDSEAL_TRY(in.required(label));
    return field.integer(min, max);
}

Result<std::optional<std::int64_t>> read_maybe_integer(cbor::MapReader& in, std::int64_t label,
                                                       std::int64_t max) {
    const auto field = FIELDSEAL_TRY(in.required(label));
    if (field.is_null()) return std::optional<std::int64_t>();
    return std::optional(FIELDSEAL_TRY(field.integer(0, max)));
}

Result<std::optional<std::uint32_t>> read_maybe_u32(cbor::MapReader& in, std::int64_t label) {
    const auto value = FIELDSEAL_TRY(read_maybe_integer(in, label, UINT32_MAX));
    if (!value) return std::optional<std::uint32_t>();
    return std::optional(static_cast<std::uint32_t>(*value));
}

cbor::Value policy_value(const SealPolicy& policy) {
    cbor::Array types(policy.media_types.begin(), policy.media_types.end());
    const cbor::Value hours = policy.hours
                                  ? cbor::Value::array({policy.hours->from, policy.hours->until})
                                  : cbor::Value();
    return cbor::Value::map({{1, std::move(types)},
                             {2, policy.quota_per_day},
                             {3, hours},
                             {4, policy.lock_after_statements},
                             {5, policy.lock_after_hours},
                             {6, policy.idle_lock_s}});
}

Result<SealPolicy> read_policy(const cbor::Reader& at) {
    auto in = FIELDSEAL_TRY(at.map());
    SealPolicy policy;
    const auto types = FIELDSEAL_TRY(in.required(1));
    for (const auto& type : FIELDSEAL_TRY(types.items(0, kPolicyMediaTypesMax))) {
        policy.media_types.push_back(FIELDSEAL_TRY(type.text(kPolicyMediaTypeBytesMax)));
    }
    policy.quota_per_day = FIELDSEAL_TRY(read_maybe_u32(in, 2));
    const auto hours = FIELDSEAL_TRY(in.required(3));
    if (!hours.is_null()) {
        const auto both = FIELDSEAL_TRY(hours.items(2, 2));
        const auto minute = [&](std::size_t i) { return both[i].integer(0, kMinutesPerDay); };
        policy.hours = DayHours{static_cast<std::uint32_t>(FIELDSEAL_TRY(minute(0))),
                                static_cast<std::uint32_t>(FIELDSEAL_TRY(minute(1)))};
    }
    policy.lock_after_statements = FIELDSEAL_TRY(read_maybe_u32(in, 4));
    policy.lock_after_hours = FIELDSEAL_TRY(read_maybe_u32(in, 5));
    policy.idle_lock_s = FIELDSEAL_TRY(read_maybe_u32(in, 6));
    FIELDSEAL_TRY(in.finish());
    FIELDSEAL_TRY(check_policy(policy));
    return policy;
}

Result<std::vector<Bytes>> read_certificates(cbor::MapReader& in, std::int64_t label) {
    std::vector<Bytes> certificates;
    const auto list = FIELDSEAL_TRY(in.required(label));
    for (const auto& certificate : FIELDSEAL_TRY(list.items(0, kCertificatesMax))) {
        certificates.push_back(FIELDSEAL_TRY(certificate.bytes(1, kCertificateBytesMax)));
    }
    return certificates;
}

Result<SealRecord> read_record(ByteView row) {
    const auto value = FIELDSEAL_TRY(cbor::decode(row, kRecordLimits));
    auto in = FIELDSEAL_TRY(cbor::Reader(value, "seal").map());
    FIELDSEAL_TRY(read_integer(in, 1, kVersion, kVersion));
    auto name = FIELDSEAL_TRY(read_text(in, 2, kSealNameBytesMax));
    FIELDSEAL_TRY(check_seal_name(name));
    auto owner = FIELDSEAL_TRY(read_maybe_text(in, 3, kSealTextBytesMax));
    const auto spki = FIELDSEAL_TRY(in.required(4));
    const Bytes spki_der = FIELDSEAL_TRY(spki.bytes(1, kSpkiBytesMax));
    SealRecord record{
        .name = std::move(name),
        .owner = std::move(owner),
        .key = FIELDSEAL_TRY(PublicKey::from_spki(spki_der)),
    };
    record.custody = static_cast<Custody>(FIELDSEAL_TRY(read_integer(in, 5, 0, kCustodyMax)));
    record.key_name = FIELDSEAL_TRY(read_text(in, 6, store::kRowKeyBytesMax));
    record.token = FIELDSEAL_TRY(read_maybe_text(in, 7, kSealTokenBytesMax));
    record.certificates = FIELDSEAL_TRY(read_certificates(in, 8));
    if (!record.certificates.empty()) record.leaf = read_leaf(record.certificates.front());
    const auto policy = FIELDSEAL_TRY(in.required(9));
    record.policy = FIELDSEAL_TRY(read_policy(policy));
    record.created_at_s = FIELDSEAL_TRY(read_integer(in, 10, 0, kIntegerMax));
    record.replaces = FIELDSEAL_TRY(read_maybe_text(in, 11, kSealNameBytesMax));
    record.replaced_by = FIELDSEAL_TRY(read_maybe_text(in, 12, kSealNameBytesMax));
    FIELDSEAL_TRY(in.finish());
    return record;
}

Result<SealChange> read_change(ByteView row) {
    const auto value = FIELDSEAL_TRY(cbor::decode(row, kChangeLimits));
    auto in = FIELDSEAL_TRY(cbor::Reader(value, "change").map());
    FIELDSEAL_TRY(read_integer(in, 1, kVersion, kVersion));
    SealChange change;
    change.at_s = FIELDSEAL_TRY(read_integer(in, 2, 0, kIntegerMax));
    change.what = FIELDSEAL_TRY(read_text(in, 3, kWordBytesMax));
    change.actor = FIELDSEAL_TRY(read_text(in, 4, kSealTextBytesMax));
    change.reason = FIELDSEAL_TRY(read_maybe_text(in, 5, kSealTextBytesMax));
    const auto index = FIELDSEAL_TRY(read_maybe_integer(in, 6, kIntegerMax));
    if (index) change.index = static_cast<std::uint64_t>(*index);
    change.invalid_from = FIELDSEAL_TRY(read_maybe_integer(in, 7, kIntegerMax));
    FIELDSEAL_TRY(in.finish());
    return change;
}

template <class T>
Result<T> or_corrupt(Result<T> decoded) {
    if (decoded.ok()) return decoded;
    return Error{Errc::corrupt, "a row about a seal is damaged (" + decoded.error().message +
                                    "): run `fieldseal check` and restore a backup"};
}

}  // namespace

Result<void> check_seal_name(std::string_view name) {
    const auto is_first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    const bool plain = std::all_of(name.begin(), name.end(), [&](char c) {
        return is_first(c) || c == '-' || c == '_' || c == '.';
    });
    if (!name.empty() && name.size() <= kSealNameBytesMax && plain && is_first(name.front())) {
        return {};
    }
    return Error{Errc::invalid_argument,
                 "the name of a seal has 1 to " + std::to_string(kSealNameBytesMax) +
                     " of a-z, 0-9, '-', '_' and '.', a letter or digit first, for example "
                     "\"permits\", not " +
                     fieldseal::quoted(name)};
}

Result<void> check_seal_text(std::string_view what, std::string_view text) {
    const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (text.size() <= kSealTextBytesMax && plain && is_utf8(text)) return {};
    return Error{Errc::invalid_argument, "the " + std::string(what) + " " +
                                             fieldseal::quoted(text) + " is not at most " +
                                             std::to_string(kSealTextBytesMax) +
                                             " bytes of UTF-8 without control characters"};
}

std::string seal_row_key(std::string_view name) {
    return std::string(kSealRows) + std::string(name);
}

std::string making_row_key(std::string_view name) {
    return std::string(kMakingRows) + std::string(name);
}

std::string change_row_prefix(std::string_view name) {
    return std::string(kPastRows) + std::string(name) + "/";
}

std::string change_row_key(std::string_view name, std::uint64_t number) {
    Bytes bytes;
    append_u64_be(bytes, number);
    return change_row_prefix(name) + to_text(bytes);
}

std::optional<std::uint64_t> change_number(std::string_view key, std::string_view name) {
    const std::string prefix = change_row_prefix(name);
    if (!key.starts_with(prefix) || key.size() != prefix.size() + kPastNumberBytes) {
        return std::nullopt;
    }
    return read_u64_be(as_bytes(key.substr(prefix.size())));
}

std::optional<SealLeaf> read_leaf(ByteView der) {
    const auto certificate = pki::Certificate::parse(der);
    if (!certificate.ok()) return std::nullopt;
    return SealLeaf{certificate->sha256(), certificate->not_before_s(), certificate->not_after_s()};
}

Bytes encode_seal(const SealRecord& record) {
    cbor::Array certificates(record.certificates.begin(), record.certificates.end());
    return cbor::encode(cbor::Value::map({{1, kVersion},
                                          {2, record.name},
                                          {3, text_or_null(record.owner)},
                                          {4, record.key.spki()},
                                          {5, static_cast<std::int64_t>(record.custody)},
                                          {6, record.key_name},
                                          {7, text_or_null(record.token)},
                                          {8, std::move(certificates)},
                                          {9, policy_value(record.policy)},
                                          {10, record.created_at_s},
                                          {11, text_or_null(record.replaces)},
                                          {12, text_or_null(record.replaced_by)}}));
}

Result<SealRecord> decode_seal(ByteView row) {
    return or_corrupt(read_record(row));
}

Bytes encode_change(const SealChange& change) {
    return cbor::encode(cbor::Value::map({{1, kVersion},
                                          {2, change.at_s},
                                          {3, change.what},
                                          {4, change.actor},
                                          {5, text_or_null(change.reason)},
                                          {6, change.index},
                                          {7, change.invalid_from}}));
}

Result<SealChange> decode_change(ByteView row) {
    return or_corrupt(read_change(row));
}

const SealRecord* find_seal(const SealList& seals, std::string_view name) {
    for (const auto& seal : seals) {
        if (seal->name == name) return seal.get();
    }
    return nullptr;
}

const SealRecord* find_seal(const SealList& seals, const Digest& kid) {
    for (const auto& seal : seals) {
        if (seal->key.kid() == kid) return seal.get();
    }
    return nullptr;
}

}  // namespace fieldseal::node
