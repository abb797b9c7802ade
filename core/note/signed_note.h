// SPDX-License-Identifier: Apache-2.0
// C2SP signed notes: text, a blank line, signature lines "— <name> <base64(key ID ‖ signature)>".
// Parsing is strict and says nothing about who signed; verification starts from keys the caller
// trusts. THREADS: pure functions, any. Errors: invalid_argument for malformed bytes; the verifying
// calls say not_found when the key did not sign and corrupt when its line does not verify or stands
// there twice.
#pragma once

#include "core/bytes.h"
#include "core/note/vkey.h"
#include "core/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::note {

inline constexpr std::size_t kNoteBytesMax = 64 * 1024;
inline constexpr std::size_t kSignatureLinesMax = 64;  // C2SP asks for at least 16
inline constexpr std::size_t kKeyIdBytes = 4;

struct SignatureLine {
    std::string name;
    std::uint32_t key_id = 0;
    Bytes signature;  // what follows the key ID; its form depends on the key's type

    bool is_by(const VerifierKey& key) const { return key_id == key.id() && name == key.name; }
    // The line with its final newline, as it stands in a note.
    std::string text() const;
};

struct SignedNote {
    std::string text;  // with its final newline
    std::vector<SignatureLine> signatures;
};

// Cuts at the last blank line. UTF-8 without control bytes, canonical base64, at least one
// signature.
Result<SignedNote> parse_note(std::string_view note);

// Signature lines alone, each with its newline, at least one: the answer of a witness.
Result<std::vector<SignatureLine>> parse_signature_lines(std::string_view lines);

// "— name base64(key_id ‖ blob)\n". REQUIRES: check_key_name(name).
std::string signature_line(std::string_view name, std::uint32_t key_id, ByteView blob);

// text, blank line, lines. REQUIRES: `text` and every line end in a newline.
std::string format_note(std::string_view text, std::span<const std::string> lines);

// The one line by `key`, unverified. Errors: not_found, or corrupt when there are two.
Result<SignatureLine> find_signature(std::span<const SignatureLine> lines, const VerifierKey& key);

// Finds the line by `key` (type 0x01) and checks it over the note's text.
Result<SignatureLine> verify_note(const SignedNote& note, const VerifierKey& key);

}  // namespace fieldseal::note
