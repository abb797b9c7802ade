// SPDX-License-Identifier: Apache-2.0
// The "did you mean" of a mistyped word: the nearest known word by edit distance, if it is near.
// THREADS: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node {

// Optimal string alignment distance: insert, delete, replace, swap two neighbours; each costs 1.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `known`, or nothing if even that one is further than a third of the word away.
std::optional<std::string> nearest_word(std::string_view word,
                                        const std::vector<std::string>& known);

}  // namespace fieldseal::node
