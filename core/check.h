// SPDX-License-Identifier: Apache-2.0
// FIELDSEAL_CHECK: our own invariants, always on. Prints the place and aborts: a defect of ours
// must never reach the disk. Never used on input from outside; that gets an Error.
#pragma once

namespace fieldseal {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define FIELDSEAL_CHECK(condition)                                                   \
    do {                                                                             \
        if (!(condition)) ::fieldseal::check_failed(#condition, __FILE__, __LINE__); \
    } while (false)
