// SPDX-License-Identifier: Apache-2.0
#include "node/people/people_rows.h"

#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using testing::InProcessNode;

std::vector<std::string> keys_of(const Result<std::vector<people::Row>>& rows) {
    std::vector<std::string> keys;
    for (const auto& row : *rows) keys.push_back(row.key);
    return keys;
}

TEST(PeopleRows, AreThereAfterARestart) {
    InProcessNode node;
    {
        PeopleRows rows(*node.store, *node.sequencer);
        ASSERT_TRUE(rows.put("account/maria", Bytes{1}).ok());
        ASSERT_TRUE(rows.put("account/maria", Bytes{2}).ok());
        ASSERT_TRUE(rows.put("account/anna", Bytes{3}).ok());
        ASSERT_TRUE(rows.put("token/x", Bytes{4}).ok());
        ASSERT_TRUE(rows.erase("account/anna").ok());
        ASSERT_TRUE(rows.erase("account/nobody").ok());
    }
    node.close();
    node.open();
    PeopleRows rows(*node.store, *node.sequencer);
    EXPECT_EQ(**rows.get("account/maria"), Bytes{2});
    EXPECT_FALSE(rows.get("account/anna")->has_value());
    using Keys = std::vector<std::string>;
    EXPECT_EQ(keys_of(rows.list("", "", 10)), (Keys{"account/maria", "token/x"}));
    EXPECT_EQ(keys_of(rows.list("account/", "", 10)), Keys{"account/maria"});
    EXPECT_EQ(keys_of(rows.list("", "account/maria", 10)), Keys{"token/x"});
    EXPECT_EQ(keys_of(rows.list("", "", static_cast<std::size_t>(-1))).size(), 2U);
    EXPECT_TRUE(rows.list("", "", 0)->empty());
    EXPECT_EQ(rows.put("", Bytes{1}).error().code, Errc::invalid_argument);
    EXPECT_EQ(rows.put("k", Bytes(store::kRowBytesMax + 1)).error().code, Errc::invalid_argument);
}

TEST(PeopleRows, ListMoreThanThePageOfTheStore) {
    constexpr std::size_t kRows = store::kListMax + 5;
    InProcessNode node;
    const auto filled = node.sequencer->run([](store::Batch& batch) -> Result<void> {
        for (std::size_t i = 0; i < kRows; ++i) {
            FIELDSEAL_TRY(
                batch.put_row(store::RowSpace::people, "token/" + std::to_string(i), Bytes{1}));
        }
        return {};
    });
    ASSERT_TRUE(filled.ok());
    PeopleRows rows(*node.store, *node.sequencer);
    EXPECT_EQ(keys_of(rows.list("token/", "", 5000)).size(), kRows);
    EXPECT_EQ(keys_of(rows.list("token/", "", kRows - 1)).size(), kRows - 1);
}

}  // namespace
}  // namespace fieldseal::node
