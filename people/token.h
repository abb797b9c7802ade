// SPDX-License-Identifier: Apache-2.0
// API tokens: "fst_" and 43 characters of base64url that carry 256 random bits. Stored under
// "token/<id>" as their SHA-256: 256 random bits need no slow hash. The id, the first 8 bytes of
// that hash, is public.
//
// A token's scopes are only a wish: what it may do is their intersection with what the role of its
// account may do at that moment. THREADS: value types. Errors: invalid_argument, corrupt (a row).
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::people {

inline constexpr std::size_t kTokensMax = 1000;  // all fit into one list
inline constexpr std::size_t kTokensPerAccountMax = 32;
inline constexpr std::size_t kTokenLabelBytesMax = 64;
inline constexpr std::size_t kTokenIdBytes = 16;
inline constexpr std::string_view kTokenPrefix = "fst_";
inline constexpr std::string_view kTokenRows = "token/";

struct Token {
    std::string id;  // 16 hexadecimal characters
    Digest hash{};   // SHA-256 of the token's text
    std::string account;
    std::string label;
    std::vector<std::string> scopes;  // sorted, distinct, of people/role.h's words
    std::int64_t created_at_s = 0;
    std::optional<std::int64_t> expires_at_s;
    friend bool operator==(const Token&, const Token&) = default;
};

// A fresh token's text. THE secret: whoever holds it is the caller.
std::string random_token();
// True for what has a token's form.
bool is_token(std::string_view text);
Digest token_hash(std::string_view text);
std::string token_id(const Digest& hash);
std::string token_key(std::string_view id);

Result<void> check_token_label(std::string_view label);
// Sorts; refuses none, unknown ones and one named twice.
Result<std::vector<std::string>> check_scopes(std::vector<std::string> scopes);

Bytes encode_token(const Token& token);
Result<Token> decode_token(ByteView row);

}  // namespace fieldseal::people
