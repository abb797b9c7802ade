// SPDX-License-Identifier: Apache-2.0
// Roots and proofs by @ethereumjs/mpt 10 (which also lists embedded nodes; ours leaves them out).
#include "core/evm/trie.h"

#include "core/encoding.h"
#include "core/evm/rlp.h"
#include "core/hash.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

// Item i: i + 1 bytes of value i, or `length` of them.
std::vector<Bytes> make_items(std::size_t count, std::size_t length = 0) {
    std::vector<Bytes> items;
    for (std::size_t i = 0; i < count; ++i) {
        items.emplace_back(length == 0 ? i + 1 : length, static_cast<std::uint8_t>(i));
    }
    return items;
}

TEST(Trie, HasTheRootsOfOtherSoftware) {
    EXPECT_EQ(hex_encode(trie_root({})),
              "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    EXPECT_EQ(hex_encode(trie_root(make_items(1))),
              "7da536f7df63a0dfb481590e53be0e3063d9b798925cc3d479a3eb3155d0b394");
    EXPECT_EQ(hex_encode(trie_root(make_items(3))),
              "c144af7216ec5666b4cca99ed2d1cd454983d1c13c8e3ac8d7b638a6bc1c0206");
    EXPECT_EQ(hex_encode(trie_root(make_items(130))),
              "457c62b18a561f2faabbcaf37d6b5c498e2fafb1efdf5871beb0cdaaa331ccc8");
    EXPECT_EQ(hex_encode(trie_root(make_items(300))),
              "69ffe4b22bcce9e5f153ebc278d6d615f1357ef69dd454573a46939a1ad61c83");
}

TEST(Trie, HasTheProofsOfOtherSoftware) {
    const auto proof = trie_proof(make_items(3), 1);
    ASSERT_EQ(proof.size(), 1U);  // all children are embedded
    EXPECT_EQ(hex_encode(proof[0]),
              "edda80c420820101c52083020202808080808080808080808080808080808080808080c2300080808080"
              "80808080");
    const auto longer = trie_proof(make_items(3, 40), 1);
    ASSERT_EQ(longer.size(), 3U);
    EXPECT_EQ(hex_encode(longer[1]),
              "f85180a0d4e4c2fbc81c7710c44df9b82e12a63d88f2be6ee3b94d5a3435aa5b6759a0f9a075dbb2eddf"
              "937b288db3c8771ab61a9fe2ce26d005d37908e7b1026de9cc92e18080808080808080808080808080");
    EXPECT_EQ(
        hex_encode(longer[2]),
        "ea20a801010101010101010101010101010101010101010101010101010101010101010101010101010101");
}

TEST(Trie, AProofLeadsToItsItemAndToNoOther) {
    const auto items = make_items(20, 40);
    const Digest root = trie_root(items);
    const auto proof = trie_proof(items, 7);
    EXPECT_EQ(verify_trie_proof(root, 7, proof).value(), items[7]);
    for (std::uint64_t index = 0; index < 20; ++index) {
        if (index != 7) {
            EXPECT_FALSE(verify_trie_proof(root, index, proof).ok()) << index;
        }
    }
    EXPECT_EQ(verify_trie_proof(trie_root(make_items(19, 40)), 7, proof).error().code,
              Errc::corrupt);
    EXPECT_EQ(verify_trie_proof(root, UINT64_MAX, proof).error().code, Errc::corrupt);
}

TEST(Trie, AProofHasNoNodeTooFewOrTooMany) {
    const auto items = make_items(20, 40);
    const Digest root = trie_root(items);
    auto proof = trie_proof(items, 7);
    auto shorter = proof;
    shorter.pop_back();
    EXPECT_EQ(verify_trie_proof(root, 7, shorter).error().message,
              "trie proof: ends before the value");
    EXPECT_FALSE(verify_trie_proof(root, 7, {}).ok());
    proof.push_back(proof.back());
    EXPECT_EQ(verify_trie_proof(root, 7, proof).error().message,
              "trie proof: nodes after the value");
    EXPECT_FALSE(verify_trie_proof(root, 7, std::vector<Bytes>(kTrieProofNodesMax + 1)).ok());
}

