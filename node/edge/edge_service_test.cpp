// SPDX-License-Identifier: Apache-2.0
#include "node/edge/edge_service.h"

#include "core/encoding.h"
#include "tests/support/office_in_process.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace fieldseal::node {
namespace {

using testing::OfficeInProcess;
using testing::order_for;

std::uint64_t log_size(const OfficeInProcess& office) {
    return office.node.store->log(store::LogId::statements).head().size.value;
}

std::vector<std::int64_t> indexes(const api::Page& page) {
    std::vector<std::int64_t> found;
    for (const auto& item : page.items) found.push_back(item.find("index")->as_integer());
    return found;
}

TEST(EdgeService, TellsWhatBecameOfAKey) {
    OfficeInProcess office;
    const auto first = office.office->seal(order_for("a", "k1"));
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(first->key, api::KeyUse::settled);
    EXPECT_FALSE(first->receipt.replayed);
    EXPECT_EQ(first->receipt.view.find("actor")->as_string(), "amina");
    const auto again = office.office->seal(order_for("a", "k1"));
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->receipt.replayed);
    EXPECT_EQ(again->receipt.entry, first->receipt.entry);
    EXPECT_EQ(office.office->seal(order_for("b", "k1"))->key, api::KeyUse::reused);
    EXPECT_EQ(log_size(office), 2U);
}

TEST(EdgeService, MakesOneStatementOfOneKeyHoweverOftenItComesAtOnce) {
    constexpr std::size_t kThreads = 8;
    OfficeInProcess office;
    std::vector<Result<api::SealOutcome>> outcomes(kThreads, Error{});
    {
        std::latch start(kThreads);
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                start.arrive_and_wait();
                outcomes[t] = office.office->seal(order_for("a", "k1"));
            });
        }
    }
    for (const auto& outcome : outcomes) {
        ASSERT_TRUE(outcome.ok()) << outcome.error().message;
        EXPECT_NE(outcome->key, api::KeyUse::reused);
    }
    EXPECT_EQ(log_size(office), 2U);
}

TEST(EdgeService, SealsABatchEachOrderForItself) {
    OfficeInProcess office;
    ASSERT_TRUE(office.office->seal(order_for("before", "known")).ok());
    auto foreign = order_for("x", "k3");
    foreign.seal = "nobody's";
    const auto outcomes = office.office->seal_batch(
        {order_for("a", "k1"), order_for("before", "known"), foreign, order_for("b", "k2")});
    ASSERT_EQ(outcomes.size(), 4U);
    EXPECT_EQ(outcomes[0]->receipt.index, 2U);
    EXPECT_TRUE(outcomes[1]->receipt.replayed);
    EXPECT_EQ(outcomes[2].error().code, Errc::not_found);
    EXPECT_EQ(outcomes[3]->receipt.index, 3U);
    EXPECT_EQ(office.office->seal_batch({order_for("other", "k1")})[0]->key, api::KeyUse::reused);
    office.restart();
    const auto again = office.office->seal_batch({order_for("a", "k1")});
    EXPECT_TRUE(again[0]->receipt.replayed);
}

TEST(EdgeService, SealsNothingOfABatchWhileTheGateIsClosed) {
    OfficeInProcess office;
    ASSERT_TRUE(office.office->seal(order_for("a", "k1")).ok());
    office.node.gate.close(GateReason::storage, "make room");
    const auto outcomes = office.office->seal_batch({order_for("a", "k1"), order_for("b", "k2")});
    EXPECT_TRUE(outcomes[0]->receipt.replayed);
    EXPECT_EQ(outcomes[1].error().code, Errc::storage_full);
    EXPECT_EQ(log_size(office), 2U);
}

TEST(EdgeService, PagesThroughStatementsByTheirState) {
    OfficeInProcess office;
    for (int i = 1; i <= 4; ++i) {
        ASSERT_TRUE(office.office->seal(order_for("d" + std::to_string(i), "")).ok());
    }
    office.node.checkpoint();  // 1 to 4 and the snapshot 5
    ASSERT_TRUE(office.office->seal(order_for("d1", "")).ok());
    api::StatementQuery query;
    query.limit = 3;
    auto page = office.office->statements(query);
    EXPECT_EQ(indexes(*page), (std::vector<std::int64_t>{6, 4}));
    query.before_index = page->next;
    page = office.office->statements(query);
    EXPECT_EQ(indexes(*page), (std::vector<std::int64_t>{3, 2, 1}));
    query = {};
    query.state = api::LifeState::sealed;
    EXPECT_EQ(indexes(*office.office->statements(query)), std::vector<std::int64_t>{6});
    query.state = api::LifeState::checkpointed;
    query.since_index = 2;
    query.until_index = 4;
    EXPECT_EQ(indexes(*office.office->statements(query)), (std::vector<std::int64_t>{3, 2}));
    query.state = api::LifeState::anchored;
    EXPECT_TRUE(office.office->statements(query)->items.empty());
    query = {};
    query.document = sha256(as_bytes(std::string_view("d1")));
    query.limit = 1;
    page = office.office->statements(query);
    EXPECT_EQ(indexes(*page), std::vector<std::int64_t>{6});
    query.before_index = page->next;
    page = office.office->statements(query);
    EXPECT_EQ(indexes(*page), std::vector<std::int64_t>{1});
    EXPECT_FALSE(page->next.has_value());
}

