// SPDX-License-Identifier: Apache-2.0
// 256 random bits as 43 characters of base64url: cookies, CSRF words, the body of a token.
// THREADS: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fieldseal::people {

inline constexpr std::size_t kRandomTextBytes = 43;

std::string random_text();
// True for 43 characters of base64url.
bool is_random_text(std::string_view text);
// Overwrites and empties.
void wipe(std::string& secret);

}  // namespace fieldseal::people
