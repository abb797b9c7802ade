// SPDX-License-Identifier: Apache-2.0
// The oracle itself: it accepts what happened, and refuses each thing a crash must not do.
#include "tests/crash/oracle.h"

#include "tests/crash/witnessing.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fieldseal::testing {
namespace {

// An office with two statements, one of them under a key, and a hub that cosigned them.
class Oracle : public ::testing::Test {
protected:
    Oracle() : ledger_(*Ledger::open(directory_ / "ledger")) {
        EXPECT_TRUE(hub_.enrolment->add(office_.identity->log_key).ok());
        seal("first", "");
        seal("second", "key-of-the-second");
        office_.checkpoint();
        const auto anchored = anchor_newest(office_, hub_, ledger_);
        EXPECT_TRUE(anchored.ok()) << anchored.error().message;
    }

    void seal(const std::string& document, const std::string& key) {
        ledger_.order(document, key);
        const auto sealed = office_.seal(document, key);
        ASSERT_TRUE(sealed.ok());
        ledger_.acknowledged(document, {sealed->record.entry, sealed->record.index.value});
    }
    Ledger next_run() { return *Ledger::open(directory_ / "ledger"); }
    std::string office_verdict(const Ledger::Facts& facts) {
        const auto verdict = judge_office(office_, facts);
        return verdict.ok() ? "" : verdict.error().message;
    }
    std::string hub_verdict(const Ledger::Facts& facts) {
        const auto verdict = judge_hub(office_, hub_, facts);
        return verdict.ok() ? "" : verdict.error().message;
    }

    static InProcessNode::Options hub_options() {
        InProcessNode::Options options;
        options.name = "hub";
        return options;
    }

    const TempDirectory directory_;
    Ledger ledger_;
    InProcessNode office_;
    InProcessNode hub_{hub_options()};
};

TEST_F(Oracle, AcceptsWhatHappened) {
    const Ledger next = next_run();
    EXPECT_EQ(next.facts().orders.size(), 2U);
    EXPECT_EQ(next.facts().cosigned.size(), 1U);
    EXPECT_EQ(office_verdict(next.facts()), "");
    EXPECT_EQ(hub_verdict(next.facts()), "");
}

TEST_F(Oracle, RefusesAnAcknowledgedStatementThatIsLost) {
    auto facts = next_run().facts();
    facts.orders["third"].acknowledged = Ledger::Acknowledged{};
    EXPECT_NE(office_verdict(facts), "");
}

TEST_F(Oracle, RefusesAnotherIndexOrEntryThanAcknowledged) {
    auto facts = next_run().facts();
    ++facts.orders["first"].acknowledged->index;
    EXPECT_NE(office_verdict(facts), "");
    --facts.orders["first"].acknowledged->index;
    facts.orders["first"].acknowledged->entry[0] ^= 1;
    EXPECT_NE(office_verdict(facts), "");
}

TEST_F(Oracle, RefusesAStatementNobodyOrdered) {
    auto facts = next_run().facts();
    facts.orders.erase("first");
    EXPECT_NE(office_verdict(facts), "");
}

TEST_F(Oracle, RefusesASecondStatementForOneOrder) {
    const auto facts = next_run().facts();
    ASSERT_TRUE(office_.seal("first").ok());
    EXPECT_NE(office_verdict(facts), "");
}

TEST_F(Oracle, RefusesAnotherHistoryThanWasCosigned) {
    auto facts = next_run().facts();
    facts.cosigned[0].root[0] ^= 1;
    EXPECT_NE(office_verdict(facts), "");
    EXPECT_NE(hub_verdict(facts), "");
}

TEST_F(Oracle, RefusesAHubBehindItsCosignature) {
    seal("third", "");
    office_.checkpoint();
    auto facts = next_run().facts();
    facts.cosigned.push_back(office_.store->log(store::LogId::statements).head());
    EXPECT_EQ(office_verdict(facts), "");
    EXPECT_NE(hub_verdict(facts), "");
}

TEST_F(Oracle, RefusesAnOrderThatWasCarriedOutAgainUnderItsKey) {
    Ledger honest = next_run();
    EXPECT_TRUE(retry_orders(office_, honest).ok());
    // The ledger now says that another entry was acknowledged under the key.
    std::ofstream(directory_ / "other")
        << "order second key-of-the-second\nack second " << std::string(64, '0') << " 9\n";
    Ledger other = *Ledger::open(directory_ / "other");
    EXPECT_FALSE(retry_orders(office_, other).ok());
}

TEST_F(Oracle, RepeatsTheLastRequestToTheHub) {
    Ledger next = next_run();
    EXPECT_TRUE(repeat_last_request(office_, hub_, next).ok());
    std::ofstream(directory_ / "other") << "asked 1 2\n";  // no checkpoint has that size
    Ledger other = *Ledger::open(directory_ / "other");
    EXPECT_FALSE(repeat_last_request(office_, hub_, other).ok());
}

TEST(CrashLedger, CutsATornLineOffAndRefusesAnotherAcknowledgement) {
    const TempDirectory directory;
    const std::string ack = "ack a " + std::string(64, '1');
    std::ofstream(directory / "torn") << "run\norder a -\n" << ack << " 1";
    const auto torn = Ledger::open(directory / "torn");
    ASSERT_TRUE(torn.ok());
    EXPECT_FALSE(torn->facts().orders.at("a").acknowledged.has_value());
    std::ofstream(directory / "two") << "order a -\n" << ack << " 1\n" << ack << " 2\n";
    EXPECT_FALSE(Ledger::open(directory / "two").ok());
}

}  // namespace
}  // namespace fieldseal::testing
