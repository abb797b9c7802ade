// SPDX-License-Identifier: Apache-2.0
// The state of a target in plain words (docs/states.md has the long form).
// THREADS: pure function.
#pragma once

#include "anchor/schedule.h"

#include <string_view>

namespace fieldseal::node {

struct TargetWords {
    std::string_view meaning;
    std::string_view advice;
};
TargetWords words_for(anchor::Phase phase);

}  // namespace fieldseal::node
