// SPDX-License-Identifier: Apache-2.0
// A SoftHSM2 token of a test's own, in a directory of its own: Debian's softhsm2, for real.
// One at a time in a process: SoftHSM2 finds its directory by an environment variable, which this
// sets. THREADS: make it before others run.
#pragma once

#include "node/custody/pkcs11/token_keys.h"
#include "tests/support/temp_directory.h"

#include <string>

namespace fieldseal::testing {

inline constexpr const char* kSoftHsmModule = "/usr/lib/softhsm/libsofthsm2.so";
inline constexpr const char* kTokenPin = "987654";

class SoftToken {
public:
    // `module`: SoftHSM2 itself, or a wrapper around it (tests/support/pkcs11_faults.cpp).
    explicit SoftToken(std::string module = kSoftHsmModule);

    static bool installed();
    // Initialises one more token in the same directory.
    void add(const std::string& label);
    // The token of that label. Ends the process with a message when there is none.
    node::pkcs11::TokenName name(const std::string& label = "office") const;

    const TempDirectory directory;
    const std::string module;
};

// A PIN as the token takes it.
node::pkcs11::PinEntry pin_entry(std::string_view pin, bool last_try = false,
                                 std::int64_t now_s = 1'800'000'000);

}  // namespace fieldseal::testing
