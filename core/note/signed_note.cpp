// SPDX-License-Identifier: Apache-2.0
#include "core/note/signed_note.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>

namespace fieldseal::note {
namespace {

constexpr std::string_view kLineStart = "\xE2\x80\x94 ";  // U+2014 EM DASH, space

Error bad_note(std::string_view why) {
    return {Errc::invalid_argument, "not a signed note: " + std::string(why)};
}

Result<SignatureLine> parse_line(std::string_view line) {
    if (!line.starts_with(kLineStart)) {
        return bad_note("a signature line starts with an em dash and a space, not " + quoted(line));
    }
    line.remove_prefix(kLineStart.size());
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return bad_note("a signature line without a signature");
    const std::string_view name = line.substr(0, space);
    FIELDSEAL_TRY(check_key_name(name));
    const auto blob = base64_decode(line.substr(space + 1));
    if (!blob.ok()) return bad_note("signature by " + quoted(name) + ": " + blob.error().message);
    if (blob->size() <= kKeyIdBytes) {
        return bad_note("signature by " + quoted(name) + " holds no more than a key ID");
    }
    return SignatureLine{std::string(name), read_u32_be(*blob),
                         Bytes(blob->begin() + kKeyIdBytes, blob->end())};
}

Result<void> check_text(std::string_view note) {
    if (note.size() > kNoteBytesMax) {
        return bad_note("larger than " + std::to_string(kNoteBytesMax) + " bytes");
    }
    if (!is_utf8(note)) return bad_note("not UTF-8");
    const bool has_control = std::any_of(note.begin(), note.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' && c != '\n';
    });
    if (has_control) return bad_note("it holds a control byte");
    return {};
}

}  // namespace

std::string SignatureLine::text() const {
    return signature_line(name, key_id, signature);
}

Result<std::vector<SignatureLine>> parse_signature_lines(std::string_view lines) {
    FIELDSEAL_TRY(check_text(lines));
    if (lines.empty() || lines.back() != '\n') {
        return bad_note("signature lines end in a newline, and there is at least one");
    }
    std::vector<SignatureLine> parsed;
    while (!lines.empty()) {
        if (parsed.size() == kSignatureLinesMax) {
            return bad_note("more than " + std::to_string(kSignatureLinesMax) + " signatures");
        }
        const auto newline = lines.find('\n');
        parsed.push_back(FIELDSEAL_TRY(parse_line(lines.substr(0, newline))));
        lines.remove_prefix(newline + 1);
    }
    return parsed;
}

Result<SignedNote> parse_note(std::string_view note) {
    FIELDSEAL_TRY(check_text(note));
    const auto blank = note.rfind("\n\n");
    if (blank == std::string_view::npos) return bad_note("no blank line before the signatures");
    SignedNote parsed;
    parsed.text = note.substr(0, blank + 1);
    parsed.signatures = FIELDSEAL_TRY(parse_signature_lines(note.substr(blank + 2)));
    return parsed;
}

std::string signature_line(std::string_view name, std::uint32_t key_id, ByteView blob) {
    Bytes bytes;
    append_u32_be(bytes, key_id);
    append(bytes, blob);
    return std::string(kLineStart) + std::string(name) + " " + base64_encode(bytes) + "\n";
}

std::string format_note(std::string_view text, std::span<const std::string> lines) {
    FIELDSEAL_CHECK(text.ends_with('\n'));
    std::string note = std::string(text) + "\n";
    for (const std::string& line : lines) {
        FIELDSEAL_CHECK(line.ends_with('\n'));
        note += line;
    }
    return note;
}

Result<SignatureLine> find_signature(std::span<const SignatureLine> lines, const VerifierKey& key) {
    const auto by_key = [&](const SignatureLine& line) { return line.is_by(key); };
    const auto found = std::find_if(lines.begin(), lines.end(), by_key);
    if (found == lines.end()) {
        return Error{Errc::not_found, "no signature by " + format_vkey(key)};
    }
    if (std::find_if(found + 1, lines.end(), by_key) != lines.end()) {
        return Error{Errc::corrupt, "two signatures by " + format_vkey(key)};
    }
    return *found;
}

Result<SignatureLine> verify_note(const SignedNote& note, const VerifierKey& key) {
    if (key.type != KeyType::ed25519) {
        return Error{Errc::invalid_argument,
                     "a cosignature key does not sign notes: " + format_vkey(key)};
    }
    SignatureLine line = FIELDSEAL_TRY(find_signature(note.signatures, key));
    Ed25519Signature signature;
    if (line.signature.size() != signature.size()) {
        return Error{Errc::corrupt, "the signature by " + format_vkey(key) + " is not 64 bytes"};
    }
    std::copy(line.signature.begin(), line.signature.end(), signature.begin());
    if (!verify_ed25519(key.key, as_bytes(note.text), signature)) {
        return Error{Errc::corrupt, "the signature by " + format_vkey(key) + " does not verify"};
    }
    return line;
}

}  // namespace fieldseal::note
