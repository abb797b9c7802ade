// SPDX-License-Identifier: Apache-2.0
// Verifier keys of C2SP signed notes: name "+" 8 hex digits of the key ID "+" base64(type ‖ key).
// Two types exist for us: 0x01 signs checkpoints (a log key), 0x04 cosigns them (a witness key).
// THREADS: values and pure functions, any. Errors: invalid_argument; unsupported for another type.
#pragma once

#include "core/ed25519.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::note {

inline constexpr std::size_t kKeyNameBytesMax = 255;

enum class KeyType : std::uint8_t {
    ed25519 = 0x01,      // signs the note's text
    cosignature = 0x04,  // signs a time and a checkpoint (C2SP tlog-cosignature)
};

struct VerifierKey {
    std::string name;
    KeyType type = KeyType::ed25519;
    Ed25519PublicKey key{};
    bool operator==(const VerifierKey&) const = default;

    std::uint32_t id() const;
};

// The first four bytes of SHA-256(name ‖ LF ‖ type ‖ key), big-endian.
std::uint32_t key_id(std::string_view name, KeyType type, const Ed25519PublicKey& key);

// Non-empty UTF-8 without control bytes, Unicode spaces or "+".
Result<void> check_key_name(std::string_view name);

// Refuses a key ID that is not the one of the name and key.
Result<VerifierKey> parse_vkey(std::string_view vkey);
std::string format_vkey(const VerifierKey& key);

}  // namespace fieldseal::note
