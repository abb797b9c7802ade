// SPDX-License-Identifier: Apache-2.0
// The bytes of C2SP tlog-witness add-checkpoint, both sides: the request a log makes and the
// answers it gets. Request: "old " size LF, 0-63 base64 hashes each with LF, LF, checkpoint note.
// TRUST: everything here came from a stranger; only parse_reply verifies, with one key.
// THREADS: values and pure functions, any. Errors: invalid_argument for malformed bytes;
// parse_reply also not_found (no line by the key) and corrupt (its line does not verify, or stands
// there twice).
#pragma once

#include "core/merkle/proof.h"
#include "core/merkle/tree.h"
#include "core/note/checkpoint.h"
#include "core/note/cosignature.h"
#include "core/note/signed_note.h"
#include "core/note/vkey.h"
#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::witness {

inline constexpr std::size_t kRequestBytesMax = 64 * 1024;
inline constexpr std::size_t kReplyBytesMax = 64 * 1024;
// The content type of a 409 that names the stored size.
inline constexpr std::string_view kSizeContentType = "text/x.tlog.size";

struct AddCheckpoint {
    merkle::TreeSize old_size;
    merkle::Proof proof;
    note::Checkpoint checkpoint;
    std::vector<note::SignatureLine> signatures;  // of the note, unverified
    std::string note;                             // the checkpoint with its signatures, verbatim
};

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

// REQUIRES: proof within kProofHashesMax.
std::string format_add_checkpoint(merkle::TreeSize old_size, std::span<const Digest> proof,
                                  std::string_view note);

// The cosignature by `witness_key` in the body of a 200. Lines by other keys are ignored.
Result<note::Cosignature> parse_reply(std::string_view body, const note::Checkpoint& checkpoint,
                                      const note::VerifierKey& witness_key);

// The body of a 409 with kSizeContentType: decimal, newline.
Result<merkle::TreeSize> parse_size_reply(std::string_view body);
std::string format_size_reply(merkle::TreeSize size);

}  // namespace fieldseal::witness
