// SPDX-License-Identifier: Apache-2.0
// A seal as this node keeps it: its name, owner, key, custody, certificates, policy and history.
// Its state is not here: the newest status snapshot says it (node/seals/status_book.h).
//
// Rows of store::RowSpace::seals, docs/formats/store.md §2.2:
//   seal/<name>             the record
//   past/<name>/<u64 BE>    one change, numbered from 0; never changed
//   making/<name>           a key file is being made for it; gone when the seal is there
// TRUST: our own rows; what does not decode is damage. THREADS: value types, pure functions.
// Errors: invalid_argument (names, texts), corrupt (rows).
#pragma once

#include "core/bytes.h"
#include "core/public_key.h"
#include "core/result.h"
#include "core/statement.h"
#include "node/seals/seal_policy.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kSealsMax = 256;            // of one node, whatever their state
inline constexpr std::size_t kSealNameBytesMax = 48;     // its key file is "seal-<name>"
inline constexpr std::size_t kSealTextBytesMax = 200;    // owners, actors, reasons
inline constexpr std::size_t kSealTokenBytesMax = 1024;  // a pkcs11: URI
inline constexpr std::size_t kCertificatesMax = 8;       // of one chain
inline constexpr std::size_t kCertificateBytesMax = 6 * 1024;

// A seal's own certificate, read once and not for each statement.
struct SealLeaf {
    Digest x5t{};
    std::int64_t not_before_s = 0;
    std::int64_t not_after_s = 0;
    bool has_ended(std::int64_t now_s) const { return now_s >= not_after_s; }
    bool operator==(const SealLeaf&) const = default;
};
// Nothing for bytes that are no certificate.
std::optional<SealLeaf> read_leaf(ByteView der);

struct SealRecord {
    std::string name;
    std::string owner = {};  // for people: an office, a person; may be empty
    PublicKey key;
    Custody custody = Custody::software;
    std::string key_name = {};             // in the keystore
    std::string token = {};                // RFC 7512 URI of the key in a token; empty for software
    std::vector<Bytes> certificates = {};  // DER, leaf first; its key is `key`
    std::optional<SealLeaf> leaf = {};     // of `certificates`: not in the row, read from them
    SealPolicy policy = {};
    std::int64_t created_at_s = 0;  // 0: before this node kept such records
    std::string replaces = {};      // names; empty for none
    std::string replaced_by = {};
    bool operator==(const SealRecord&) const = default;
};
using SealRecordPtr = std::shared_ptr<const SealRecord>;
using SealList = std::vector<SealRecordPtr>;  // by name

// Something that was done to a seal.
struct SealChange {
    std::int64_t at_s = 0;
    std::string what;                                   // a word: "created", "suspended", "policy"
    std::string actor;                                  // an account, "local" or "daemon"
    std::string reason = {};                            // as the actor gave it; may be empty
    std::optional<std::uint64_t> index = std::nullopt;  // of the snapshot that published it
    std::optional<std::int64_t> invalid_from = std::nullopt;  // of a compromise
    bool operator==(const SealChange&) const = default;
};

// 1 to kSealNameBytesMax of a-z, 0-9, '-', '_', '.', a letter or digit first.
Result<void> check_seal_name(std::string_view name);
// At most kSealTextBytesMax bytes of UTF-8 without control characters.
Result<void> check_seal_text(std::string_view what, std::string_view text);

std::string seal_row_key(std::string_view name);
std::string making_row_key(std::string_view name);
std::string change_row_prefix(std::string_view name);
std::string change_row_key(std::string_view name, std::uint64_t number);
inline constexpr std::string_view kSealRows = "seal/";
inline constexpr std::string_view kMakingRows = "making/";
// The number in the key of a change; nothing when the key is none of that seal's.
std::optional<std::uint64_t> change_number(std::string_view key, std::string_view name);

Bytes encode_seal(const SealRecord& record);
Result<SealRecord> decode_seal(ByteView row);
Bytes encode_change(const SealChange& change);
Result<SealChange> decode_change(ByteView row);

// nullptr when there is none.
const SealRecord* find_seal(const SealList& seals, std::string_view name);
const SealRecord* find_seal(const SealList& seals, const Digest& kid);

}  // namespace fieldseal::node
