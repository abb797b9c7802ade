// SPDX-License-Identifier: Apache-2.0
// SoftHSM2 keeps no frame pointers. Only the slow way of walking the stack sees that a leak is its
// own, so that tests/suppressions/lsan.txt can name it.

extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
const char* __asan_default_options() {
    return "fast_unwind_on_malloc=0";
}
