// SPDX-License-Identifier: Apache-2.0
#include "people/role.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace fieldseal::people {
namespace {

constexpr Role kEveryRole[] = {Role::operator_, Role::approver, Role::auditor, Role::admin};

// One letter per right, in the order of the heading.
struct RoleCase {
    Role role;
    std::string_view word;
    std::string_view marks;
};

// The whole table, written down a second time: a changed right has to be changed here too.
TEST(Role, EveryRoleHasExactlyTheseRights) {
    const std::string_view rights[] = {"node:read",        "outbox:read", "statement:read",
                                       "statement:create", "seal:unlock", "seal:manage",
                                       "verify",           "anchor:sync", "target:manage",
                                       "people:manage",    "audit:read"};
    const RoleCase table[] = {
        {Role::operator_, "operator", "xxxx--xx---"},
        {Role::approver, "approver", "xxxxx-xx---"},
        {Role::auditor, "auditor", "xxx---x---x"},
        {Role::admin, "admin", "xx---x-xxxx"},
    };
    ASSERT_EQ(all_rights().size(), std::size(rights));
    for (const RoleCase& row : table) {
        EXPECT_EQ(to_string(row.role), row.word);
        EXPECT_EQ(role_from_word(row.word), row.role);
        for (std::size_t i = 0; i < std::size(rights); ++i) {
            EXPECT_EQ(all_rights()[i], rights[i]);
            EXPECT_EQ(has_right(row.role, rights[i]), row.marks[i] == 'x')
                << row.word << " × " << rights[i];
        }
    }
}

TEST(Role, WhatIsNotInTheTableIsDenied) {
    for (const Role role : kEveryRole) {
        for (const std::string_view right :
             {"", "self", "anyone", "statement:delete", "verify ", "Verify", "*"}) {
            EXPECT_FALSE(has_right(role, right)) << right;
        }
    }
}

TEST(Role, AnAdminNeverSealsNorSeesWhatWasSealed) {
    for (const std::string_view right :
         {"statement:create", "statement:read", "seal:unlock", "verify"}) {
        EXPECT_FALSE(has_right(Role::admin, right)) << right;
    }
}

TEST(Role, EveryRightOfARoleIsInTheListAndNoneIsNamedTwice) {
    for (const Role role : kEveryRole) {
        std::set<std::string_view> seen;
        for (const std::string_view right : rights_of(role)) {
            EXPECT_TRUE(seen.insert(right).second) << right;
            EXPECT_NE(std::ranges::find(all_rights(), right), all_rights().end()) << right;
        }
    }
}

TEST(Role, OnlyTheFourWordsAreRoles) {
    for (const std::string_view word : {"", "Admin", "admin ", "root", "operator_"}) {
        EXPECT_FALSE(role_from_word(word)) << word;
    }
}

}  // namespace
}  // namespace fieldseal::people
