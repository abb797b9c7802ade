// SPDX-License-Identifier: Apache-2.0
// Named places where a test may kill the process: FIELDSEAL_CRASH_POINT("store.before_commit").
//
// Compiled in with -DFIELDSEAL_CRASH_POINTS=ON (the test presets), to nothing otherwise. Then
// FIELDSEAL_CRASH_AT=<name>[:n] in the environment makes the n-th pass (from 1) of that place raise
// SIGKILL: nothing is flushed, no destructor runs.
// THREADS: any.
#pragma once

#include <string_view>

namespace fieldseal::store {

// REQUIRES: the process started with FIELDSEAL_CRASH_AT unchanged since; it is read once.
void pass_crash_point(std::string_view name);

}  // namespace fieldseal::store

#ifdef FIELDSEAL_CRASH_POINTS
#define FIELDSEAL_CRASH_POINT(name) ::fieldseal::store::pass_crash_point(name)
#else
#define FIELDSEAL_CRASH_POINT(name) static_cast<void>(0)
#endif
