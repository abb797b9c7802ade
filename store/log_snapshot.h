// SPDX-License-Identifier: Apache-2.0
// What readers of a log see: its head and the leaf hashes that no stored tile has yet. Made by each
// commit, shared by readers, never changed.
// THREADS: construct-then-const.
#pragma once

#include "core/merkle/tree.h"

#include <vector>

namespace fieldseal::store {

struct LogSnapshot {
    merkle::TreeHead head;
    std::vector<Digest> tail;  // leaves [head.size rounded down to 256, head.size)
};

}  // namespace fieldseal::store
