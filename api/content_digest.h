// SPDX-License-Identifier: Apache-2.0
// Content-Digest (RFC 9530): `sha-256=:<base64>:`, checked on requests, sent with answers.
// THREADS: free functions, any. ERRORS: invalid_argument.
#pragma once

#include "core/bytes.h"
#include "core/hash.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::api {

// What a request says about its body. Other algorithms may stand beside these two.
struct ContentDigest {
    std::optional<Digest> sha256;
    std::optional<Sha512Digest> sha512;

    // False when a digest that was given is another one.
    bool matches(const Digest& sha256_found, const Sha512Digest& sha512_found) const;
};

// Errors: not a dictionary of byte sequences, or neither sha-256 nor sha-512 in it: what somebody
// asked to have checked must not pass unchecked.
Result<ContentDigest> parse_content_digest(std::string_view field);

// The field for `body`.
std::string content_digest(ByteView body);

}  // namespace fieldseal::api
