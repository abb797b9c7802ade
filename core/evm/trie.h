// SPDX-License-Identifier: Apache-2.0
// The Merkle-Patricia trie of a block's transactions or receipts: key = rlp(index), value = the
// item's bytes, not hashed (Yellow Paper, appendix D; chain.md §3.2). Builds the root and a proof
// from all items of a block, and verifies a proof against a root.
// THREADS: pure functions, any. ERRORS: invalid_argument for a proof of the wrong form, corrupt for
// one that does not lead from the root to a value.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fieldseal::evm {

inline constexpr std::size_t kTrieProofNodesMax = 65;         // 64 nibbles and the root
inline constexpr std::size_t kTrieNodeBytesMax = 128 * 1024;  // a leaf holds a whole transaction
inline constexpr std::size_t kTrieItemsMax = 64 * 1024;       // items of one block

// The root over `items` in their order. The empty trie has keccak256(0x80).
Digest trie_root(std::span<const Bytes> items);

// The nodes from the root to item `index`, root first; embedded nodes are part of their parent.
// REQUIRES: index < items.size().
std::vector<Bytes> trie_proof(std::span<const Bytes> items, std::size_t index);

// The value at `index` under `root`. Refuses unused nodes, unused nibbles, an absent key, wrong
// list lengths, and paths that are not the one encoding.
Result<Bytes> verify_trie_proof(const Digest& root, std::uint64_t index,
                                std::span<const Bytes> nodes);

}  // namespace fieldseal::evm
