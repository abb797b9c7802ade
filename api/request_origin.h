// SPDX-License-Identifier: Apache-2.0
// Under which id a request goes, and whose address nginx says it has. Both are for logs: access is
// never decided by them. THREADS: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

inline constexpr std::size_t kRequestIdBytesMax = 64;

// The client's X-Request-Id when it has 1 to 64 of [A-Za-z0-9._-], else 24 random hexadecimal
// digits.
std::string request_id(std::optional<std::string_view> offered);

// X-Real-IP when it is an IPv4 or IPv6 address in text, else empty.
std::string remote_address(std::optional<std::string_view> offered);

}  // namespace fieldseal::api
