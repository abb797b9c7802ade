// SPDX-License-Identifier: Apache-2.0
// The C2SP .tlog-proof file, version 1: index, inclusion path and signed checkpoint in one text.
//   "c2sp.org/tlog-proof@v1" LF, ["extra " base64 LF], "index " decimal LF, *(base64 hash LF), LF,
//   note
// TRUST: parsing verifies nothing, and `extra` is never authenticated. To verify: open_checkpoint,
// then merkle::verify_inclusion with the leaf hash the application computes.
// THREADS: values and pure functions, any. Errors: invalid_argument.
#pragma once

#include "core/merkle/proof.h"
#include "core/merkle/tree.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace fieldseal::note {

// Go's reader stops at lines of 64 KiB: 48,000 bytes are 64,000 base64 characters.
inline constexpr std::size_t kTlogProofExtraBytesMax = 48000;
inline constexpr std::size_t kTlogProofBytesMax = 160 * 1024;

struct TlogProof {
    std::optional<Bytes> extra;
    merkle::LeafIndex index;
    merkle::Proof hashes;  // leaf's sibling first
    std::string note;      // the checkpoint with its signatures, verbatim
    bool operator==(const TlogProof&) const = default;
};

// Accepts exactly what format_tlog_proof() writes. The note's form is checked too.
Result<TlogProof> parse_tlog_proof(std::string_view text);

// REQUIRES: hashes and extra within their limits, `note` a well-formed checkpoint note.
std::string format_tlog_proof(const TlogProof& proof);

}  // namespace fieldseal::note
