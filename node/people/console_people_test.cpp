// SPDX-License-Identifier: Apache-2.0
#include "node/people/console_people.h"

#include "node/people/audited_routes.h"
#include "node/people/people_rows.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr std::string_view kPassword = "nine green birds in a tree";
constexpr std::int64_t kNow_s = 1'800'000'000;

class Console : public ::testing::Test {
protected:
    Console() : rows_(*node_.store, *node_.sequencer) {
        people::Options options;
        options.cost = {.passes = 1, .memory_kib = 64};
        auto opened = people::People::open(rows_, Digest{7},
                                           {[] { return kNow_s; }, [] { return kNow_s; }}, options);
        people_ = std::move(opened).value();
        console_ = std::make_unique<ConsolePeople>(*people_, *node_.audit);
    }

    AuditEntry newest() {
        const auto entries = node_.audit->list(1, std::nullopt);
        return entries.ok() && !entries->empty() ? entries->front() : AuditEntry{};
    }

    testing::InProcessNode node_;
    PeopleRows rows_;
    std::unique_ptr<people::People> people_;
    std::unique_ptr<ConsolePeople> console_;
};

TEST_F(Console, LetsTheFirstPersonInAndNotesIt) {
    const auto view = console_->pairing_code(console_caller());
    ASSERT_TRUE(view.ok()) << view.error().message;
    EXPECT_EQ(newest().action, "pairing-code");
    EXPECT_EQ(newest().actor, "local");
    EXPECT_EQ(newest().subject, "");
    ASSERT_TRUE(people_->pair(view->find("code")->as_string(), "amina", kPassword).ok());
    EXPECT_EQ(console_->pairing_code(console_caller()).error().code, Errc::conflict);
}

TEST_F(Console, MakesATokenThatWorksForAnAccount) {
    ASSERT_TRUE(people_->add_account({"amina", people::Role::operator_, kPassword}).ok());
    const auto view =
        console_->add_token_for(console_caller(), "amina", {"records", {"statement:create"}, {}});
    ASSERT_TRUE(view.ok()) << view.error().message;
    EXPECT_EQ(view->find("account")->as_string(), "amina");
    const auto who = people_->by_token(view->find("token")->as_string());
    ASSERT_TRUE(who.ok()) << who.error().message;
    EXPECT_EQ(who->account, "amina");
    EXPECT_EQ(newest().action, "add-token");
    EXPECT_EQ(newest().actor, "local");
    EXPECT_EQ(newest().subject, view->find("id")->as_string() + " records of amina");
    EXPECT_EQ(newest().subject.find("fst_"), std::string::npos);
}

TEST_F(Console, MakesNoTokenForNobodyNorOneThatMayMore) {
    const auto before = node_.audit->chain().count();
    EXPECT_EQ(
        console_->add_token_for(console_caller(), "nobody", {"x", {"verify"}, {}}).error().code,
        Errc::not_found);
    ASSERT_TRUE(people_->add_account({"amina", people::Role::operator_, kPassword}).ok());
    EXPECT_FALSE(
        console_->add_token_for(console_caller(), "amina", {"x", {"people:manage"}, {}}).ok());
    EXPECT_EQ(node_.audit->chain().count(), before);
}

}  // namespace
}  // namespace fieldseal::node
