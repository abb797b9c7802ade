// SPDX-License-Identifier: Apache-2.0
// Keys are rlp(index): no key is a prefix of another, so a branch never holds a value of its own.
#include "core/evm/trie.h"

#include "core/check.h"
#include "core/evm/rlp.h"
#include "core/hash.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace fieldseal::evm {
namespace {

constexpr std::size_t kBranchItems = 17;  // 16 children and a value
constexpr std::size_t kChildren = 16;
constexpr std::uint8_t kOddFlag = 0x10;
constexpr std::uint8_t kLeafFlag = 0x20;
constexpr std::uint8_t kEmptyString = 0x80;

using Nibbles = std::vector<std::uint8_t>;

Nibbles nibbles_of_index(std::uint64_t index) {
    Nibbles nibbles;
    for (const std::uint8_t byte : rlp::encode_u64(index)) {
        nibbles.push_back(byte >> 4);
        nibbles.push_back(byte & 15);
    }
    return nibbles;
}

// Hex-prefix encoding of the rest of a path (Yellow Paper, appendix C).
Bytes encode_path(std::span<const std::uint8_t> path, std::uint8_t flags) {
    Bytes out;
    if (path.size() % 2 == 1) {
        out.push_back(static_cast<std::uint8_t>(flags | kOddFlag | path[0]));
        path = path.subspan(1);
    } else {
        out.push_back(flags);
    }
    for (std::size_t i = 0; i < path.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(path[i] << 4 | path[i + 1]));
    }
    return out;
}

// A node as its parent holds it: itself when shorter than a hash.
Bytes reference_to(const Bytes& node) {
    return node.size() < kDigestBytes ? node : rlp::encode_string(keccak256(node));
}

struct Entry {
    Nibbles path;
    const Bytes* value = nullptr;
};
using Entries = std::span<const Entry>;

// Builds bottom-up over sorted entries and keeps the nodes on the way to `wanted`, leaf first.
class Builder {
public:
    explicit Builder(std::optional<Nibbles> wanted) : wanted_(std::move(wanted)) {}

    Bytes node(Entries entries, std::size_t depth) {
        Bytes built = build(entries, depth);
        const bool root = depth == 0;
        if (wanted_ && leads_to_wanted(entries, depth) && (root || built.size() >= kDigestBytes)) {
            path_nodes_.push_back(built);
        }
        return built;
    }

    std::vector<Bytes> proof() && {
        std::reverse(path_nodes_.begin(), path_nodes_.end());
        return std::move(path_nodes_);
    }

private:
    bool leads_to_wanted(Entries entries, std::size_t depth) const {
        const Nibbles& path = entries.front().path;
        return wanted_->size() >= depth &&
               std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(depth),
                          wanted_->begin());
    }

    Bytes build(Entries entries, std::size_t depth) {
        const std::span<const std::uint8_t> rest = std::span(entries.front().path).subspan(depth);
        if (entries.size() == 1) {
            return rlp::encode_list(
                std::vector<Bytes>{rlp::encode_string(encode_path(rest, kLeafFlag)),
                                   rlp::encode_string(*entries.front().value)});
        }
        // Sorted: what the first and the last share, all share.
        const std::span<const std::uint8_t> last = std::span(entries.back().path).subspan(depth);
        const auto shared = static_cast<std::size_t>(
            std::mismatch(rest.begin(), rest.end(), last.begin(), last.end()).first - rest.begin());
        if (shared == 0) return branch(entries, depth);
        return rlp::encode_list(
            std::vector<Bytes>{rlp::encode_string(encode_path(rest.first(shared), 0)),
                               reference_to(node(entries, depth + shared))});
    }

    Bytes branch(Entries entries, std::size_t depth) {
        std::vector<Bytes> items(kBranchItems, Bytes{kEmptyString});
        while (!entries.empty()) {
            const std::uint8_t nibble = entries.front().path[depth];
            const auto end = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
                return entry.path[depth] != nibble;
            });
            const auto count = static_cast<std::size_t>(end - entries.begin());
            items[nibble] = reference_to(node(entries.first(count), depth + 1));
            entries = entries.subspan(count);
        }
        return rlp::encode_list(items);
    }

    std::optional<Nibbles> wanted_;
    std::vector<Bytes> path_nodes_;
};

std::vector<Entry> sorted_entries(std::span<const Bytes> items) {
    FIELDSEAL_CHECK(items.size() <= kTrieItemsMax);
    std::vector<Entry> entries;
    entries.reserve(items.size());
    for (const Bytes& item : items) {
        FIELDSEAL_CHECK(!item.empty());
        entries.push_back({nibbles_of_index(entries.size()), &item});
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.path < b.path; });
    return entries;
}

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "trie proof: " + std::string(why)};
}
Error leads_nowhere(std::string_view why) {
    return {Errc::corrupt, "trie proof: " + std::string(why)};
}

struct Path {
    Nibbles nibbles;
    bool leaf = false;
};

Result<Path> decode_path(const rlp::Item& item) {
    if (item.is_list() || item.payload.empty()) return malformed("a node without a path");
    const std::uint8_t first = item.payload[0];
    if ((first & ~(kLeafFlag | kOddFlag | 15)) != 0) return malformed("unknown flags in a path");
    Path path;
    path.leaf = (first & kLeafFlag) != 0;
    if ((first & kOddFlag) != 0) {
        path.nibbles.push_back(first & 15);
    } else if ((first & 15) != 0) {
        return malformed("padding in a path must be zero");
    }
    for (const std::uint8_t byte : item.payload.subspan(1)) {
        path.nibbles.push_back(byte >> 4);
        path.nibbles.push_back(byte & 15);
    }
    return path;
}

