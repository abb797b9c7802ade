// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/proof.h"

#include "core/encoding.h"

#include <bit>
#include <string>

namespace fieldseal::merkle {
namespace {

// The leaves [begin, end) under one node of a tree.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t leaves() const { return end - begin; }
};

std::string of_size(TreeSize size) {
    return std::to_string(size.value);
}

Error wrong_length(std::string_view kind, std::size_t length) {
    return {Errc::corrupt, "the " + std::string(kind) + " proof has the wrong number of hashes (" +
                               std::to_string(length) + ")"};
}

Error wrong_root(std::string_view kind, std::string_view which, const Digest& expected) {
    return {Errc::corrupt, "the " + std::string(kind) + " proof does not lead to the " +
                               std::string(which) + " root " + hex_encode(expected)};
}

// RFC 9162 §2.1.3.2 and §2.1.4.2 walk up from a leaf position beside the rightmost one. The two
// counters, shifted right once per level, say on which side the next hash of the proof belongs.
class Climb {
public:
    Climb(std::uint64_t position, std::uint64_t last) : position_(position), last_(last) {}

    bool at_top() const { return last_ == 0; }

    // Moves up one proof hash; true when that hash is the left neighbour.
    bool step() {
        const bool left = (position_ & 1) == 1 || position_ == last_;
        if (left) {
            // A node without a right neighbour is its own parent: skip those levels.
            while ((position_ & 1) == 0 && position_ != 0) shift();
        }
        shift();
        return left;
    }

    void skip_right_turns() {
        while ((position_ & 1) == 1) shift();
    }

private:
    void shift() {
        position_ >>= 1;
        last_ >>= 1;
    }
    std::uint64_t position_;
    std::uint64_t last_;
};

// The siblings met on the way down from the root to `target`, lowest last; and where the way ended.
struct Descent {
    std::vector<Range> siblings;
    Range end;
    bool left_edge = true;  // never went right: the end is the old tree itself
};

// Walks down to the leaf `index`.
Descent descend_to_leaf(LeafIndex index, TreeSize size) {
    Descent descent{{}, {0, size.value}};
    while (descent.end.leaves() > 1) {
        const std::uint64_t middle = descent.end.begin + split_point(descent.end.leaves());
        if (index.value < middle) {
            descent.siblings.push_back({middle, descent.end.end});
            descent.end.end = middle;
        } else {
            descent.siblings.push_back({descent.end.begin, middle});
            descent.end.begin = middle;
        }
    }
    return descent;
}

// Walks down along the right edge of the tree of `older` leaves until a node of the newer tree ends
// exactly there (SUBPROOF of RFC 6962 §2.1.2).
Descent descend_to_edge(TreeSize older, TreeSize newer) {
    Descent descent{{}, {0, newer.value}};
    while (descent.end.end != older.value) {
        const std::uint64_t middle = descent.end.begin + split_point(descent.end.leaves());
        if (older.value <= middle) {
            descent.siblings.push_back({middle, descent.end.end});
            descent.end.end = middle;
        } else {
            descent.siblings.push_back({descent.end.begin, middle});
            descent.end.begin = middle;
            descent.left_edge = false;
        }
    }
    return descent;
}

Result<Digest> range_hash(const HashReader& reader, Range range) {
    std::vector<Digest> hashes;
    for (const NodeId node : complete_subtrees(range.begin, range.end)) {
        hashes.push_back(FIELDSEAL_TRY(reader(node)));
    }
    return fold(hashes);
}

// Proofs list the hashes from the bottom up.
Result<Proof> read_upwards(const HashReader& reader, const std::vector<Range>& downwards) {
    Proof proof;
    proof.reserve(downwards.size());
    for (auto range = downwards.rbegin(); range != downwards.rend(); ++range) {
        proof.push_back(FIELDSEAL_TRY(range_hash(reader, *range)));
    }
    return proof;
}

Result<void> check_inclusion_bounds(LeafIndex index, TreeSize size) {
    if (size > kTreeSizeMax) {
        return Error{Errc::invalid_argument, "tree size " + of_size(size) + " is above 2^63 - 1"};
    }
    if (index.value >= size.value) {
        return Error{Errc::invalid_argument, "leaf " + std::to_string(index.value) +
                                                 " is not in a tree of " + of_size(size) +
                                                 " leaves"};
    }
    return {};
}

Result<void> check_consistency_bounds(TreeSize older, TreeSize newer) {
    if (newer > kTreeSizeMax) {
        return Error{Errc::invalid_argument, "tree size " + of_size(newer) + " is above 2^63 - 1"};
    }
    if (older.value == 0) {
        return Error{Errc::invalid_argument, "consistency with the empty tree proves nothing"};
    }
    if (older > newer) {
        return Error{Errc::invalid_argument, "the older tree (" + of_size(older) +
                                                 ") is larger than the newer (" + of_size(newer) +
                                                 ")"};
    }
    return {};
}

}  // namespace

