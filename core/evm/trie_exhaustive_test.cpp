// SPDX-License-Identifier: Apache-2.0
#include "core/evm/trie.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

std::vector<Bytes> make_items(std::size_t count, std::size_t length) {
    std::vector<Bytes> items;
    for (std::size_t i = 0; i < count; ++i) {
        Bytes item(length, static_cast<std::uint8_t>(i));
        item.push_back(static_cast<std::uint8_t>(i >> 8));
        items.push_back(std::move(item));
    }
    return items;
}

TEST(TrieExhaustive, EveryProofOfEverySizeUpTo300Verifies) {
    for (std::size_t count = 1; count <= 300; ++count) {
        const auto items = make_items(count, count % 3 == 0 ? 2 : 40);
        const Digest root = trie_root(items);
        for (std::size_t index = 0; index < count; ++index) {
            const auto value = verify_trie_proof(root, index, trie_proof(items, index));
            ASSERT_TRUE(value.ok()) << count << ' ' << index << ' ' << value.error().message;
            ASSERT_EQ(*value, items[index]);
        }
        const auto absent = verify_trie_proof(root, count, trie_proof(items, count - 1));
        ASSERT_FALSE(absent.ok());
    }
}

// The number of changed bytes of a proof that still verify.
int accepted_changes(const Digest& root, std::size_t index, std::vector<Bytes> proof) {
    int accepted = 0;
    for (Bytes& node : proof) {
        for (std::uint8_t& byte : node) {
            for (int change = 1; change < 256; change += 127) {
                byte = static_cast<std::uint8_t>(byte ^ change);
                accepted += verify_trie_proof(root, index, proof).ok() ? 1 : 0;
                byte = static_cast<std::uint8_t>(byte ^ change);
            }
        }
    }
    return accepted;
}

TEST(TrieExhaustive, NoChangedByteOfAProofIsAccepted) {
    for (const std::size_t count : {1U, 2U, 17U, 130U, 300U}) {
        for (const std::size_t length : {2U, 40U}) {
            const auto items = make_items(count, length);
            const Digest root = trie_root(items);
            for (const std::size_t index : {std::size_t{0}, count / 2, count - 1}) {
                EXPECT_EQ(accepted_changes(root, index, trie_proof(items, index)), 0);
            }
        }
    }
}

}  // namespace
}  // namespace fieldseal::evm
