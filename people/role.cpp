// SPDX-License-Identifier: Apache-2.0
#include "people/role.h"

#include <algorithm>
#include <array>

namespace fieldseal::people {
namespace {

using Word = std::string_view;

// In the order of the enumerators.
constexpr std::array<Word, kRoles> kRoleWords = {"operator", "approver", "auditor", "admin"};

constexpr std::array<Word, 11> kAllRights = {
    "node:read", "outbox:read", "statement:read", "statement:create", "seal:unlock", "seal:manage",
    "verify",    "anchor:sync", "target:manage",  "people:manage",    "audit:read"};

constexpr std::array<Word, 6> kOperator = {"statement:create", "statement:read", "outbox:read",
                                           "verify",           "node:read",      "anchor:sync"};
constexpr std::array<Word, 7> kApprover = {"statement:create", "statement:read", "outbox:read",
                                           "verify",           "node:read",      "anchor:sync",
                                           "seal:unlock"};
constexpr std::array<Word, 5> kAuditor = {"statement:read", "outbox:read", "node:read", "verify",
                                          "audit:read"};
constexpr std::array<Word, 7> kAdmin = {"people:manage", "target:manage", "seal:manage",
                                        "outbox:read",   "node:read",     "audit:read",
                                        "anchor:sync"};

}  // namespace

std::string_view to_string(Role role) {
    return kRoleWords[static_cast<std::size_t>(role)];
}

std::optional<Role> role_from_word(std::string_view word) {
    const auto found = std::ranges::find(kRoleWords, word);
    if (found == kRoleWords.end()) return std::nullopt;
    return static_cast<Role>(found - kRoleWords.begin());
}

std::span<const std::string_view> rights_of(Role role) {
    switch (role) {
        case Role::operator_:
            return kOperator;
        case Role::approver:
            return kApprover;
        case Role::auditor:
            return kAuditor;
        case Role::admin:
            return kAdmin;
    }
    return {};
}

bool has_right(Role role, std::string_view right) {
    return std::ranges::find(rights_of(role), right) != rights_of(role).end();
}

std::span<const std::string_view> all_rights() {
    return kAllRights;
}

}  // namespace fieldseal::people
