// SPDX-License-Identifier: Apache-2.0
// The right edge of a growing RFC 6962 tree: the roots of its maximal complete subtrees, one per
// set bit of the size. Enough to append and to know the root, in O(log n) memory. OWNED BY: the
// sequencer (or anyone who grows a tree). THREADS: one thread.
#pragma once

#include "core/merkle/tree.h"
#include "core/result.h"

#include <span>
#include <vector>

namespace fieldseal::merkle {

class Frontier {
public:
    // The empty tree.
    Frontier() = default;

    // A stored tree. `subtrees` are the hashes of complete_subtrees(0, size), in that order.
    // Errors: invalid_argument when the count does not fit the size.
    static Result<Frontier> from(TreeSize size, std::vector<Digest> subtrees);

    // Adds one leaf.
    void append(const Digest& leaf_hash);

    TreeSize size() const { return size_; }
    Digest root() const { return fold(subtrees_); }
    TreeHead head() const { return {size_, root()}; }
    std::span<const Digest> subtrees() const { return subtrees_; }

private:
    TreeSize size_;
    std::vector<Digest> subtrees_;  // largest, that is leftmost, first
};

}  // namespace fieldseal::merkle