Result<Digest> root_from_inclusion(LeafIndex index, TreeSize size, const Digest& leaf_hash,
                                   std::span<const Digest> proof) {
    FIELDSEAL_TRY(check_inclusion_bounds(index, size));
    if (proof.size() > kProofHashesMax) return wrong_length("inclusion", proof.size());
    Climb climb(index.value, size.value - 1);
    Digest hash = leaf_hash;
    for (const Digest& sibling : proof) {
        if (climb.at_top()) return wrong_length("inclusion", proof.size());
        hash = climb.step() ? node_hash(sibling, hash) : node_hash(hash, sibling);
    }
    if (!climb.at_top()) return wrong_length("inclusion", proof.size());
    return hash;
}

Result<void> verify_inclusion(LeafIndex index, const TreeHead& head, const Digest& leaf_hash,
                              std::span<const Digest> proof) {
    const Digest computed = FIELDSEAL_TRY(root_from_inclusion(index, head.size, leaf_hash, proof));
    if (computed != head.root) return wrong_root("inclusion", "given", head.root);
    return {};
}

Result<void> verify_consistency(const TreeHead& older, const TreeHead& newer,
                                std::span<const Digest> proof) {
    FIELDSEAL_TRY(check_consistency_bounds(older.size, newer.size));
    if (older.size == newer.size) {
        if (!proof.empty()) return wrong_length("consistency", proof.size());
        if (older.root != newer.root) return wrong_root("consistency", "newer", newer.root);
        return {};
    }
    if (proof.empty() || proof.size() > kProofHashesMax) {
        return wrong_length("consistency", proof.size());
    }
    // A complete old tree is a node of the new one: its root is known and left out of the proof.
    const bool old_root_implied = std::has_single_bit(older.size.value);
    Digest old_hash = old_root_implied ? older.root : proof.front();
    Digest new_hash = old_hash;
    Climb climb(older.size.value - 1, newer.size.value - 1);
    climb.skip_right_turns();
    for (const Digest& hash : proof.subspan(old_root_implied ? 0 : 1)) {
        if (climb.at_top()) return wrong_length("consistency", proof.size());
        if (climb.step()) {
            old_hash = node_hash(hash, old_hash);
            new_hash = node_hash(hash, new_hash);
        } else {
            new_hash = node_hash(new_hash, hash);
        }
    }
    if (!climb.at_top()) return wrong_length("consistency", proof.size());
    if (old_hash != older.root) return wrong_root("consistency", "older", older.root);
    if (new_hash != newer.root) return wrong_root("consistency", "newer", newer.root);
    return {};
}

Result<Digest> root(const HashReader& reader, TreeSize size) {
    if (size > kTreeSizeMax) {
        return Error{Errc::invalid_argument, "tree size " + of_size(size) + " is above 2^63 - 1"};
    }
    return range_hash(reader, {0, size.value});
}

Result<Proof> inclusion_proof(const HashReader& reader, LeafIndex index, TreeSize size) {
    FIELDSEAL_TRY(check_inclusion_bounds(index, size));
    return read_upwards(reader, descend_to_leaf(index, size).siblings);
}

Result<Proof> consistency_proof(const HashReader& reader, TreeSize older, TreeSize newer) {
    FIELDSEAL_TRY(check_consistency_bounds(older, newer));
    Descent descent = descend_to_edge(older, newer);
    // Unless the end is the old tree itself, whose root the verifier has, the proof starts with it.
    if (!descent.left_edge) descent.siblings.push_back(descent.end);
    return read_upwards(reader, descent.siblings);
}

}  // namespace fieldseal::merkle