TEST(EdgeService, ListsCheckpointsOldestFirst) {
    OfficeInProcess office;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(office.office->seal(order_for("d", "")).ok());
        office.node.checkpoint();
    }
    auto page = office.office->checkpoints(std::nullopt, 3);
    ASSERT_EQ(page->items.size(), 3U);
    EXPECT_EQ(page->items[0].find("size")->as_integer(), 1);
    EXPECT_EQ(page->next, 5U);
    page = office.office->checkpoints(page->next, 3);
    ASSERT_EQ(page->items.size(), 1U);
    EXPECT_EQ(page->items[0].find("size")->as_integer(), 7);
    EXPECT_FALSE(page->next.has_value());
}

TEST(EdgeService, CountsWhatWaitsAndForHowLong) {
    OfficeInProcess office;
    ASSERT_TRUE(office.office->seal(order_for("a", "")).ok());
    office.node.checkpoint();
    ASSERT_TRUE(office.office->seal(order_for("b", "")).ok());
    const auto outbox = office.office->outbox();
    ASSERT_TRUE(outbox.ok());
    EXPECT_EQ(outbox->find("entries")->find("sealed")->as_integer(), 1);
    EXPECT_EQ(outbox->find("entries")->find("checkpointed")->as_integer(), 3);
    EXPECT_EQ(outbox->find("waiting")->as_integer(), 4);
    EXPECT_TRUE(outbox->find("oldest_waiting_age_s")->is_integer());
}

TEST(EdgeService, RefreshesByMakingTheCheckpointThatIsMissing) {
    OfficeInProcess office;
    const auto sealed = office.office->seal(order_for("a", ""));
    const auto refreshed = office.office->refresh(sealed->receipt.entry);
    ASSERT_TRUE(refreshed.ok()) << refreshed.error().message;
    EXPECT_EQ(refreshed->find("state")->as_string(), "checkpointed");
    EXPECT_EQ(office.office->refresh(Digest{}).error().code, Errc::not_found);
}

TEST(EdgeService, JudgesWithItsOwnTrustFileUnlessGivenAnother) {
    OfficeInProcess office;
    const auto sealed = office.office->seal(order_for("a", ""));
    api::VerifyOrder order;
    order.sha256 = sha256(as_bytes(std::string_view("a")));
    order.evidence = *office.admin->evidence(sealed->receipt.entry);
    const auto verdict = [&] {
        const auto report = office.office->verify(order);
        return json::parse(*report)->find("verdict")->as_string();
    };
    EXPECT_EQ(verdict(), "indeterminate");  // genuine, and anchored nowhere yet
    order.sha256 = sha256(as_bytes(std::string_view("b")));
    EXPECT_EQ(verdict(), "invalid");
    order.trust = "{}";
    EXPECT_EQ(office.office->verify(order).error().code, Errc::invalid_argument);
}

TEST(EdgeService, IsReadyWhenLockedAndNotWhenItCannotSeal) {
    OfficeInProcess office;
    EXPECT_EQ(office.office->readiness().state, "ready");
    office.node.seal_keys->lock_all();
    EXPECT_EQ(office.office->readiness().state, "locked");
    EXPECT_TRUE(office.office->readiness().ready);
    office.node.gate.close(GateReason::held, "a secret sentence");
    EXPECT_FALSE(office.office->readiness().ready);
    EXPECT_EQ(office.office->readiness().state, "held");
    EXPECT_EQ(office.office->readiness().reason.find("secret"), std::string::npos);
}

TEST(EdgeService, SaysWhoItIsWithoutTheNamesOfItsSeals) {
    OfficeInProcess office;
    const json::Value view = office.office->well_known();
    EXPECT_EQ(view.find("origin")->as_string(), office.node.identity->origin);
    EXPECT_EQ(view.find("seals")->as_array()[0].find("name"), nullptr);
}

}  // namespace
}  // namespace fieldseal::node
