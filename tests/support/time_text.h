// SPDX-License-Identifier: Apache-2.0
// Times as ASN.1 spells them, for tests. THREADS: pure, any.
#pragma once

#include "core/encoding.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>

namespace fieldseal::testing {

// "20260101000000Z".
inline std::string generalized_time(std::int64_t posix_s) {
    std::string text = rfc3339(posix_s);
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](char c) { return c == '-' || c == ':' || c == 'T'; }),
               text.end());
    return text;
}

}  // namespace fieldseal::testing
