// SPDX-License-Identifier: Apache-2.0
// Checkpoints have one text per value, and opening a note gives only what its keys signed.
#include "core/check.h"
#include "core/note/checkpoint.h"
#include "tests/support/note_signer.h"

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace fieldseal;

namespace {

// The keys that signed the seeds of corpus/checkpoint.
struct Keys {
    note::VerifierKey log = testing::NoteSigner("log.example", note::KeyType::ed25519, 0x01).key();
    std::vector<note::VerifierKey> witnesses{
        testing::NoteSigner("w1.example", note::KeyType::cosignature, 0x11).key(),
        testing::NoteSigner("w2.example", note::KeyType::cosignature, 0x12).key()};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys keys;
    const std::string_view text = as_text({data, size});

    if (const auto checkpoint = note::parse_checkpoint(text)) {
        FIELDSEAL_CHECK(checkpoint->text() == text);
    }
    const auto parsed = note::parse_checkpoint_note(text);
    const auto opened = note::open_checkpoint(text, keys.log, keys.witnesses);
    if (opened.ok()) {
        FIELDSEAL_CHECK(parsed.ok() && parsed->checkpoint == opened->checkpoint);
        FIELDSEAL_CHECK(opened->checkpoint.origin == keys.log.name && opened->note == text);
        FIELDSEAL_CHECK(opened->cosignatures.size() <= keys.witnesses.size());
        for (const auto& cosignature : opened->cosignatures) {
            FIELDSEAL_CHECK(std::any_of(
                keys.witnesses.begin(), keys.witnesses.end(), [&](const note::VerifierKey& key) {
                    return note::verify_cosignature(cosignature, opened->checkpoint.text(), key)
                        .ok();
                }));
        }
    }
    if (parsed.ok()) {
        const auto merged = note::merge_signatures(text, parsed->signatures);
        FIELDSEAL_CHECK(merged.ok());
        FIELDSEAL_CHECK(*note::merge_signatures(*merged, parsed->signatures) == *merged);
    }
    return 0;
}
