// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/proof.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace fieldseal::merkle {
namespace {

// A tree kept as plain leaf hashes; answers for any complete subtree.
struct PlainTree {
    std::vector<Digest> leaves;

    explicit PlainTree(std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            leaves.push_back(leaf_hash(as_bytes("entry-" + std::to_string(i))));
        }
    }
    HashReader reader() const {
        return [this](NodeId node) -> Result<Digest> {
            const std::size_t count = std::size_t{1} << node.level;
            return root_of(std::span(leaves).subspan(node.index << node.level, count));
        };
    }
    TreeHead head(std::size_t size) const {
        return {TreeSize{size}, root_of(std::span(leaves).first(size))};
    }
};

TEST(MerkleProof, HasNoHashesForASingleLeaf) {
    const PlainTree tree(1);
    const auto proof = inclusion_proof(tree.reader(), LeafIndex{0}, TreeSize{1});
    ASSERT_TRUE(proof.ok());
    EXPECT_TRUE(proof->empty());
    EXPECT_TRUE(verify_inclusion(LeafIndex{0}, tree.head(1), tree.leaves[0], *proof).ok());
}

// The tree of seven leaves of RFC 6962 §2.1.3, its proofs written out by hand.
TEST(MerkleProof, FollowsTheExamplesOfRfc6962) {
    const PlainTree tree(7);
    const auto& leaf = tree.leaves;
    const auto pair = [&](std::size_t i) { return node_hash(leaf[i], leaf[i + 1]); };
    const Digest g = pair(0), h = pair(2), i = pair(4), j = leaf[6];
    const Digest k = node_hash(g, h), l = node_hash(i, j);
    const auto path = [&](std::uint64_t index) {
        return *inclusion_proof(tree.reader(), LeafIndex{index}, TreeSize{7});
    };
    EXPECT_EQ(path(0), (Proof{leaf[1], h, l}));
    EXPECT_EQ(path(3), (Proof{leaf[2], g, l}));
    EXPECT_EQ(path(4), (Proof{leaf[5], j, k}));
    EXPECT_EQ(path(6), (Proof{i, k}));
    const auto consistency = [&](std::uint64_t older) {
        return *consistency_proof(tree.reader(), TreeSize{older}, TreeSize{7});
    };
    EXPECT_EQ(consistency(3), (Proof{leaf[2], leaf[3], g, l}));
    EXPECT_EQ(consistency(4), (Proof{l}));
    EXPECT_EQ(consistency(6), (Proof{i, j, k}));
}

TEST(MerkleProof, ComputesTheRootFromAReader) {
    const PlainTree tree(13);
    for (std::size_t size = 0; size <= 13; ++size) {
        EXPECT_EQ(*root(tree.reader(), TreeSize{size}), tree.head(size).root);
    }
}

TEST(MerkleProof, RefusesToProveWhatIsNotInTheTree) {
    const PlainTree tree(8);
    const auto reader = tree.reader();
    EXPECT_EQ(inclusion_proof(reader, LeafIndex{8}, TreeSize{8}).error().code,
              Errc::invalid_argument);
    EXPECT_FALSE(inclusion_proof(reader, LeafIndex{0}, TreeSize{0}).ok());
    EXPECT_FALSE(inclusion_proof(reader, LeafIndex{0}, TreeSize{UINT64_MAX}).ok());
    EXPECT_FALSE(consistency_proof(reader, TreeSize{0}, TreeSize{8}).ok());
    EXPECT_FALSE(consistency_proof(reader, TreeSize{8}, TreeSize{7}).ok());
    EXPECT_FALSE(root(reader, TreeSize{UINT64_MAX}).ok());
}

TEST(MerkleProof, PassesOnTheErrorOfTheReader) {
    const HashReader broken = [](NodeId) -> Result<Digest> {
        return Error{Errc::io, "the disk is gone"};
    };
    EXPECT_EQ(inclusion_proof(broken, LeafIndex{1}, TreeSize{3}).error().code, Errc::io);
    EXPECT_EQ(consistency_proof(broken, TreeSize{1}, TreeSize{3}).error().code, Errc::io);
}

TEST(MerkleProof, RefusesTheOtherRoot) {
    const PlainTree tree(9);
    const auto proof = *inclusion_proof(tree.reader(), LeafIndex{4}, TreeSize{9});
    EXPECT_TRUE(verify_inclusion(LeafIndex{4}, tree.head(9), tree.leaves[4], proof).ok());
    const TreeHead other{TreeSize{9}, tree.head(8).root};
    const auto refused = verify_inclusion(LeafIndex{4}, other, tree.leaves[4], proof);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::corrupt);
}

TEST(MerkleProof, RefusesConsistencyFromTheEmptyTree) {
    const PlainTree tree(3);
    const TreeHead empty{TreeSize{0}, empty_root()};
    EXPECT_EQ(verify_consistency(empty, tree.head(3), {}).error().code, Errc::invalid_argument);
    EXPECT_EQ(verify_consistency(empty, empty, {}).error().code, Errc::invalid_argument);
}

TEST(MerkleProof, WantsEqualRootsAndNoHashesForEqualSizes) {
    const PlainTree tree(5);
    EXPECT_TRUE(verify_consistency(tree.head(5), tree.head(5), {}).ok());
    EXPECT_FALSE(verify_consistency(tree.head(5), tree.head(5), std::vector<Digest>(1)).ok());
    const TreeHead other{TreeSize{5}, tree.head(4).root};
    EXPECT_FALSE(verify_consistency(tree.head(5), other, {}).ok());
}

TEST(MerkleProof, RefusesAnOlderTreeThatIsLarger) {
    const PlainTree tree(5);
    const auto proof = *consistency_proof(tree.reader(), TreeSize{3}, TreeSize{5});
    EXPECT_TRUE(verify_consistency(tree.head(3), tree.head(5), proof).ok());
    EXPECT_EQ(verify_consistency(tree.head(5), tree.head(3), proof).error().code,
              Errc::invalid_argument);
}

TEST(MerkleProof, RefusesMoreThan63Hashes) {
    const TreeHead large{kTreeSizeMax, Digest{}};
    const std::vector<Digest> hashes(64);
    EXPECT_FALSE(root_from_inclusion(LeafIndex{0}, kTreeSizeMax, Digest{}, hashes).ok());
    EXPECT_TRUE(
        root_from_inclusion(LeafIndex{0}, kTreeSizeMax, Digest{}, std::span(hashes).first(63))
            .ok());
    EXPECT_FALSE(verify_consistency({TreeSize{1}, Digest{}}, large, hashes).ok());
}

TEST(MerkleProof, RefusesSizesAbove63Bits) {
    const TreeSize beyond{std::uint64_t{1} << 63};
    EXPECT_EQ(root_from_inclusion(LeafIndex{0}, beyond, Digest{}, {}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(verify_consistency({TreeSize{1}, {}}, {beyond, {}}, {}).error().code,
              Errc::invalid_argument);
}

}  // namespace
}  // namespace fieldseal::merkle
