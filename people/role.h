// SPDX-License-Identifier: Apache-2.0
// Roles and the rights each one has, as words ("statement:create"). A right that is not in the
// table is denied. The words are those of api/caller.h; node/'s tests hold the two together.
//
// THREADS: any; constants.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace fieldseal::people {

enum class Role : std::uint8_t {
    operator_,  // seals documents
    approver,   // an operator who may also unlock seals
    auditor,    // reads everything, changes nothing
    admin,      // people, targets and the life of seals; never seals, never sees what was sealed
};
inline constexpr std::size_t kRoles = 4;

std::string_view to_string(Role role);
std::optional<Role> role_from_word(std::string_view word);

// What the role may do beyond "self", which everybody has. Words with static storage.
std::span<const std::string_view> rights_of(Role role);
bool has_right(Role role, std::string_view right);

// Every right of any role: what a token's scope may be.
std::span<const std::string_view> all_rights();

}  // namespace fieldseal::people
