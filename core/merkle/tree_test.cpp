// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/tree.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "core/merkle/frontier.h"

#include <gtest/gtest.h>

#include <string>

namespace fieldseal::merkle {
namespace {

std::vector<Digest> leaves(std::initializer_list<std::string_view> entries) {
    std::vector<Digest> hashes;
    for (const auto entry : entries) hashes.push_back(leaf_hash(as_bytes(entry)));
    return hashes;
}

std::vector<Digest> entry_leaves(std::size_t count) {
    std::vector<Digest> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        hashes.push_back(leaf_hash(as_bytes("entry-" + std::to_string(i))));
    }
    return hashes;
}

TEST(MerkleTree, KnowsTheEmptyTreeAndTheEmptyEntry) {
    EXPECT_EQ(hex_encode(empty_root()),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex_encode(root_of({})), hex_encode(empty_root()));
    EXPECT_EQ(hex_encode(leaf_hash({})),
              "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(MerkleTree, KnowsTheRootsOfOneTwoThree) {
    EXPECT_EQ(hex_encode(root_of(leaves({"one"}))),
              "d0d7360ab79f58ab1e1e3fe64ad77e2ea0bc07e36b5f46ed2223edd9298df9e9");
    EXPECT_EQ(hex_encode(root_of(leaves({"one", "two"}))),
              "4f55f619d9215235778b2b9f17d6f4915b16171214d152381293669764de722e");
    EXPECT_EQ(hex_encode(root_of(leaves({"one", "two", "three"}))),
              "5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9");
}

TEST(MerkleTree, KnowsTheRootsOfNumberedEntries) {
    const struct {
        std::size_t size;
        const char* root;
    } known[] = {
        {1, "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075"},
        {2, "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479"},
        {8, "dfcc13b9b0ca932c68de3d59eaaa8fe266a9c8091c0300e8405ebfeb0d0e5832"},
        {255, "45da9f374748e17a372f71c00422b12e2bf96842f1f61c5740fe494e4becff0f"},
        {256, "f85f4ead34080710b4d1e808301543aaab81aa04deb88599350dc26a4f2f58de"},
        {257, "918b1cec64f317c76e3cf55c0536841c039eff06772ebb8828ce7c176028b5ac"},
        {1000, "d03d63b772af99019817ee3e018286d36a26161bdb5bfe8228e92c02abe9115d"},
        {5000, "bb96954f6ffe0f2e473dbdd8c285d5d92734f6a46d651ee532bac98519f8a274"},
    };
    for (const auto& tree : known) {
        EXPECT_EQ(hex_encode(root_of(entry_leaves(tree.size))), tree.root) << tree.size;
    }
}

TEST(MerkleTree, HashesEntriesLongerThanTheStackBuffer) {
    for (const std::size_t length : {254U, 255U, 256U, 257U, 65535U}) {
        const Bytes entry(length, 'e');
        Bytes preimage{0x00};
        append(preimage, entry);
        EXPECT_EQ(leaf_hash(entry), sha256(preimage)) << length;
    }
}

TEST(MerkleTree, SplitsBelowTheSizeAtAPowerOfTwo) {
    EXPECT_EQ(split_point(2), 1U);
    EXPECT_EQ(split_point(3), 2U);
    EXPECT_EQ(split_point(4), 2U);
    EXPECT_EQ(split_point(5), 4U);
    EXPECT_EQ(split_point(kTreeSizeMax.value), std::uint64_t{1} << 62);
}

TEST(MerkleTree, NamesTheCompleteSubtreesOfASize) {
    EXPECT_TRUE(complete_subtrees(0, 0).empty());
    EXPECT_EQ(complete_subtrees(0, 7), (std::vector<NodeId>{{2, 0}, {1, 2}, {0, 6}}));
    EXPECT_EQ(complete_subtrees(8, 11), (std::vector<NodeId>{{1, 4}, {0, 10}}));
}

TEST(MerkleTreeDeathTest, StopsOnARangeThatIsNoSubtree) {
    EXPECT_DEATH(complete_subtrees(2, 6), "end - begin");
    EXPECT_DEATH(split_point(1), "n > 1");
}

TEST(Frontier, AgreesWithTheRecursiveRootAtEverySize) {
    const auto all = entry_leaves(600);
    Frontier frontier;
    EXPECT_EQ(frontier.root(), empty_root());
    for (std::size_t size = 1; size <= all.size(); ++size) {
        frontier.append(all[size - 1]);
        ASSERT_EQ(frontier.size().value, size);
        ASSERT_EQ(frontier.root(), root_of(std::span(all).first(size))) << size;
    }
}

TEST(Frontier, ContinuesFromStoredSubtrees) {
    const auto all = entry_leaves(300);
    for (const std::size_t start : {0U, 1U, 7U, 128U, 255U, 256U}) {
        Frontier grown;
        for (std::size_t i = 0; i < start; ++i) grown.append(all[i]);
        auto resumed =
            Frontier::from(grown.size(), {grown.subtrees().begin(), grown.subtrees().end()});
        ASSERT_TRUE(resumed.ok());
        for (std::size_t i = start; i < all.size(); ++i) resumed->append(all[i]);
        EXPECT_EQ(resumed->root(), root_of(all));
    }
}

TEST(Frontier, RefusesACountThatDoesNotFitTheSize) {
    EXPECT_FALSE(Frontier::from(TreeSize{3}, {Digest{}}).ok());
    EXPECT_FALSE(Frontier::from(TreeSize{0}, {Digest{}}).ok());
    EXPECT_FALSE(Frontier::from(TreeSize{4}, {Digest{}, Digest{}}).ok());
    EXPECT_FALSE(Frontier::from(TreeSize{std::uint64_t{1} << 63}, {Digest{}}).ok());
}

}  // namespace
}  // namespace fieldseal::merkle
