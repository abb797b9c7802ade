// SPDX-License-Identifier: Apache-2.0
#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace fieldseal {

void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "fieldseal: internal check failed: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace fieldseal
