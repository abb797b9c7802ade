// SPDX-License-Identifier: Apache-2.0
#include "store/batch.h"

#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

namespace fieldseal::store {
namespace {

constexpr LogId kLog = LogId::statements;

class BatchTest : public ::testing::Test {
protected:
    void SetUp() override {
        store_ = create_and_open(dir_.path());
        ASSERT_NE(store_, nullptr);
    }
    void commit(Batch&& batch) {
        const auto committed = store_->commit(std::move(batch));
        ASSERT_TRUE(committed.ok()) << committed.error().message;
    }
    testing::TempDirectory dir_;
    std::unique_ptr<Store> store_;
};

TEST_F(BatchTest, NeverLogsAnEntryTwice) {
    Batch batch = store_->begin();
    ASSERT_TRUE(batch.append_statement(test_statement(1)).ok());
    EXPECT_EQ(batch.append_statement(test_statement(1)).error().code, Errc::conflict);
    EXPECT_EQ(batch.appended(), 1U);
    commit(std::move(batch));
    Batch next = store_->begin();
    EXPECT_EQ(next.append_statement(test_statement(1)).error().code, Errc::conflict);
    EXPECT_TRUE(*next.contains(kLog, test_statement(1).entry));
    EXPECT_FALSE(*next.contains(kLog, test_statement(2).entry));
    EXPECT_TRUE(next.empty());
}

TEST_F(BatchTest, WhatWasMadeJustNowIsComparedWithItsOwnGroupOnly) {
    NewStatement made = test_statement(1);
    made.made_just_now = true;
    Batch batch = store_->begin();
    ASSERT_TRUE(batch.append_statement(made).ok());
    EXPECT_EQ(batch.append_statement(made).error().code, Errc::conflict);
    EXPECT_EQ(batch.appended(), 1U);
    ASSERT_TRUE(store_->commit(std::move(batch)).ok());
    EXPECT_EQ(store_->statements().by_entry(made.entry).value()->index.value, 0U);
}

TEST_F(BatchTest, DiesRatherThanLogAWrongId) {
    // RocksDB has threads: the child starts anew instead of forking in the middle.
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    NewStatement statement = test_statement(1);
    statement.cose.back() ^= 1;
    Batch batch = store_->begin();
    EXPECT_DEATH(ignore_error(batch.append_statement(statement), "dies"), "sha256");
}

TEST_F(BatchTest, RefusesABatchBegunBeforeAnotherCommit) {
    Batch first = store_->begin();
    Batch second = store_->begin();
    ASSERT_TRUE(first.append_statement(test_statement(1)).ok());
    ASSERT_TRUE(second.append_statement(test_statement(2)).ok());
    commit(std::move(first));
    EXPECT_EQ(store_->commit(std::move(second)).error().code, Errc::conflict);
    EXPECT_FALSE(store_->failure().has_value());
    EXPECT_EQ(store_->log(kLog).head().size.value, 1U);
}

TEST_F(BatchTest, AcceptsACheckpointOfItsOwnHeadOrTheOneBefore) {
    append_statements(*store_, 0, 3);
    const auto before = store_->log(kLog).head();
    Batch batch = store_->begin();
    ASSERT_TRUE(batch.append_statement(test_statement(3)).ok());
    EXPECT_TRUE(batch.put_checkpoint(kLog, test_checkpoint(before)).ok());
    EXPECT_TRUE(batch.put_checkpoint(kLog, test_checkpoint(batch.head(kLog))).ok());
    commit(std::move(batch));
    const auto checkpoints = store_->checkpoints(kLog);
    EXPECT_EQ((*checkpoints.at({3}))->head, before);
    EXPECT_EQ((*checkpoints.latest())->head, store_->log(kLog).head());
    EXPECT_EQ((*checkpoints.covering({0}))->head.size.value, 3U);
    EXPECT_EQ((*checkpoints.covering({3}))->head.size.value, 4U);
    EXPECT_FALSE(checkpoints.covering({4})->has_value());
    EXPECT_FALSE(checkpoints.covering({UINT64_MAX})->has_value());
    EXPECT_FALSE(checkpoints.at({2})->has_value());
    EXPECT_FALSE(store_->checkpoints(LogId::checkpoints).latest()->has_value());
}

TEST_F(BatchTest, RefusesACheckpointWithAnotherRootOrSize) {
    append_statements(*store_, 0, 3);
    auto head = store_->log(kLog).head();
    Batch batch = store_->begin();
    head.root[0] ^= 1;
    EXPECT_EQ(batch.put_checkpoint(kLog, test_checkpoint(head)).error().code, Errc::conflict);
    head = store_->log(kLog).head();
    head.size.value = 4;
    EXPECT_EQ(batch.put_checkpoint(kLog, test_checkpoint(head)).error().code, Errc::conflict);
    EXPECT_TRUE(batch.empty());
}

TEST_F(BatchTest, SeesItsOwnIdempotencyKeysAndWitnessStates) {
    const IdempotencyRecord record{test_statement(0).document, test_statement(0).entry, 5};
    const WitnessState state{{{7}, merkle::empty_root()}, 6, "note"};
    const Digest origin = test_statement(1).entry;
    Batch batch = store_->begin();
    EXPECT_FALSE(batch.idempotency("k")->has_value());
    EXPECT_FALSE(batch.witness_state(origin)->has_value());
    ASSERT_TRUE(batch.put_idempotency("k", record).ok());
    ASSERT_TRUE(batch.put_witness_state(origin, state).ok());
    EXPECT_EQ((*batch.idempotency("k"))->entry, record.entry);
    EXPECT_EQ((*batch.witness_state(origin))->head, state.head);
    EXPECT_FALSE(store_->idempotency("k")->has_value());
    EXPECT_FALSE(store_->witness_state(origin)->has_value());
    commit(std::move(batch));
    EXPECT_EQ((*store_->idempotency("k"))->request, record.request);
    EXPECT_EQ((*store_->witness_state(origin))->accepted_at_s, 6);
    EXPECT_TRUE(store_->begin().idempotency("k")->has_value());
    EXPECT_TRUE(store_->begin().witness_state(origin)->has_value());
}

TEST_F(BatchTest, RefusesWhatCouldNotBeReadBack) {
    append_statements(*store_, 0, 1);
    Batch batch = store_->begin();
    const auto refused = [](const Result<void>& result) {
        return !result.ok() && result.error().code == Errc::invalid_argument;
    };
    const std::string long_name(300, 'x');
    const Bytes large(kOpaqueBytesMax + 1);
    EXPECT_TRUE(refused(batch.put_outbox({kLog, "", "witness", 1, {}})));
    EXPECT_TRUE(refused(batch.put_outbox({kLog, long_name, "witness", 1, {}})));
    EXPECT_TRUE(refused(batch.put_outbox({kLog, "hub", "", 1, {}})));
    EXPECT_TRUE(refused(batch.put_outbox({kLog, "hub", "witness", 1, large})));
    EXPECT_TRUE(refused(batch.erase_outbox(kLog, "")));
    EXPECT_TRUE(refused(batch.put_proof({kLog, "hub", {1}, 0, {}})));
    EXPECT_TRUE(refused(batch.put_proof({kLog, "hub", {1}, 0, large})));
    EXPECT_TRUE(refused(batch.put_witness_state({}, {})));
    EXPECT_TRUE(refused(batch.put_idempotency("", {})));
    EXPECT_TRUE(refused(batch.put_idempotency(std::string(kIdempotencyKeyBytesMax + 1, 'k'), {})));
    EXPECT_TRUE(refused(batch.put_meta("", {})));
    EXPECT_TRUE(refused(batch.put_meta(long_name, {})));
    EXPECT_TRUE(refused(batch.put_meta("name", large)));
    EXPECT_TRUE(refused(batch.put_checkpoint(kLog, {batch.head(kLog), 0, ""})));
    NewStatement statement = test_statement(5);
    statement.local.resize(kLocalBytesMax + 1);
    EXPECT_EQ(batch.append_statement(statement).error().code, Errc::invalid_argument);
    statement = test_statement(5);
    statement.cose.clear();
    EXPECT_EQ(batch.append_statement(statement).error().code, Errc::invalid_argument);
    EXPECT_EQ(batch.put_proof({kLog, "hub", {2}, 0, {1}}).error().code, Errc::conflict);
    EXPECT_EQ(batch.put_proof({kLog, "hub", {0}, 0, {1}}).error().code, Errc::conflict);
    EXPECT_TRUE(batch.empty());
}

TEST_F(BatchTest, KeepsOutboxRowsAndProofsPerLogAndTarget) {
    append_statements(*store_, 0, 10);
    Batch batch = store_->begin();
    ASSERT_TRUE(batch.put_outbox({kLog, "hub", "witness", 1, {1}}).ok());
    ASSERT_TRUE(batch.put_outbox({LogId::checkpoints, "chain", "evm", 2, {2}}).ok());
    ASSERT_TRUE(batch.put_proof({kLog, "hub", {4}, 40, {4}}).ok());
    ASSERT_TRUE(batch.put_proof({kLog, "hub", {8}, 80, {8}}).ok());
    ASSERT_TRUE(batch.put_proof({kLog, "hub2", {10}, 100, {10}}).ok());
    commit(std::move(batch));
    const auto outbox = store_->outbox();
    EXPECT_EQ(outbox.rows()->size(), 2U);
    EXPECT_EQ((*outbox.row(kLog, "hub"))->state, Bytes{1});
    EXPECT_FALSE(outbox.row(LogId::checkpoints, "hub")->has_value());
    EXPECT_EQ((*outbox.proof(kLog, "hub", {4}))->stored_at_s, 40);
    EXPECT_EQ((*outbox.proof_covering(kLog, "hub", {3}))->size.value, 4U);
    EXPECT_EQ((*outbox.proof_covering(kLog, "hub", {4}))->size.value, 8U);
    EXPECT_FALSE(outbox.proof_covering(kLog, "hub", {8})->has_value());
    EXPECT_EQ((*outbox.latest_proof(kLog, "hub"))->size.value, 8U);
    EXPECT_FALSE(outbox.latest_proof(kLog, "hu")->has_value());
    EXPECT_EQ(outbox.row(kLog, "").error().code, Errc::invalid_argument);

    Batch erase = store_->begin();
    ASSERT_TRUE(erase.erase_outbox(kLog, "hub").ok());
    commit(std::move(erase));
    EXPECT_FALSE(outbox.row(kLog, "hub")->has_value());
    EXPECT_TRUE(outbox.row(LogId::checkpoints, "chain")->has_value());
}

TEST_F(BatchTest, KeepsMetaValuesUntilErased) {
    Batch batch = store_->begin();
    ASSERT_TRUE(batch.put_meta("held", Bytes{1}).ok());
    commit(std::move(batch));
    EXPECT_EQ(**store_->meta("held"), Bytes{1});
    Batch erase = store_->begin();
    ASSERT_TRUE(erase.erase_meta("held").ok());
    commit(std::move(erase));
    EXPECT_FALSE(store_->meta("held")->has_value());
}

}  // namespace
}  // namespace fieldseal::store
