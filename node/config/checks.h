// SPDX-License-Identifier: Apache-2.0
// What a text value of the configuration may look like: one named check per kind of value.
// Each answers with a sentence that continues `key = "value": …`. The empty text is accepted where
// the key is optional; Config's own rules say which keys another key makes mandatory. THREADS: any.
// Errors: invalid_argument.
#pragma once

#include "core/result.h"

#include <string_view>

namespace fieldseal::node {

using TextCheck = Result<void> (*)(std::string_view);

Result<void> check_data_dir(std::string_view text);         // absolute, not empty
Result<void> check_optional_path(std::string_view text);    // absolute, or empty
Result<void> check_optional_socket(std::string_view text);  // absolute, at most 107 bytes, or empty
Result<void> check_optional_seal(std::string_view text);    // the name of a seal, or empty
Result<void> check_optional_label(std::string_view text);   // part of an origin, or empty
Result<void> check_optional_group(std::string_view text);   // a Unix group name, or empty
Result<void> check_edge_name(std::string_view text);        // a DNS name or address, no port
Result<void> check_target_name(std::string_view text);      // [a-z0-9-], 1..63
Result<void> check_url(std::string_view text);              // http(s)://host[:port][/path]
Result<void> check_vkey(std::string_view text);             // name+hash+key, C2SP signed note
Result<void> check_optional_vkey(std::string_view text);    // the same, or empty
Result<void> check_policy(std::string_view text);           // a dotted OID
Result<void> check_optional_pin(std::string_view text);     // 64 hexadecimal digits, or empty

}  // namespace fieldseal::node
