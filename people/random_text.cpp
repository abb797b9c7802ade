// SPDX-License-Identifier: Apache-2.0
#include "people/random_text.h"

#include "core/check.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace fieldseal::people {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
static_assert(sodium_base64_ENCODED_LEN(kRandomBytes, kVariant) == kRandomTextBytes + 1);

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

}  // namespace

std::string random_text() {
    FIELDSEAL_CHECK(sodium_init() >= 0);
    std::array<std::uint8_t, kRandomBytes> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    std::array<char, kRandomTextBytes + 1> text;
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
    std::string out(text.data(), kRandomTextBytes);
    sodium_memzero(bytes.data(), bytes.size());
    sodium_memzero(text.data(), text.size());
    return out;
}

bool is_random_text(std::string_view text) {
    return text.size() == kRandomTextBytes && std::ranges::all_of(text, is_base64url);
}

void wipe(std::string& secret) {
    if (!secret.empty()) sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

}  // namespace fieldseal::people
