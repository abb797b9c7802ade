// SPDX-License-Identifier: Apache-2.0
// Requests to typed orders, strictly: every member and every query name is asked for, what nobody
// asked for is refused. Both listeners read the same orders.
// THREADS: pure functions. Errors: invalid_argument.
#pragma once

#include "api/backend.h"
#include "api/http.h"
#include "core/json/reader.h"

#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::size_t kNameBytesMax = 64;
inline constexpr std::size_t kSubjectBytesMax = 255;
inline constexpr std::size_t kDocumentNameBytesMax = 255;
inline constexpr std::size_t kMediaTypeBytesMax = 127;
inline constexpr std::size_t kIdempotencyKeyBytesMax = 255;
inline constexpr std::size_t kPassphraseBytesMax = 1024;
inline constexpr std::size_t kVkeyBytesMax = 1024;
inline constexpr std::uint32_t kListLimitMax = 1000;

// Of the header; empty when there is none.
Result<std::string> idempotency_key(const Request& request);
Result<void> check_idempotency_key(std::string_view key);

// What says which document: {"sha256", "sha512", "media_type", "subject", "seal", "name", "size"}.
// The caller calls finish().
Result<SealOrder> read_seal_order(json::Members& in);
// 128 hexadecimal digits, if the member is there.
Result<std::optional<Sha512Digest>> optional_sha512(json::Members& in, std::string_view name);

// 1 to `max`.
Result<std::uint32_t> read_limit(std::string_view text, std::uint32_t max);
Error unknown_query_name(std::string_view name);

// Paths in an order name files of the node's machine, which the node would send to whatever address
// the order names: only somebody on that machine may give them.
enum class LocalFiles : std::uint8_t { taken, refused };

// {"kind": "witness" (or absent) | "evm" | "rfc3161", …}: hands the order to the backend.
Result<json::Value> add_target(AdminBackend& backend, const Request& request, LocalFiles files);

// {"passphrase": …}: nothing of it stays in memory.
Result<void> unlock_seal(AdminBackend& backend, const Request& request, const std::string& seal);

// The one member of the body.
Result<std::string> read_single(const Request& request, std::string_view name,
                                std::size_t bytes_max);

}  // namespace fieldseal::api
