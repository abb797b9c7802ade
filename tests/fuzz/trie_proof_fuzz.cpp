// SPDX-License-Identifier: Apache-2.0
// A changed proof never yields another value under the same root; and nodes that nobody built are
// walked without harm. Input: item count, index, item length, then one change (node, offset, bits),
// then nodes of our own: each a length of one byte and as many bytes.
#include "core/check.h"
#include "core/evm/trie.h"
#include "core/hash.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

constexpr std::size_t kHeadBytes = 6;
constexpr std::size_t kCountMax = 140;  // past the index that needs two bytes
constexpr std::size_t kLengthMax = 48;  // past the size at which a node is embedded

std::vector<Bytes> make_items(std::size_t count, std::size_t length) {
    std::vector<Bytes> items;
    for (std::size_t i = 0; i < count; ++i) {
        items.emplace_back(1 + length % kLengthMax, static_cast<std::uint8_t>(i));
    }
    return items;
}

void check_built(ByteView head) {
    const auto items = make_items(1 + head[0] % kCountMax, head[2]);
    const std::size_t index = head[1] % items.size();
    const Digest root = evm::trie_root(items);
    auto proof = evm::trie_proof(items, index);
    FIELDSEAL_CHECK(evm::verify_trie_proof(root, index, proof).value() == items[index]);
    if (head[5] == 0) return;
    Bytes& node = proof[head[3] % proof.size()];
    std::uint8_t& byte = node[head[4] % node.size()];
    byte = static_cast<std::uint8_t>(byte ^ head[5]);
    FIELDSEAL_CHECK(!evm::verify_trie_proof(root, index, proof).ok());
}

std::vector<Bytes> nodes_from(ByteView rest) {
    std::vector<Bytes> nodes;
    while (!rest.empty() && nodes.size() <= evm::kTrieProofNodesMax) {
        const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
        nodes.push_back(to_bytes(rest.subspan(1, length)));
        rest = rest.subspan(1 + length);
    }
    return nodes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < kHeadBytes) return 0;
    const ByteView input(data, size);
    check_built(input.first(kHeadBytes));
    auto nodes = nodes_from(input.subspan(kHeadBytes));
    if (nodes.empty()) return 0;
    const Digest root = keccak256(nodes.front());
    for (const std::uint64_t index : {0U, 1U, 15U, 16U, 127U, 128U, 300U}) {
        const auto value = evm::verify_trie_proof(root, index, nodes);
        if (!value.ok()) continue;
        FIELDSEAL_CHECK(!value->empty());
        nodes.push_back(nodes.back());
        FIELDSEAL_CHECK(!evm::verify_trie_proof(root, index, nodes).ok());
        nodes.pop_back();
        const std::span<const Bytes> fewer(nodes.data(), nodes.size() - 1);
        FIELDSEAL_CHECK(!evm::verify_trie_proof(root, index, fewer).ok());
    }
    return 0;
}
