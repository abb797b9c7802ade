// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/tree.h"

#include "core/check.h"
#include "core/hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace fieldseal::merkle {
namespace {

// RFC 6962 §2.1: the prefixes keep a leaf from being read as a node (second preimage).
constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;

// Entries of ours are 32 bytes: hashed from the stack. Larger ones (any tlog-tiles log) are copied.
constexpr std::size_t kSmallEntryBytes = 255;

}  // namespace

Digest leaf_hash(ByteView entry) {
    if (entry.size() <= kSmallEntryBytes) {
        std::array<std::uint8_t, 1 + kSmallEntryBytes> small{};
        small[0] = kLeafPrefix;
        std::copy(entry.begin(), entry.end(), small.begin() + 1);
        return sha256(ByteView(small).first(1 + entry.size()));
    }
    Bytes large;
    large.reserve(1 + entry.size());
    large.push_back(kLeafPrefix);
    append(large, entry);
    return sha256(large);
}

Digest node_hash(const Digest& left, const Digest& right) {
    std::array<std::uint8_t, 1 + 2 * kDigestBytes> preimage;
    preimage[0] = kNodePrefix;
    std::memcpy(preimage.data() + 1, left.data(), kDigestBytes);
    std::memcpy(preimage.data() + 1 + kDigestBytes, right.data(), kDigestBytes);
    return sha256(preimage);
}

Digest empty_root() {
    return sha256({});
}

std::uint64_t split_point(std::uint64_t n) {
    FIELDSEAL_CHECK(n > 1);
    return std::bit_floor(n - 1);
}

Digest root_of(std::span<const Digest> leaf_hashes) {
    if (leaf_hashes.empty()) return empty_root();
    if (leaf_hashes.size() == 1) return leaf_hashes.front();
    const std::uint64_t left = split_point(leaf_hashes.size());
    return node_hash(root_of(leaf_hashes.first(left)), root_of(leaf_hashes.subspan(left)));
}

std::vector<NodeId> complete_subtrees(std::uint64_t begin, std::uint64_t end) {
    FIELDSEAL_CHECK(begin <= end);
    FIELDSEAL_CHECK(begin == end || begin % std::bit_ceil(end - begin) == 0);
    std::vector<NodeId> nodes;
    while (begin < end) {
        const std::uint64_t leaves = std::bit_floor(end - begin);
        const auto level = static_cast<unsigned>(std::countr_zero(leaves));
        nodes.push_back({level, begin >> level});
        begin += leaves;
    }
    return nodes;
}

Digest fold(std::span<const Digest> subtrees) {
    if (subtrees.empty()) return empty_root();
    Digest hash = subtrees.back();
    for (std::size_t i = subtrees.size() - 1; i > 0; --i) hash = node_hash(subtrees[i - 1], hash);
    return hash;
}

}  // namespace fieldseal::merkle
