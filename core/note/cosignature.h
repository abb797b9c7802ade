// SPDX-License-Identifier: Apache-2.0
// C2SP tlog-cosignature, Ed25519 (type 0x04): a witness says that at this time this checkpoint is
// the largest it has seen of the log and extends all it saw before. Blob: key ID (4) ‖ time (u64) ‖
// signature (64). The signed message does not hold the witness's name: one key, one name, one role.
// THREADS: values and pure functions, any. Errors: invalid_argument for a malformed blob, corrupt
// when the signature does not verify.
#pragma once

#include "core/bytes.h"
#include "core/ed25519.h"
#include "core/note/signed_note.h"
#include "core/note/vkey.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace fieldseal::note {

inline constexpr std::size_t kCosignatureBlobBytes = kKeyIdBytes + 8 + kEd25519SignatureBytes;
inline constexpr std::uint64_t kCosignatureTimeMax = (std::uint64_t{1} << 63) - 1;

struct Cosignature {
    std::string name;
    std::uint32_t key_id = 0;
    std::uint64_t time_s = 0;  // POSIX seconds by the witness's clock, 1 to kCosignatureTimeMax
    Ed25519Signature signature{};
    bool operator==(const Cosignature&) const = default;

    bool is_by(const VerifierKey& key) const { return key_id == key.id() && name == key.name; }
    // The 76 bytes whose SHA-256 is a floor of kind 1 (docs/formats: statement).
    std::array<std::uint8_t, kCosignatureBlobBytes> blob() const;
    Digest floor_digest() const;
    // The signature line with its newline.
    std::string line() const;
};

// What a witness signs: "cosignature/v1", "time <time_s>", and the checkpoint's text.
std::string cosignature_message(std::uint64_t time_s, std::string_view checkpoint_text);

// Reads the form only; nothing is verified.
Result<Cosignature> parse_cosignature(const SignatureLine& line);

// REQUIRES nothing; a key of another type, name or ID is invalid_argument.
Result<void> verify_cosignature(const Cosignature& cosignature, std::string_view checkpoint_text,
                                const VerifierKey& key);

// find_signature, parse and verify in one: the cosignature by `key` among `lines`. Here a malformed
// blob in a line by `key` is corrupt too: it is a known key's line that does not verify.
Result<Cosignature> open_cosignature(std::span<const SignatureLine> lines,
                                     std::string_view checkpoint_text, const VerifierKey& key);

}  // namespace fieldseal::note
