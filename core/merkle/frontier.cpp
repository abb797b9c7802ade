// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/frontier.h"

#include "core/check.h"

#include <bit>
#include <string>

namespace fieldseal::merkle {

Result<Frontier> Frontier::from(TreeSize size, std::vector<Digest> subtrees) {
    const auto expected = static_cast<std::size_t>(std::popcount(size.value));
    if (size > kTreeSizeMax || subtrees.size() != expected) {
        return Error{Errc::invalid_argument, "a tree of " + std::to_string(size.value) +
                                                 " leaves has " + std::to_string(expected) +
                                                 " complete subtrees, not " +
                                                 std::to_string(subtrees.size())};
    }
    Frontier frontier;
    frontier.size_ = size;
    frontier.subtrees_ = std::move(subtrees);
    return frontier;
}

void Frontier::append(const Digest& leaf_hash) {
    FIELDSEAL_CHECK(size_ < kTreeSizeMax);
    // Binary addition: each trailing one bit of the size is a subtree the new leaf completes.
    Digest hash = leaf_hash;
    for (int carries = std::countr_one(size_.value); carries > 0; --carries) {
        hash = node_hash(subtrees_.back(), hash);
        subtrees_.pop_back();
    }
    subtrees_.push_back(hash);
    ++size_.value;
}

}  // namespace fieldseal::merkle
