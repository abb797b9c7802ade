// SPDX-License-Identifier: Apache-2.0
// Inclusion and consistency proofs of RFC 6962 §2.1.1-2.1.2: checking them (by the algorithms of
// RFC 9162 §2.1.3.2 and §2.1.4.2) and making them from the hashes of complete subtrees.
// THREADS: pure functions, any. Errors: invalid_argument for sizes and indexes that make no sense,
// corrupt for a proof that does not lead to the root, and whatever the reader returns.
#pragma once

#include "core/merkle/tree.h"
#include "core/result.h"

#include <functional>
#include <span>
#include <vector>

namespace fieldseal::merkle {

// A tree of 2^63 - 1 leaves is 63 levels deep; C2SP tlog-witness allows as many lines.
inline constexpr std::size_t kProofHashesMax = 63;

using Proof = std::vector<Digest>;

// The root that `leaf_hash` at `index` leads to in a tree of `size` leaves. The proof has exactly
// one possible length; any other is refused.
Result<Digest> root_from_inclusion(LeafIndex index, TreeSize size, const Digest& leaf_hash,
                                   std::span<const Digest> proof);

// Ok when the leaf is at `index` in the tree `head`.
Result<void> verify_inclusion(LeafIndex index, const TreeHead& head, const Digest& leaf_hash,
                              std::span<const Digest> proof);

// Ok when `newer` extends `older`. Equal sizes: equal roots and an empty proof. An older size of 0
// is an error: everything extends the empty tree, so such a proof proves nothing.
Result<void> verify_consistency(const TreeHead& older, const TreeHead& newer,
                                std::span<const Digest> proof);

// Where the hashes of complete subtrees come from. Asked only for subtrees inside the size in use.
using HashReader = std::function<Result<Digest>(NodeId)>;

Result<Digest> root(const HashReader& reader, TreeSize size);
Result<Proof> inclusion_proof(const HashReader& reader, LeafIndex index, TreeSize size);
// Empty for equal sizes. REQUIRES nothing; older 0 or above newer is invalid_argument.
Result<Proof> consistency_proof(const HashReader& reader, TreeSize older, TreeSize newer);

}  // namespace fieldseal::merkle
