// SPDX-License-Identifier: Apache-2.0
#include "api/caller.h"

namespace fieldseal::api {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, kPermissions> kWords = {
    "anyone",           "self",          "node:read",   "outbox:read", "statement:read",
    "statement:create", "seal:unlock",   "seal:manage", "verify",      "anchor:sync",
    "target:manage",    "people:manage", "audit:read"};

}  // namespace

std::string_view to_string(Permission permission) {
    return kWords[static_cast<std::size_t>(permission)];
}

std::optional<Permission> permission_from_word(std::string_view word) {
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (kWords[i] == word) return static_cast<Permission>(i);
    }
    return std::nullopt;
}

}  // namespace fieldseal::api
