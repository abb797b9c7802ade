// SPDX-License-Identifier: Apache-2.0
// A .tlog-proof has one text per value.
#include "core/check.h"
#include "core/note/checkpoint.h"
#include "core/note/tlog_proof.h"

#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    const auto proof = note::parse_tlog_proof(text);
    if (!proof.ok()) return 0;
    FIELDSEAL_CHECK(note::format_tlog_proof(*proof) == text);
    const auto note = note::parse_checkpoint_note(proof->note);
    FIELDSEAL_CHECK(note.ok());
    // A path nobody computed leads nowhere, whatever its shape.
    ignore_error(
        merkle::verify_inclusion(proof->index, note->checkpoint.head(), Digest{}, proof->hashes),
        "only that it returns");
    return 0;
}
