// SPDX-License-Identifier: Apache-2.0
// C2SP tlog-checkpoint: the note text a log signs. Ours has exactly three lines (origin, size,
// base64 root); extension lines are refused, so that the text means origin, size and root and
// nothing else. TRUST: parse_… only reads; open_checkpoint verifies with the caller's keys.
// THREADS: values and pure functions, any. Errors: invalid_argument for malformed bytes or keys,
// and from open_checkpoint: not_found (the log key did not sign), corrupt (a line by a known key
// does not verify or stands there twice: the whole note is void), conflict (another origin).
#pragma once

#include "core/merkle/tree.h"
#include "core/note/cosignature.h"
#include "core/note/signed_note.h"
#include "core/note/vkey.h"
#include "core/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::note {

inline constexpr std::size_t kOriginBytesMax = 255;

struct Checkpoint {
    std::string origin;
    merkle::TreeSize size;
    Digest root{};
    bool operator==(const Checkpoint&) const = default;

    merkle::TreeHead head() const { return {size, root}; }
    // The three lines, with the final newline: what the log signs.
    std::string text() const;
    // SHA-256 of the three lines: what anchors bind and a hub logs.
    Digest digest() const;
};

// Printable ASCII without space or "+", 1 to 255 bytes.
Result<void> check_origin(std::string_view origin);

// The three lines and nothing else.
Result<Checkpoint> parse_checkpoint(std::string_view text);

// A checkpoint note whose signatures nobody has looked at yet.
struct CheckpointNote {
    Checkpoint checkpoint;
    std::vector<SignatureLine> signatures;
};
Result<CheckpointNote> parse_checkpoint_note(std::string_view note);

// A checkpoint note that was verified.
struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::string note;                       // as received, every line
    SignatureLine log_signature;            // by the log key
    std::vector<Cosignature> cosignatures;  // the verified ones, in the order of the witness keys
};

// Verifies the log's signature and every cosignature by one of `witness_keys`; lines by others are
// ignored. The log key's name must be the checkpoint's origin. Two keys with one name and ID, a log
// key that is not type 0x01 and a witness key that is not 0x04 are invalid_argument.
Result<SignedCheckpoint> open_checkpoint(std::string_view note, const VerifierKey& log_key,
                                         std::span<const VerifierKey> witness_keys);

// The same note with these lines added at its end. A line by a key that is already there (name and
// ID) replaces the old one: a witness asked again answers with a newer time.
// Errors: invalid_argument, or when the result would pass a limit of signed_note.h.
Result<std::string> merge_signatures(std::string_view note, std::span<const SignatureLine> lines);

}  // namespace fieldseal::note
