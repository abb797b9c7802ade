// SPDX-License-Identifier: Apache-2.0
#include "node/statement_list.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

std::vector<std::uint64_t> indexes(const StatementPage& page) {
    std::vector<std::uint64_t> found;
    for (const auto& record : page.records) found.push_back(record.index.value);
    return found;
}

using Indexes = std::vector<std::uint64_t>;

// The log begins with init's snapshot at 0; each checkpoint may add heads of the audit log.
class StatementList : public ::testing::Test {
protected:
    void SetUp() override {
        // 1, 2, then three snapshots of the seals, then 6.
        for (const char* content : {"a", "b"}) ASSERT_TRUE(node_.seal(content).ok());
        api::Caller amina;
        amina.account = "amina";
        for (int i = 0; i < 3; ++i) {
            api::NewSeal order;
            order.name = "s" + std::to_string(i);
            order.passphrase = "four or more random words";
            const auto made = node_.manager->create(amina, order);
            ASSERT_TRUE(made.ok()) << made.error().message;
        }
        const auto sealed = node_.seal("c");
        ASSERT_TRUE(sealed.ok());
        newest_ = sealed->record.index.value;
        ASSERT_GT(newest_, 3U);
    }

    StatementPage list(StatementStretch stretch, std::size_t limit,
                       std::size_t looked_at_max = kEntriesLookedAtMax) {
        return list_statements(node_.store->statements(), stretch, limit, looked_at_max).value();
    }

    testing::InProcessNode node_;
    std::uint64_t newest_ = 0;
};

TEST_F(StatementList, CountsStatementsAndNotTheLogsOwnEntries) {
    const auto one = list({}, 1);
    EXPECT_EQ(indexes(one), (Indexes{newest_}));
    EXPECT_EQ(one.next_below, newest_);
    const auto two = list({0, newest_}, 1);
    EXPECT_EQ(indexes(two), (Indexes{2}));
    EXPECT_EQ(two.next_below, 2U);
    const auto three = list({0, 2}, 1);
    EXPECT_EQ(indexes(three), (Indexes{1}));
    EXPECT_FALSE(three.next_below.has_value());  // only init's snapshot is below
    EXPECT_EQ(indexes(list({}, 3)), (Indexes{newest_, 2, 1}));
    EXPECT_FALSE(list({}, 3).next_below.has_value());
}

TEST_F(StatementList, StaysInItsStretch) {
    EXPECT_EQ(indexes(list({2, newest_}, 10)), (Indexes{2}));
    EXPECT_FALSE(list({2, std::nullopt}, 2).next_below.has_value());
    EXPECT_TRUE(list({0, 1}, 10).records.empty());
}

TEST_F(StatementList, LooksAtABoundedNumberOfEntriesAndSaysWhereToGoOn) {
    const auto page = list({0, newest_}, 1, 2);
    EXPECT_TRUE(page.records.empty());
    EXPECT_EQ(page.next_below, newest_ - 2);
    Indexes seen;
    std::optional<std::uint64_t> below;
    std::size_t pages = 0;
    do {
        const auto each = list({0, below}, 1, 2);
        for (const auto index : indexes(each)) seen.push_back(index);
        below = each.next_below;
    } while (below && ++pages < 20);
    EXPECT_EQ(seen, (Indexes{newest_, 2, 1}));
}

}  // namespace
}  // namespace fieldseal::node
