// SPDX-License-Identifier: Apache-2.0
#include "store/statement_reader.h"

#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal::store {
namespace {

constexpr std::int64_t kNoon = 1'700'000'000;

class StatementReaderTest : public ::testing::Test {
protected:
    // Times of receipt of statements 0 to 5; the clock was set back before the fourth.
    const std::vector<std::int64_t> times_{kNoon,        kNoon + 1,    kNoon + 2,
                                           kNoon - 3600, kNoon - 3599, kNoon + 2};

    void SetUp() override {
        store_ = create_and_open(dir_.path());
        ASSERT_NE(store_, nullptr);
        Batch batch = store_->begin();
        for (std::size_t i = 0; i < times_.size(); ++i) {
            NewStatement statement = test_statement(i);
            statement.received_at_s = times_[i];
            ASSERT_TRUE(batch.append_statement(statement).ok());
        }
        ASSERT_TRUE(store_->commit(std::move(batch)).ok());
    }

    static std::vector<std::uint64_t> indexes(const Result<std::vector<StatementRecord>>& records) {
        EXPECT_TRUE(records.ok()) << records.error().message;
        std::vector<std::uint64_t> list;
        for (const auto& record : *records) list.push_back(record.index.value);
        return list;
    }

    using Indexes = std::vector<std::uint64_t>;
    testing::TempDirectory dir_;
    std::unique_ptr<Store> store_;
};

TEST_F(StatementReaderTest, FindsByIdIndexAndDocument) {
    const auto statements = store_->statements();
    EXPECT_EQ((*statements.by_entry(test_statement(3).entry))->index.value, 3U);
    EXPECT_EQ((*statements.by_index({3}))->entry, test_statement(3).entry);
    EXPECT_EQ(*statements.by_document(test_statement(2).document),
              (std::vector<Digest>{test_statement(2).entry, test_statement(3).entry}));
    EXPECT_FALSE(statements.by_entry(test_statement(9).entry)->has_value());
    EXPECT_FALSE(statements.by_index({6})->has_value());
    EXPECT_TRUE(statements.by_document(test_statement(99).document)->empty());
}

TEST_F(StatementReaderTest, ListsByIndexInPagesBothWays) {
    const auto statements = store_->statements();
    using merkle::LeafIndex;
    EXPECT_EQ(indexes(statements.list(ListQuery{.limit = 4})), (Indexes{5, 4, 3, 2}));
    EXPECT_EQ(indexes(statements.list(ListQuery{.after = LeafIndex{2}, .limit = 4})),
              (Indexes{1, 0}));
    EXPECT_EQ(indexes(statements.list(ListQuery{.after = LeafIndex{0}})), Indexes{});
    const auto oldest = Order::oldest_first;
    EXPECT_EQ(indexes(statements.list(ListQuery{.order = oldest, .limit = 2})), (Indexes{0, 1}));
    EXPECT_EQ(indexes(statements.list(ListQuery{.order = oldest, .after = LeafIndex{3}})),
              (Indexes{4, 5}));
    EXPECT_EQ(indexes(statements.list(ListQuery{.order = oldest, .after = LeafIndex{UINT64_MAX}})),
              Indexes{});
}

TEST_F(StatementReaderTest, RefusesALimitOfNothingOrTooMuch) {
    const auto statements = store_->statements();
    EXPECT_EQ(statements.list(ListQuery{.limit = 0}).error().code, Errc::invalid_argument);
    EXPECT_EQ(statements.list(ListQuery{.limit = kListMax + 1}).error().code,
              Errc::invalid_argument);
    EXPECT_EQ(statements.list(TimeQuery{.limit = 0}).error().code, Errc::invalid_argument);
}

TEST_F(StatementReaderTest, ListsByTimeWhenTheClockWasSetBack) {
    const auto statements = store_->statements();
    const auto oldest = Order::oldest_first;
    TimeQuery query{.from_s = kNoon - 3600, .until_s = kNoon + 3, .order = oldest};
    EXPECT_EQ(indexes(statements.list(query)), (Indexes{3, 4, 0, 1, 2, 5}));
    query.order = Order::newest_first;
    EXPECT_EQ(indexes(statements.list(query)), (Indexes{5, 2, 1, 0, 4, 3}));
}

TEST_F(StatementReaderTest, TimeRangesIncludeTheirBeginningAndNotTheirEnd) {
    const auto statements = store_->statements();
    for (const Order order : {Order::oldest_first, Order::newest_first}) {
        const TimeQuery query{.from_s = kNoon, .until_s = kNoon + 2, .order = order};
        auto found = indexes(statements.list(query));
        std::sort(found.begin(), found.end());
        EXPECT_EQ(found, (Indexes{0, 1}));
        EXPECT_EQ(
            indexes(statements.list(TimeQuery{.from_s = kNoon, .until_s = kNoon, .order = order})),
            Indexes{});
    }
}

TEST_F(StatementReaderTest, PagesByTimeReachEveryRecordOnce) {
    const auto statements = store_->statements();
    for (const Order order : {Order::oldest_first, Order::newest_first}) {
        TimeQuery query{.from_s = kNoon - 3600, .until_s = kNoon + 3, .order = order, .limit = 2};
        Indexes seen;
        for (;;) {
            const auto page = statements.list(query);
            ASSERT_TRUE(page.ok());
            if (page->empty()) break;
            for (const auto& record : *page) seen.push_back(record.index.value);
            query.after = TimeCursor{page->back().received_at_s, page->back().index};
            ASSERT_LE(seen.size(), times_.size());
        }
        std::sort(seen.begin(), seen.end());
        EXPECT_EQ(seen, (Indexes{0, 1, 2, 3, 4, 5}));
    }
}

}  // namespace
}  // namespace fieldseal::store
