// SPDX-License-Identifier: Apache-2.0
// The life of seals in a real node: what is published, what is refused, what a restart finds.
#include "node/seals/seal_manager.h"

#include "core/encoding.h"
#include "core/rotation.h"
#include "node/people/audited_routes.h"
#include "tests/support/in_process_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace fieldseal::node {
namespace {

using api::SealAction;
using ::testing::HasSubstr;
using testing::InProcessNode;

constexpr std::string_view kPassphrase = "correct horse battery staple";

class SealLife : public ::testing::Test {
protected:
    api::NewSeal order(const std::string& name, bool activate = true) const {
        api::NewSeal made;
        made.name = name;
        made.passphrase = kPassphrase;
        made.activate = activate;
        return made;
    }
    // A seal that is active and unlocked.
    void make(const std::string& name, const api::PolicyOrder& policy = {}) {
        api::NewSeal made = order(name);
        made.settings.policy = policy;
        const auto view = node_.manager->create(admin_, made);
        ASSERT_TRUE(view.ok()) << view.error().message;
        ASSERT_TRUE(node_.seal_keys->unlock(name, kPassphrase, node_.clock.now_s()).ok());
    }
    Result<json::Value> act(const std::string& name, SealAction action,
                            std::optional<std::int64_t> from = {}) {
        return node_.manager->act(admin_, name, {action, "because", from});
    }
    // The problem an order for this seal meets; empty when it is sealed.
    std::string seal(const std::string& name, const std::string& media_type = "text/plain") {
        api::SealOrder order;
        order.document = sha256(as_bytes(name + std::to_string(documents_++)));
        order.media_type = media_type;
        order.seal = name;
        const auto sealed = node_.sealing->seal(order);
        if (sealed.ok()) return "";
        return sealed.error().problem.empty() ? std::string(to_string(sealed.error().code))
                                              : std::string(sealed.error().problem);
    }
    SealStatus status(const std::string& name) const {
        return node_.status->find(node_.seals->find(name)->key.kid()).value_or(SealStatus{});
    }
    std::uint64_t size() const {
        return node_.store->log(store::LogId::statements).head().size.value;
    }
    void restart() {
        node_.close();
        node_.open();
    }

