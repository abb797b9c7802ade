// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "core/hash.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

namespace fieldseal::store {
namespace {

TEST(Store, RefusesToOpenWhatWasNotCreated) {
    const testing::TempDirectory dir;
    const auto opened = Store::open(test_options(dir.path()));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::not_found);
    EXPECT_NE(opened.error().message.find("fieldseal init"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Store, RefusesToCreateTwice) {
    const testing::TempDirectory dir;
    ASSERT_TRUE(Store::create(dir.path(), test_pin_key()).ok());
    const auto again = Store::create(dir.path(), test_pin_key());
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, Errc::conflict);
}

TEST(Store, IsEmptyWhenNew) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    for (const LogId log : kLogs) {
        EXPECT_EQ(store->log(log).head(), (merkle::TreeHead{{0}, merkle::empty_root()}));
        EXPECT_FALSE(store->checkpoints(log).latest()->has_value());
    }
    EXPECT_TRUE(store->statements().list(ListQuery{})->empty());
    EXPECT_TRUE(store->notices().empty());
}

TEST(Store, KeepsWhatWasCommitted) {
    const testing::TempDirectory dir;
    {
        const auto store = create_and_open(dir.path());
        append_statements(*store, 0, 3);
        ASSERT_TRUE(store->close().ok());
    }
    const auto store = reopen(dir.path());
    EXPECT_EQ(store->log(LogId::statements).head().size.value, 3U);
    const auto expected = test_statement(1);
    const auto found = store->statements().by_entry(expected.entry);
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_EQ((*found)->index.value, 1U);
    EXPECT_EQ((*found)->cose, expected.cose);
    EXPECT_EQ((*found)->local, expected.local);
    EXPECT_EQ((*found)->received_at_s, expected.received_at_s);
}

TEST(Store, ShowsNothingOfABatchThatIsDropped) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    {
        Batch batch = store->begin();
        ASSERT_TRUE(batch.append_statement(test_statement(0)).ok());
        EXPECT_EQ(batch.head(LogId::statements).size.value, 1U);
    }
    EXPECT_EQ(store->log(LogId::statements).head().size.value, 0U);
    append_statements(*store, 0, 1);
    EXPECT_EQ(store->log(LogId::statements).head().size.value, 1U);
}

std::vector<std::string> keys_of(const Result<std::vector<SpaceRow>>& rows) {
    std::vector<std::string> keys;
    for (const SpaceRow& row : *rows) keys.push_back(row.key);
    return keys;
}

TEST(Store, KeepsTheRowsOfASpaceInTheOrderOfTheirKeys) {
    const testing::TempDirectory dir;
    {
        const auto store = create_and_open(dir.path());
        Batch batch = store->begin();
        for (const char* key : {"b/2", "a", "b/1", "b/3", "c"}) {
            ASSERT_TRUE(batch.put_row(RowSpace::people, key, as_bytes(key)).ok());
        }
        ASSERT_TRUE(batch.put_row(RowSpace::audit, "b/9", Bytes{9}).ok());
        ASSERT_TRUE(batch.erase_row(RowSpace::people, "b/2").ok());
        EXPECT_EQ(**batch.row(RowSpace::people, "a"), to_bytes(as_bytes("a")));
        EXPECT_FALSE(batch.row(RowSpace::people, "b/2")->has_value());
        EXPECT_FALSE(store->row(RowSpace::people, "a")->has_value());
        ASSERT_TRUE(store->commit(std::move(batch)).ok());
    }
    const auto store = reopen(dir.path());
    const auto keys = [&store](std::string_view prefix, std::string_view after, std::size_t limit) {
        return keys_of(store->rows(RowSpace::people, prefix, after, limit));
    };
    using Keys = std::vector<std::string>;
    EXPECT_EQ(keys("", "", 10), (Keys{"a", "b/1", "b/3", "c"}));
    EXPECT_EQ(keys("b/", "", 10), (Keys{"b/1", "b/3"}));
    EXPECT_EQ(keys("b/", "b/1", 10), Keys{"b/3"});
    EXPECT_EQ(keys("b/", "b/3", 10), Keys{});
    EXPECT_EQ(keys("b/", "a", 1), Keys{"b/1"});
    EXPECT_EQ(keys("b/", "c", 10), Keys{});
    EXPECT_EQ(keys("b/1", "b/1", 10), Keys{});
    EXPECT_EQ(**store->row(RowSpace::people, "b/1"), to_bytes(as_bytes("b/1")));
    EXPECT_EQ((*store->last_row(RowSpace::people))->key, "c");
    EXPECT_EQ((*store->last_row(RowSpace::audit))->key, "b/9");
    EXPECT_EQ(store->rows(RowSpace::people, "", "", 0).error().code, Errc::invalid_argument);
    EXPECT_EQ(store->rows(RowSpace::people, "", "", kListMax + 1).error().code,
              Errc::invalid_argument);
}

TEST(Store, RefusesARowWithoutAKeyAndOneThatIsTooLarge) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    Batch batch = store->begin();
    const std::string longest(kRowKeyBytesMax, 'k');
    EXPECT_TRUE(batch.put_row(RowSpace::people, longest, Bytes(kRowBytesMax)).ok());
    EXPECT_FALSE(batch.put_row(RowSpace::people, "", Bytes{1}).ok());
    EXPECT_FALSE(batch.put_row(RowSpace::people, longest + "k", Bytes{1}).ok());
    EXPECT_FALSE(batch.put_row(RowSpace::people, "k", Bytes(kRowBytesMax + 1)).ok());
    EXPECT_FALSE(batch.erase_row(RowSpace::people, "").ok());
    EXPECT_FALSE(store->last_row(RowSpace::people)->has_value());
}

TEST(Store, KeepsItsFilesToItsOwner) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    const std::filesystem::path data = dir.path();
    const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
    for (const char* name : {"db", "tail.pin", "lock"}) {
        const auto permissions = std::filesystem::status(data / name).permissions();
        EXPECT_EQ(permissions & others, std::filesystem::perms::none) << name;
    }
}

TEST(Store, SaysSoWhenItCannotLook) {
    // A name too long to look up: neither "there" nor "not there", whoever runs the test.
    const std::filesystem::path data = std::string(300, 'x');
    const auto opened = Store::open(test_options(data));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, Errc::io);
}

}  // namespace
}  // namespace fieldseal::store