// A lone node as the root: what its form alone decides.
std::string refusal_of(const Bytes& node, std::uint64_t index = 1) {
    const auto value = verify_trie_proof(keccak256(node), index, std::vector<Bytes>{node});
    return value.ok() ? "accepted" : value.error().message;
}
Bytes two_items(std::string_view path, ByteView payload_item) {
    Bytes items = rlp::encode_string(hex_decode(path).value());
    append(items, payload_item);
    return rlp::encode_list(ByteView(items));
}

TEST(Trie, TakesOneFormOfEachNode) {
    const Bytes value = rlp::encode_string(as_bytes("value"));
    EXPECT_EQ(refusal_of(two_items("2001", value)), "accepted");
    EXPECT_EQ(refusal_of(two_items("2101", value)), "trie proof: padding in a path must be zero");
    EXPECT_EQ(refusal_of(two_items("6001", value)), "trie proof: unknown flags in a path");
    EXPECT_EQ(refusal_of(two_items("", value)), "trie proof: a node without a path");
    EXPECT_EQ(refusal_of(two_items("20", value)), "trie proof: no value at this index");
    EXPECT_EQ(refusal_of(two_items("200101", value)), "trie proof: no value at this index");
    EXPECT_EQ(refusal_of(two_items("2002", value)), "trie proof: no value at this index");
    EXPECT_EQ(refusal_of(two_items("2001", rlp::encode_string({}))), "trie proof: an empty value");
    EXPECT_EQ(refusal_of(two_items("2001", rlp::encode_list(ByteView()))),
              "trie proof: an empty value");
    EXPECT_EQ(refusal_of(two_items("00", rlp::encode_string(Bytes(32)))),
              "trie proof: an extension of no length");
    EXPECT_EQ(refusal_of(two_items("10", value)), "trie proof: a child is no hash");
    EXPECT_EQ(refusal_of(two_items("10", two_items("31", value))), "accepted");
    EXPECT_EQ(refusal_of(two_items("10", two_items("31", rlp::encode_string(Bytes(40))))),
              "trie proof: a long node inside another");
    EXPECT_EQ(refusal_of(rlp::encode_list(std::vector<Bytes>(3, value))),
              "trie proof: a node must have 2 or 17 items");
    EXPECT_EQ(refusal_of(value), "trie proof: a node must be a list");
}

TEST(Trie, ABranchHoldsChildrenOnly) {
    std::vector<Bytes> items(17, rlp::encode_string({}));
    items[0] = two_items("31", rlp::encode_string(as_bytes("value")));
    EXPECT_EQ(refusal_of(rlp::encode_list(items)), "accepted");
    EXPECT_EQ(refusal_of(rlp::encode_list(items), 16), "trie proof: no value at this index");
    items[16] = rlp::encode_string(as_bytes("v"));
    EXPECT_EQ(refusal_of(rlp::encode_list(items)),
              "trie proof: a branch with a value: no index is the start of another");
    items[16] = rlp::encode_string({});
    items[5] = rlp::encode_string(Bytes(31, 1));
    EXPECT_EQ(refusal_of(rlp::encode_list(items)), "trie proof: a child is no hash and no node");
}

TEST(Trie, AShortNodeStandsInsideItsParent) {
    const Bytes leaf = two_items("31", rlp::encode_string(as_bytes("value")));
    const Bytes root = two_items("10", rlp::encode_string(keccak256(leaf)));
    EXPECT_EQ(verify_trie_proof(keccak256(root), 1, std::vector<Bytes>{root, leaf}).error().message,
              "trie proof: a short node outside its parent");
}

}  // namespace
}  // namespace fieldseal::evm
