// SPDX-License-Identifier: Apache-2.0
// What every kind of target has in common on the way to it: TLS, deadlines, and the header that
// authorises us. OWNED BY: Anchoring. THREADS: any.
// Errors: not_found, denied, invalid_argument, io; each names the file and what belongs there.
#pragma once

#include "anchor/http_client.h"
#include "node/config/config.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kAuthFileBytesMax = 8 * 1024;

using AuthHeaders = std::vector<std::pair<std::string, std::string>>;

// The one header line of an authorisation file: "Authorization: Bearer …".
Result<std::pair<std::string, std::string>> parse_auth_line(std::string_view text);
// Of the target's auth_file, a file of this user that nobody else may touch; none without one.
// Refuses addresses to which the secret would go in the clear.
Result<AuthHeaders> read_auth_headers(const Config::Target& target);

anchor::TlsSettings tls_settings(const Config::Target& target);
anchor::HttpLimits http_limits(const Config::Target& target);

}  // namespace fieldseal::node
