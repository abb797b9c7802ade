// SPDX-License-Identifier: Apache-2.0
// What a node must not get into our log: the target's authorisation and the keys in its addresses.
// A server may echo the request, so whatever it says is masked before it is cut and quoted.
// THREADS: value type; const functions, any. ERRORS: none.
#pragma once

#include "core/json/json.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::anchor {

// Parts of an address from this length on are masked by themselves, too: shorter ones ("v3", "rpc")
// are no keys.
inline constexpr std::size_t kSecretPartBytesMin = 12;

class SecretMask {
public:
    SecretMask() = default;
    // Hides the value of each header, also without its scheme word ("Bearer"), and of each address
    // what follows the host.
    SecretMask(const std::vector<std::string>& urls,
               const std::vector<std::pair<std::string, std::string>>& headers);

    // `text` with "***" in place of each secret, also where JSON escapes it.
    std::string hide(std::string_view text) const;
    // Is a secret in one of the strings of the tree? Hexadecimal data ("0x…") may hold a short one
    // by chance: it counts only as a whole.
    bool occurs_in(const json::Value& value) const;

private:
    void add(std::string_view secret);

    std::vector<std::string> secrets_;  // the longest first
};

}  // namespace fieldseal::anchor
