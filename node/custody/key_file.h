// SPDX-License-Identifier: Apache-2.0
// The key file "fieldseal-key/v1": a private key encrypted under a random data key (DEK), the DEK
// wrapped once per way of opening it. docs/formats/key-file.md has the grammar.
//   {"fieldseal": "key/v1", "name", "algorithm", "purpose", "exportable": true?,
//    "public_key": b64 SPKI | "",
//    "wraps": [{"type", "nonce", "wrapped_key", "argon2id": {"memory_kib", "passes", "salt"}?}],
//    "nonce": b64, "encrypted_key": b64, "checksum": b64?}
// Every encryption is XChaCha20-Poly1305. Its additional data is the header (all fields before
// the wraps) in one canonical form, and for a wrap also the wrap's type and cost: no field of one
// file can be changed or carried to another file without being noticed when the key is opened. This
// part is pure: no files, no randomness. Wrapping is in envelope.h, the directory in keystore.h.
// TRUST: parse_key_file takes bytes a stranger may have written; costs are bounded before they are
// paid. THREADS: any. Errors: corrupt (named field), unsupported (a later version).
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "node/custody/key_types.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

inline constexpr std::size_t kKeyFileBytesMax = 16 * 1024;
inline constexpr std::size_t kWrapsMax = 3;  // one of each type
inline constexpr std::size_t kAeadNonceBytes = 24;
inline constexpr std::size_t kWrappedKeyBytes = 32 + 16;  // key and tag
inline constexpr std::size_t kSaltBytes = 16;

// What one guess at a passphrase costs.
struct Argon2idCost {
    std::uint32_t memory_kib = 64 * 1024;
    std::uint32_t passes = 3;
    friend bool operator==(const Argon2idCost&, const Argon2idCost&) = default;
};
// A file may not ask for more than this: it could be hostile.
inline constexpr Argon2idCost kArgon2idCostMax{1024 * 1024, 16};
inline constexpr Argon2idCost kArgon2idCostMin{8, 1};  // libsodium's own least
// For unit tests only: a guess costs nothing.
inline constexpr Argon2idCost kArgon2idFastForTesting{64, 1};

enum class WrapType : std::uint8_t {
    passphrase,  // KEK = Argon2id(passphrase, salt)
    recovery,    // KEK from the 256-bit recovery code
    unattended,  // KEK from the machine secret beside the key files
};
std::string_view to_string(WrapType type);

using AeadNonce = std::array<std::uint8_t, kAeadNonceBytes>;
using WrappedKey = std::array<std::uint8_t, kWrappedKeyBytes>;

struct Wrap {
    WrapType type = WrapType::passphrase;
    Argon2idCost cost;                            // passphrase only
    std::array<std::uint8_t, kSaltBytes> salt{};  // passphrase only
    AeadNonce nonce{};
    WrappedKey wrapped_key{};
};

struct KeyFile {
    std::string name;
    KeyAlgorithm algorithm = KeyAlgorithm::es256k;
    Purpose purpose = Purpose::statement;
    bool exportable = false;
    std::optional<PublicKey> public_key;
    std::vector<Wrap> wraps;  // at most one of each type, at least one
    AeadNonce nonce{};
    WrappedKey encrypted_key{};

    const Wrap* find(WrapType type) const;
    KeyInfo info() const;
    // The additional data of the private key, and the first part of every wrap's.
    Bytes header() const;
    Bytes wrap_header(const Wrap& wrap) const;
    // SHA-256 of all of it: tells a damaged file from a sound one without any secret. Against
    // accidents alone; whoever changes a file on purpose makes a new one.
    Digest checksum() const;
};

Result<KeyFile> parse_key_file(std::string_view text);
std::string to_json(const KeyFile& file);

}  // namespace fieldseal::node