    InProcessNode node_;
    api::Caller admin_ = console_caller();
    int documents_ = 0;
};

TEST_F(SealLife, BeginsWithTheSealOfInit) {
    const auto history = node_.seals->history("default");
    ASSERT_TRUE(history.ok() && history->size() == 1U);
    EXPECT_EQ(history->front().what, "created");
    EXPECT_EQ(status("default").state, SealState::active);
    restart();
    EXPECT_EQ(node_.seals->history("default")->size(), 1U);
}

TEST_F(SealLife, MakesASealThatSealsWhenItIsActive) {
    ASSERT_TRUE(node_.manager->create(admin_, order("permits", false)).ok());
    EXPECT_EQ(status("permits").state, SealState::pre_active);
    ASSERT_TRUE(node_.seal_keys->unlock("permits", kPassphrase, node_.clock.now_s()).ok());
    EXPECT_EQ(seal("permits"), "seal-not-active");
    const auto active = act("permits", SealAction::activate);
    ASSERT_TRUE(active.ok()) << active.error().message;
    EXPECT_EQ(seal("permits"), "");
    // Published at once, and a checkpoint over it.
    const SealStatus published = status("permits");
    EXPECT_EQ(published.state, SealState::active);
    EXPECT_GE((*node_.store->checkpoints(store::LogId::statements).latest())->head.size.value,
              published.since_index + 1);
    EXPECT_EQ(node_.seals->history("permits")->back().index, published.since_index);
}

TEST_F(SealLife, TakesANameOnce) {
    make("permits");
    EXPECT_EQ(node_.manager->create(admin_, order("permits")).error().code, Errc::conflict);
    EXPECT_EQ(node_.manager->create(admin_, order("Permits")).error().code, Errc::invalid_argument);
    api::NewSeal unknown = order("other");
    unknown.suite = "RS256";
    EXPECT_FALSE(node_.manager->create(admin_, unknown).ok());
    api::NewSeal weak = order("other");
    weak.passphrase = "short";
    EXPECT_FALSE(node_.manager->create(admin_, weak).ok());
    EXPECT_EQ(node_.seals->find("other"), nullptr);
    // What failed can be done again.
    EXPECT_TRUE(node_.manager->create(admin_, order("other")).ok());
    restart();
    EXPECT_EQ(node_.seals->all().size(), 3U);
}

TEST_F(SealLife, GoesThroughItsStatesAndNeverBack) {
    make("permits");
    ASSERT_TRUE(act("permits", SealAction::suspend).ok());
    EXPECT_FALSE(node_.seal_keys->unlocked("permits"));
    ASSERT_TRUE(node_.seal_keys->unlock("permits", kPassphrase, node_.clock.now_s()).ok());
    EXPECT_EQ(seal("permits"), "seal-not-active");
    EXPECT_EQ(act("permits", SealAction::activate).error().problem, "seal-state");
    ASSERT_TRUE(act("permits", SealAction::resume).ok());
    EXPECT_EQ(seal("permits"), "");
    ASSERT_TRUE(act("permits", SealAction::retire).ok());
    EXPECT_EQ(seal("permits"), "seal-not-active");
    for (const SealAction action :
         {SealAction::activate, SealAction::suspend, SealAction::resume}) {
        EXPECT_EQ(act("permits", action).error().problem, "seal-state") << to_string(action);
    }
    ASSERT_TRUE(act("permits", SealAction::compromise, 1795440000).ok());
    for (const SealAction action : {SealAction::resume, SealAction::retire, SealAction::destroy}) {
        EXPECT_EQ(act("permits", action).error().problem, "seal-state") << to_string(action);
    }
    restart();
    EXPECT_EQ(status("permits").state, SealState::compromised);
    EXPECT_EQ(status("permits").invalid_from, 1795440000);
    EXPECT_EQ(node_.seals->history("permits")->size(), 5U);
}

TEST_F(SealLife, DoesAThingOnceHoweverOftenItIsAsked) {
    make("permits");
    ASSERT_TRUE(act("permits", SealAction::suspend).ok());
    const std::uint64_t before = size();
    const auto history = node_.seals->history("permits")->size();
    ASSERT_TRUE(act("permits", SealAction::suspend).ok());
    EXPECT_EQ(size(), before);
    EXPECT_EQ(node_.seals->history("permits")->size(), history);
}

TEST_F(SealLife, DatesACompromiseEarlierAndNeverLater) {
    make("permits");
    EXPECT_EQ(act("permits", SealAction::compromise, node_.clock.now_s() + 3600).error().code,
              Errc::invalid_argument);
    ASSERT_TRUE(act("permits", SealAction::compromise, 1000).ok());
    ASSERT_TRUE(act("permits", SealAction::compromise, 2000).ok());
    EXPECT_EQ(status("permits").invalid_from, 1000);
    ASSERT_TRUE(act("permits", SealAction::compromise, 500).ok());
    EXPECT_EQ(status("permits").invalid_from, 500);
    ASSERT_TRUE(act("permits", SealAction::compromise).ok());
    EXPECT_EQ(status("permits").invalid_from, std::nullopt);
}

TEST_F(SealLife, DestroysTheKeyFile) {
    make("permits");
    const std::string file = keys_directory(node_.config.data_dir) + "/seal-permits.key";
    EXPECT_EQ(act("permits", SealAction::destroy).error().problem, "seal-state");  // still in use
    ASSERT_TRUE(std::filesystem::exists(file));
    ASSERT_TRUE(act("permits", SealAction::retire).ok());
    ASSERT_TRUE(act("permits", SealAction::destroy).ok());
    EXPECT_FALSE(std::filesystem::exists(file));
    EXPECT_FALSE(node_.seal_keys->unlock("permits", kPassphrase, node_.clock.now_s()).ok());
    restart();
    EXPECT_TRUE(node_.seal_keys->damages().empty());
    EXPECT_EQ(seal("permits"), "seal-not-active");
    // What it sealed is still this node's.
    EXPECT_EQ(node_.trust().seals.size(), 2U);
}

TEST_F(SealLife, UndoesAMakingThatACrashEnded) {
    ASSERT_TRUE(node_.seals->begin_making("permits", "seal-permits").ok());
    const auto secret = SecretBytes::copy_of(as_bytes(kPassphrase));
    ASSERT_TRUE(
        node_.keys.keystore
            ->create_attended({"seal-permits", KeyAlgorithm::es256, Purpose::statement}, *secret)
            .ok());
    restart();
    EXPECT_EQ(node_.keys.keystore->info("seal-permits").error().code, Errc::not_found);
    EXPECT_TRUE(node_.manager->create(admin_, order("permits")).ok());
    restart();
    EXPECT_TRUE(node_.keys.keystore->info("seal-permits").ok());
}

TEST_F(SealLife, KeepsAKeyFileThatNobodyIsMaking) {
    const auto secret = SecretBytes::copy_of(as_bytes(kPassphrase));
    ASSERT_TRUE(
        node_.keys.keystore
            ->create_attended({"seal-permits", KeyAlgorithm::es256, Purpose::statement}, *secret)
            .ok());
    EXPECT_EQ(node_.manager->create(admin_, order("permits")).error().code, Errc::conflict);
    restart();
    EXPECT_TRUE(node_.keys.keystore->info("seal-permits").ok());
}

TEST_F(SealLife, SealsWithTheOnlyActiveSealWhereNoneIsNamed) {
    EXPECT_EQ(seal(""), "");
    make("permits");
    EXPECT_EQ(seal(""), "invalid_argument");
    ASSERT_TRUE(act("default", SealAction::retire).ok());
    EXPECT_EQ(seal(""), "");
    EXPECT_EQ((*node_.seal_keys->find(""))->name, "permits");
    ASSERT_TRUE(act("permits", SealAction::suspend).ok());
    EXPECT_EQ(seal(""), "not_found");
}

TEST_F(SealLife, PutsANewSealInAnothersPlace) {
    api::PolicyOrder policy;
    policy.media_types = {{"text/*"}};
    make("permits", policy);
    EXPECT_EQ(seal("permits"), "");
    const auto rotated = node_.manager->rotate(admin_, "permits", order("permits-2", false));
    ASSERT_TRUE(rotated.ok()) << rotated.error().message;
    EXPECT_EQ(status("permits").state, SealState::retired);
    EXPECT_EQ(status("permits-2").state, SealState::active);
    EXPECT_EQ(status("permits").since_index, status("permits-2").since_index);
    const SealRecordPtr fresh = node_.seals->find("permits-2");
    EXPECT_EQ(fresh->replaces, "permits");
    EXPECT_EQ(fresh->policy, node_.seals->find("permits")->policy);
    EXPECT_EQ(node_.seals->find("permits")->replaced_by, "permits-2");
    // The snapshot carries the new seal's signature.
    const auto record = node_.store->statements().by_index({status("permits-2").since_index});
    const auto snapshot = parse_status((*record)->cose);
    ASSERT_TRUE(snapshot.ok() && snapshot->snapshot.rotations.size() == 1U);
    const auto rotation = parse_rotation(snapshot->snapshot.rotations[0]);
    ASSERT_TRUE(rotation.ok()) << rotation.error().message;
    EXPECT_EQ(rotation->old_kid, node_.seals->find("permits")->key.kid());
    EXPECT_TRUE(rotation->key == fresh->key);
    EXPECT_EQ(seal("permits"), "seal-not-active");
    ASSERT_TRUE(node_.seal_keys->unlock("permits-2", kPassphrase, node_.clock.now_s()).ok());
    EXPECT_EQ(seal("permits-2"), "");
    EXPECT_EQ(node_.manager->rotate(admin_, "permits", order("permits-3")).error().problem,
              "seal-state");
    EXPECT_EQ(node_.seals->find("permits-3"), nullptr);
    restart();
    EXPECT_EQ(node_.seals->find("permits-2")->replaces, "permits");
}

TEST_F(SealLife, ReplacesACompromisedSealWhichStaysCompromised) {
    make("permits");
    ASSERT_TRUE(act("permits", SealAction::compromise).ok());
    ASSERT_TRUE(node_.manager->rotate(admin_, "permits", order("permits-2")).ok());
    EXPECT_EQ(status("permits").state, SealState::compromised);
    EXPECT_EQ(status("permits-2").state, SealState::active);
    ASSERT_TRUE(node_.manager->create(admin_, order("new", false)).ok());
    EXPECT_EQ(node_.manager->rotate(admin_, "new", order("newer")).error().problem, "seal-state");
    EXPECT_EQ(node_.manager->rotate(admin_, "nothing", order("newer")).error().code,
              Errc::not_found);
    EXPECT_FALSE(node_.keys.keystore->info("seal-newer").ok());
}

TEST_F(SealLife, FollowsARotationFromTheConfiguredDefault) {
    make("permits");
    const auto keys = SealKeys::load(*node_.seals, *node_.keys.keystore, *node_.status, "permits");
    ASSERT_TRUE(keys.ok());
    EXPECT_EQ((*(*keys)->find(""))->name, "permits");
    ASSERT_TRUE(node_.manager->rotate(admin_, "permits", order("permits-2")).ok());
    EXPECT_EQ((*(*keys)->find(""))->name, "permits-2");
    const auto wrong = SealKeys::load(*node_.seals, *node_.keys.keystore, *node_.status, "permit");
    EXPECT_EQ((*wrong)->find("").error().code, Errc::not_found);
}

TEST_F(SealLife, KeepsToItsPolicy) {
    api::PolicyOrder policy;
    policy.media_types = {{"text/*"}};
    policy.quota_per_day = std::optional(3U);
    make("permits", policy);
    EXPECT_EQ(seal("permits", "image/png"), "policy-media-type");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(seal("permits"), "");
    EXPECT_EQ(seal("permits"), "policy-quota");
    restart();
    ASSERT_TRUE(node_.seal_keys->unlock("permits", kPassphrase, node_.clock.now_s()).ok());
    EXPECT_EQ(seal("permits"), "policy-quota");
    api::SealSettings more;
    more.policy.quota_per_day = std::optional(4U);
    ASSERT_TRUE(node_.manager->set(admin_, "permits", more).ok());
    EXPECT_EQ(seal("permits"), "");
    EXPECT_EQ(seal("permits"), "policy-quota");
    EXPECT_EQ(node_.seals->history("permits")->back().what, "policy");
}

TEST_F(SealLife, LocksItselfAfterStatementsWithoutAnAnchor) {
    // Made before anybody counted: they count all the same.
    make("permits");
    EXPECT_EQ(seal("permits"), "");
    api::SealSettings settings;
    settings.policy.lock_after_statements = std::optional(2U);
    ASSERT_TRUE(node_.manager->set(admin_, "permits", settings).ok());
    EXPECT_EQ(seal("permits"), "");
    EXPECT_EQ(seal("permits"), "policy-unanchored-count");
    restart();
    ASSERT_TRUE(node_.seal_keys->unlock("permits", kPassphrase, node_.clock.now_s()).ok());
    EXPECT_EQ(seal("permits"), "policy-unanchored-count");
    node_.anchored = size();
    EXPECT_EQ(seal("permits"), "");
}

TEST_F(SealLife, LocksItselfByItsOwnIdleTime) {
    using std::chrono::seconds;
    api::PolicyOrder quick;
    quick.idle_lock_s = std::optional(10U);
    make("quick", quick);
    api::PolicyOrder never;
    never.idle_lock_s = std::optional(0U);
    make("never", never);
    const auto start = std::chrono::steady_clock::now();
    for (const int after : {0, 9, 11}) {
        EXPECT_TRUE(node_.seal_keys->unlocked("quick")) << after;
        node_.seal_keys->lock_idle(start + seconds(after), seconds(60));
    }
    EXPECT_FALSE(node_.seal_keys->unlocked("quick"));
    EXPECT_TRUE(node_.seal_keys->unlocked("default"));
    node_.seal_keys->lock_idle(start + seconds(61), seconds(60));
    EXPECT_FALSE(node_.seal_keys->unlocked("default"));
    EXPECT_TRUE(node_.seal_keys->unlocked("never"));
}

TEST_F(SealLife, SaysWhatASealIs) {
    api::PolicyOrder policy;
    policy.hours = std::optional<std::string>("00:00-24:00");
    policy.quota_per_day = std::optional(9U);
    make("permits", policy);
    EXPECT_EQ(seal("permits"), "");
    const auto view = node_.manager->seal("permits");
    ASSERT_TRUE(view.ok());
    const std::string text = json::dump(*view);
    EXPECT_THAT(text, HasSubstr(R"("life":"active")"));
    EXPECT_THAT(text, HasSubstr(R"("hours":"00:00-24:00")"));
    EXPECT_THAT(text, HasSubstr(R"("today":1)"));
    EXPECT_EQ(node_.manager->seals()->find("items")->as_array().size(), 2U);
    EXPECT_EQ(node_.manager->seal("nothing").error().code, Errc::not_found);
}

TEST_F(SealLife, IsInTheAuditLogInTheSameGroup) {
    make("permits");
    ASSERT_TRUE(act("permits", SealAction::retire).ok());
    ASSERT_FALSE(act("permits", SealAction::resume).ok());
    const auto entries = node_.audit->list(10, std::nullopt);
    ASSERT_TRUE(entries.ok() && entries->size() == 3U);
    EXPECT_EQ((*entries)[0].action, "seal-resume");
    EXPECT_EQ((*entries)[0].outcome, "failed");
    EXPECT_EQ((*entries)[1].action, "seal-retire");
    EXPECT_EQ((*entries)[2].action, "seal-create");
    EXPECT_EQ((*entries)[2].subject, "permits");
    EXPECT_EQ((*entries)[2].actor, "local");
}

}  // namespace
}  // namespace fieldseal::node
