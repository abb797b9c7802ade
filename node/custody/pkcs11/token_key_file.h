// SPDX-License-Identifier: Apache-2.0
// The key file "fieldseal-token-key/v1": where a private key is that this node does not hold.
// docs/formats/key-file.md §6 has the grammar. Nothing in it is secret, and nothing in it is
// believed: the public key is what every signature is checked against, and the node knows it from
// elsewhere, too. It stands beside the key files of key_file.h under the same kind of name.
// TRUST: parse takes bytes a stranger may have written. THREADS: value types.
// Errors: corrupt (named field), unsupported (a later version).
#pragma once

#include "core/statement.h"
#include "node/custody/key_types.h"
#include "node/custody/pkcs11/session.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::node::pkcs11 {

inline constexpr std::size_t kTokenKeyFileBytesMax = 16 * 1024;
inline constexpr std::size_t kPathBytesMax = 1024;
inline constexpr std::size_t kLabelTextBytesMax = 32;   // CK_TOKEN_INFO.label
inline constexpr std::size_t kSerialTextBytesMax = 16;  // CK_TOKEN_INFO.serialNumber

struct TokenKeyFile {
    std::string name;
    Purpose purpose = Purpose::statement;
    KeyName key;
    PublicKey public_key;
    TokenName token;
    Custody custody = Custody::pkcs11;
    std::optional<std::string> pin_file;  // unattended: the PIN is in this file (0600, ours)

    KeyInfo info() const;
};

// Whether `text` says that it is one: what reads key files asks this first.
bool is_token_key_file(std::string_view text);
Result<TokenKeyFile> parse_token_key_file(std::string_view text);
std::string to_json(const TokenKeyFile& file);

// What a key file may name: an absolute path of printable ASCII.
bool is_plain_path(std::string_view path);

// "pkcs11:token=office;serial=9f3a…;id=%01%AB;type=private" (RFC 7512).
std::string uri_of(const TokenKeyFile& file);

}  // namespace fieldseal::node::pkcs11