// Follows one key from the root through the proof's nodes.
class Walk {
public:
    Walk(std::uint64_t index, std::span<const Bytes> nodes)
        : key_(nibbles_of_index(index)), rest_(key_), nodes_(nodes) {}

    Result<Bytes> value_under(const Digest& root) {
        rlp::Item node = FIELDSEAL_TRY(node_of_hash(root));
        while (!value_) {
            node = node.items.size() == kBranchItems ? FIELDSEAL_TRY(below_branch(node))
                                                     : FIELDSEAL_TRY(below_path(node));
        }
        if (!nodes_.empty()) return malformed("nodes after the value");
        return *std::move(value_);
    }

private:
    Result<rlp::Item> node_of_hash(ByteView hash) {
        if (nodes_.empty()) return malformed("ends before the value");
        const Bytes& bytes = nodes_.front();
        nodes_ = nodes_.subspan(1);
        if (bytes.size() > kTrieNodeBytesMax) return malformed("a node is longer than 128 KiB");
        const Digest actual = keccak256(bytes);
        if (!std::equal(actual.begin(), actual.end(), hash.begin(), hash.end())) {
            return leads_nowhere("a node is not the one its parent names");
        }
        const rlp::Item node = FIELDSEAL_TRY(rlp::decode(bytes));
        FIELDSEAL_TRY(check_form(node));
        return node;
    }

    static Result<void> check_form(const rlp::Item& node) {
        if (!node.is_list()) return malformed("a node must be a list");
        if (node.items.size() == 2) return {};
        if (node.items.size() != kBranchItems) return malformed("a node must have 2 or 17 items");
        for (const rlp::Item& child : std::span(node.items).first(kChildren)) {
            const bool reference =
                !child.is_list() && (child.payload.empty() || child.payload.size() == kDigestBytes);
            if (!reference && !child.is_list()) return malformed("a child is no hash and no node");
        }
        const rlp::Item& value = node.items[kChildren];
        if (value.is_list() || !value.payload.empty()) {
            return malformed("a branch with a value: no index is the start of another");
        }
        return {};
    }

    Result<rlp::Item> below_branch(const rlp::Item& node) {
        if (rest_.empty()) return leads_nowhere("the key ends inside the trie");
        const rlp::Item& child = node.items[rest_.front()];
        rest_ = rest_.subspan(1);
        return child_node(child);
    }

    // Below a node of two items: an extension's child, or the leaf's value.
    Result<rlp::Item> below_path(const rlp::Item& node) {
        const Path path = FIELDSEAL_TRY(decode_path(node.items[0]));
        const rlp::Item& payload = node.items[1];
        if (path.leaf) {
            if (!std::equal(path.nibbles.begin(), path.nibbles.end(), rest_.begin(), rest_.end())) {
                return leads_nowhere("no value at this index");
            }
            if (payload.is_list() || payload.payload.empty()) return malformed("an empty value");
            value_ = to_bytes(payload.payload);
            return node;
        }
        if (path.nibbles.empty()) return malformed("an extension of no length");
        if (rest_.size() < path.nibbles.size() ||
            !std::equal(path.nibbles.begin(), path.nibbles.end(), rest_.begin())) {
            return leads_nowhere("no value at this index");
        }
        rest_ = rest_.subspan(path.nibbles.size());
        return child_node(payload);
    }

    Result<rlp::Item> child_node(const rlp::Item& child) {
        if (child.is_list()) {
            if (child.raw.size() >= kDigestBytes) return malformed("a long node inside another");
            FIELDSEAL_TRY(check_form(child));
            return child;
        }
        if (child.payload.empty()) return leads_nowhere("no value at this index");
        if (child.payload.size() != kDigestBytes) return malformed("a child is no hash");
        const rlp::Item node = FIELDSEAL_TRY(node_of_hash(child.payload));
        if (node.raw.size() < kDigestBytes) return malformed("a short node outside its parent");
        return node;
    }

    Nibbles key_;
    std::span<const std::uint8_t> rest_;
    std::span<const Bytes> nodes_;
    std::optional<Bytes> value_;
};

}  // namespace

Digest trie_root(std::span<const Bytes> items) {
    if (items.empty()) return keccak256(Bytes{kEmptyString});
    return keccak256(Builder(std::nullopt).node(sorted_entries(items), 0));
}

std::vector<Bytes> trie_proof(std::span<const Bytes> items, std::size_t index) {
    FIELDSEAL_CHECK(index < items.size());
    Builder builder(nibbles_of_index(index));
    builder.node(sorted_entries(items), 0);
    return std::move(builder).proof();
}

Result<Bytes> verify_trie_proof(const Digest& root, std::uint64_t index,
                                std::span<const Bytes> nodes) {
    if (nodes.size() > kTrieProofNodesMax) {
        return malformed("has " + std::to_string(nodes.size()) + " nodes, the limit is 65");
    }
    return Walk(index, nodes).value_under(root);
}

}  // namespace fieldseal::evm
