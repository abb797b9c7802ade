// SPDX-License-Identifier: Apache-2.0
// Anchors on a chain: `evm-tx` (a transaction that carries the digest) and `evm-receipt` (the
// anchor contract's event about it), each with the block's header and a path in the block's trie
// (docs/formats/anchor-evm.md). THREADS: value types; pure functions, any.
// ERRORS: invalid_argument for members of another form; a check returns a finding, never an Error.
#pragma once

#include "core/anchors/finding.h"
#include "core/evidence.h"
#include "core/evm/trie.h"
#include "core/note/checkpoint.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::anchors {

inline constexpr std::string_view kEvmTxType = "evm-tx";
inline constexpr std::string_view kEvmReceiptType = "evm-receipt";

inline constexpr std::size_t kEvmLaterMax = 32;     // headers
inline constexpr std::size_t kEvmHandoverMax = 16;  // headers
inline constexpr std::uint64_t kEvmIndexMax = evm::kTrieItemsMax - 1;
inline constexpr std::uint64_t kEvmLogMax = 64 * 1024 - 1;  // number of an event in one receipt

struct EvmReceiptProof {
    std::vector<Bytes> nodes;  // of the receipts' trie, root first
    std::uint64_t log = 0;     // which event of the receipt
    bool operator==(const EvmReceiptProof&) const = default;
};

struct EvmAnchor {
    std::string chain;            // selects a pin in the trust file, and says nothing else
    Bytes header;                 // of block N: raw RLP with its seals
    std::uint64_t index = 0;      // of the transaction in the block
    std::vector<Bytes> nodes;     // of the transactions' trie, root first
    std::vector<Bytes> later;     // headers N + 1, N + 2, …, each whole or short (short_header.h)
    std::vector<Bytes> handover;  // headers that carry trust to the validators of N
    std::optional<EvmReceiptProof> receipt;  // evm-receipt only
    bool operator==(const EvmAnchor&) const = default;
};

// Form and limits, not the truth. Every length that is not bounded here is by the evidence file's.
Result<EvmAnchor> parse_evm_anchor(const Anchor& anchor);
// parse_evm_anchor(to_anchor(a)) == a for every `a` within the limits.
Anchor to_anchor(const EvmAnchor& anchor);

AnchorResult check_evm_anchor(const Anchor& anchor, const note::Checkpoint& checkpoint,
                              const Trust& trust);

}  // namespace fieldseal::anchors
