// SPDX-License-Identifier: Apache-2.0
// The RFC 6962 §2.1 hash tree: the two hash functions, the shape of a tree of n leaves, and the
// names of its parts. A *complete* subtree (level L, index i) covers the leaves [i·2^L, (i+1)·2^L)
// and never changes once those leaves exist; every other node is a fold of complete ones. THREADS:
// pure functions, any.
#pragma once

#include "core/bytes.h"

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace fieldseal::merkle {

// Position of a leaf, from 0.
struct LeafIndex {
    std::uint64_t value = 0;
    auto operator<=>(const LeafIndex&) const = default;
};

// Number of leaves in a tree.
struct TreeSize {
    std::uint64_t value = 0;
    auto operator<=>(const TreeSize&) const = default;
};

// Sizes end where other people's signed 64-bit integers do (Go's tlog, Sigsum).
inline constexpr TreeSize kTreeSizeMax{(std::uint64_t{1} << 63) - 1};

// A size and the root of the tree of that size.
struct TreeHead {
    TreeSize size;
    Digest root{};
    bool operator==(const TreeHead&) const = default;
};

// A complete subtree.
struct NodeId {
    unsigned level = 0;       // 0 = leaf hashes
    std::uint64_t index = 0;  // from the left, within the level
    auto operator<=>(const NodeId&) const = default;
};

Digest leaf_hash(ByteView entry);
Digest node_hash(const Digest& left, const Digest& right);
// SHA-256 of nothing: the root of a tree with no leaves.
Digest empty_root();

// The largest power of two below `n`: how many leaves the left part of a tree of n leaves has.
// REQUIRES: n > 1.
std::uint64_t split_point(std::uint64_t n);

// The root over these leaf hashes, by the recursive definition; for tests and small trees.
Digest root_of(std::span<const Digest> leaf_hashes);

// The complete subtrees that make up the leaves [begin, end), left to right (largest first).
// REQUIRES: begin is a multiple of the smallest power of two >= end - begin (an RFC 6962 subtree).
std::vector<NodeId> complete_subtrees(std::uint64_t begin, std::uint64_t end);

// The hash over neighbouring complete subtrees as complete_subtrees() orders them: the rightmost
// two are hashed together first. An empty list gives empty_root().
Digest fold(std::span<const Digest> subtrees);

}  // namespace fieldseal::merkle
