// SPDX-License-Identifier: Apache-2.0
// What a token says about itself, and what it can do for us. Nothing here needs a PIN.
// TRUST: texts are a stranger's: cut to printable ASCII, and padding taken off.
// THREADS: value types. Errors: as the calls say.
#pragma once

#include "node/custody/key_types.h"

#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::node::pkcs11 {

inline constexpr std::size_t kTokensMax = 64;

// Which token, across restarts and reboots: slot numbers change, these do not.
struct TokenName {
    std::string module;  // absolute path of its Cryptoki library
    std::string label;
    std::string serial;
    friend bool operator==(const TokenName&, const TokenName&) = default;
    friend auto operator<=>(const TokenName&, const TokenName&) = default;
};

struct TokenFlags {
    bool initialised = false;
    bool login_required = false;
    bool pin_set = false;
    bool pin_pad = false;  // CKF_PROTECTED_AUTHENTICATION_PATH: the reader asks for the PIN
    bool write_protected = false;
    bool pin_count_low = false;  // a wrong PIN since the last right one
    bool pin_final_try = false;  // one more wrong PIN locks it
    bool pin_locked = false;
    bool pin_to_be_changed = false;
};

// Whether a token makes keys of an algorithm and signs with them.
enum class Can : std::uint8_t {
    no,     // it does not offer the mechanism
    maybe,  // it offers the mechanism; which curves, only a try tells
    yes,
};

struct Capability {
    KeyAlgorithm algorithm = KeyAlgorithm::es256;
    Can can = Can::no;
};

struct TokenInfo {
    TokenName name;
    std::string manufacturer;
    std::string model;
    std::string library;  // the module's own description
    unsigned long slot = 0;
    TokenFlags flags;
    std::vector<Capability> capabilities;  // ES256K, ES256, EdDSA, PS256
};

// What a person should know before he uses it, one sentence each; empty if there is nothing.
std::vector<std::string> remarks(const TokenFlags& flags);

// What to do about a locked PIN.
std::string locked_advice(const TokenInfo& token);

// A blank-padded field of Cryptoki, as text.
std::string padded_text(std::string_view field);

}  // namespace fieldseal::node::pkcs11
