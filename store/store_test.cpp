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
