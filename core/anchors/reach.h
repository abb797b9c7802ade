// SPDX-License-Identifier: Apache-2.0
// How far a checkpoint got with the anchors it has: decides what to keep, to ask for and to give
// along, never what is valid. THREADS: pure functions, any. ERRORS: none; what cannot be read is
// taken as it is.
#pragma once

#include "core/evidence.h"

#include <cstdint>
#include <vector>

namespace fieldseal::anchors {

// The best last.
enum class Reach : std::uint8_t {
    nowhere,     // no anchor
    optimistic,  // on a chain, without the later blocks that make its time certain
    certain,     // on a chain or stamped, and nothing is missing
};
Reach reach_of(const std::vector<Anchor>& anchors);

}  // namespace fieldseal::anchors
