// SPDX-License-Identifier: Apache-2.0
// What a key is for and how it signs. One key has exactly one purpose (FORMATS §1): it is part of
// the key file, authenticated with it, and checked by every signing call. THREADS: value types.
// Errors: invalid_argument.
#pragma once

#include "core/public_key.h"
#include "core/result.h"
#include "core/statement.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::node {

enum class KeyAlgorithm : std::uint8_t {
    es256k,       // ECDSA over secp256k1 with SHA-256, RFC 8812
    es256,        // ECDSA over P-256 with SHA-256, RFC 7518 §3.4
    eddsa,        // Ed25519, RFC 8032
    hmac_sha256,  // the tail pin's key: a MAC, no public half
    ps256,        // RSASSA-PSS with SHA-256, RFC 8230; in tokens only
};

enum class Purpose : std::uint8_t {
    statement,    // a seal
    status,       // status snapshots, FORMATS §6
    checkpoint,   // the log key
    cosignature,  // the hub's witness key
    receipt,
    chain_tx,
    pin,  // MAC of the tail pin
};

std::string_view to_string(KeyAlgorithm algorithm);
std::string_view to_string(Purpose purpose);
Result<KeyAlgorithm> parse_key_algorithm(std::string_view text);
Result<Purpose> parse_purpose(std::string_view text);

// Log and witness keys sign notes of type 0x01 and 0x04, both Ed25519 (FORMATS §2); chain accounts
// are secp256k1; the pin is a MAC; the rest may use any signature algorithm.
bool purpose_allows(Purpose purpose, KeyAlgorithm algorithm);

// Names a key's file: 1 to 63 characters of a-z, 0-9, '-', '_', '.', starting with a letter or
// digit.
Result<void> check_key_name(std::string_view name);

struct KeyInfo {
    std::string name;
    KeyAlgorithm algorithm = KeyAlgorithm::es256k;
    Purpose purpose = Purpose::statement;
    bool unattended = false;  // opened by the machine secret at boot
    bool has_passphrase = false;
    bool has_recovery = false;
    bool exportable = false;  // decided when the key was made; part of what its file authenticates
    std::optional<PublicKey> public_key = {};  // none for hmac_sha256
    Custody custody = Custody::software;
};

}  // namespace fieldseal::node
