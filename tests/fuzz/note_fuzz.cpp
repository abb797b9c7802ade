// SPDX-License-Identifier: Apache-2.0
// Signed notes and verifier keys have one text per value: what parses, formats back to the same
// bytes.
#include "core/check.h"
#include "core/note/signed_note.h"
#include "core/note/vkey.h"

#include <cstdint>
#include <string>
#include <vector>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});

    if (const auto note = note::parse_note(text)) {
        std::vector<std::string> lines;
        for (const auto& line : note->signatures) lines.push_back(line.text());
        FIELDSEAL_CHECK(note::format_note(note->text, lines) == text);
        FIELDSEAL_CHECK(lines.size() <= note::kSignatureLinesMax);
        // Nobody signed it, so nobody's key may say so: only the three documented refusals.
        note::VerifierKey stranger{note->signatures.front().name, note::KeyType::ed25519, {}};
        FIELDSEAL_CHECK(!note::verify_note(*note, stranger).ok());
    }
    if (const auto lines = note::parse_signature_lines(text)) {
        std::string again;
        for (const auto& line : *lines) again += line.text();
        FIELDSEAL_CHECK(again == text);
    }
    if (const auto key = note::parse_vkey(text)) FIELDSEAL_CHECK(note::format_vkey(*key) == text);
    return 0;
}
