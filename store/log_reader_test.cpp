// SPDX-License-Identifier: Apache-2.0
#include "store/log_reader.h"

#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <random>

namespace fieldseal::store {
namespace {

using merkle::LeafIndex;
using merkle::TreeSize;

constexpr LogId kLog = LogId::checkpoints;

// Entry `index` of the test log.
Digest entry_of(std::uint64_t index) {
    Digest entry{};
    for (std::size_t i = 0; i < 8; ++i) entry[i] = static_cast<std::uint8_t>(index >> (8 * i));
    return entry;
}

// Grows the log to `size` in one commit per `group` entries.
void grow(Store& store, std::uint64_t size, std::uint64_t group) {
    std::uint64_t next = store.log(kLog).head().size.value;
    while (next < size) {
        Batch batch = store.begin();
        const std::uint64_t end = std::min(size, next + group);
        for (; next < end; ++next) {
            const auto index = batch.append_checkpoint_digest(entry_of(next));
            ASSERT_TRUE(index.ok()) << index.error().message;
            ASSERT_EQ(index->value, next);
        }
        const auto committed = store.commit(std::move(batch));
        ASSERT_TRUE(committed.ok()) << committed.error().message;
    }
}

std::vector<Digest> leaves(std::uint64_t size) {
    std::vector<Digest> hashes;
    for (std::uint64_t i = 0; i < size; ++i) hashes.push_back(merkle::leaf_hash(entry_of(i)));
    return hashes;
}

void expect_tiles(const LogReader& reader, const std::vector<Digest>& level0) {
    std::vector<Digest> level = level0;
    for (unsigned l = 0; !level.empty(); ++l) {
        std::vector<Digest> above;
        for (std::size_t first = 0; first < level.size(); first += merkle::kTileWidth) {
            const std::size_t width =
                std::min<std::size_t>(merkle::kTileWidth, level.size() - first);
            const merkle::TileId tile{l, first / merkle::kTileWidth, static_cast<unsigned>(width)};
            const auto bytes = reader.read_tile(tile);
            ASSERT_TRUE(bytes.ok()) << bytes.error().message;
            Bytes expected;
            for (std::size_t i = 0; i < width; ++i) append(expected, level[first + i]);
            ASSERT_EQ(*bytes, expected) << merkle::path_of(tile);
            if (width == merkle::kTileWidth) {
                above.push_back(merkle::root_of(std::span(level).subspan(first, width)));
            }
        }
        level = std::move(above);
    }
}

void expect_log(const Store& store, std::uint64_t size) {
    const LogReader reader = store.log(kLog);
    const auto hashes = leaves(size);
    ASSERT_EQ(reader.head(), (merkle::TreeHead{{size}, merkle::root_of(hashes)}));
    expect_tiles(reader, hashes);
}

TEST(LogReader, HasTheRecomputedRootAndTilesAroundEveryTileEdgeAndAfterReopening) {
    const testing::TempDirectory dir;
    auto store = create_and_open(dir.path());
    for (const std::uint64_t size :
         {1U, 2U, 255U, 256U, 257U, 511U, 512U, 513U, 65535U, 65536U, 65537U}) {
        ASSERT_NO_FATAL_FAILURE(grow(*store, size, 4096));
        ASSERT_NO_FATAL_FAILURE(expect_log(*store, size));
        store.reset();
        store = reopen(dir.path());
        ASSERT_NE(store, nullptr);
        ASSERT_NO_FATAL_FAILURE(expect_log(*store, size));
    }
}

TEST(LogReader, DoesNotDependOnHowEntriesWereGrouped) {
    std::mt19937_64 random(20261123);  // fixed: a failure is the same failure again
    const testing::TempDirectory dir;
    auto store = create_and_open(dir.path());
    std::uint64_t size = 0;
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t group = 1 + random() % 300;
        size += group;
        ASSERT_NO_FATAL_FAILURE(grow(*store, size, group));
        if (i % 10 != 9) continue;
        ASSERT_NO_FATAL_FAILURE(expect_log(*store, size));
        store.reset();
        store = reopen(dir.path());
        ASSERT_NE(store, nullptr);
    }
    ASSERT_NO_FATAL_FAILURE(expect_log(*store, size));
}

TEST(LogReader, ProvesEveryEntryAndEveryOlderSizeAcrossATileEdge) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    ASSERT_NO_FATAL_FAILURE(grow(*store, 300, 300));
    const LogReader reader = store->log(kLog);
    const auto hashes = leaves(300);
    for (const std::uint64_t size : {1U, 7U, 255U, 256U, 257U, 300U}) {
        const merkle::TreeHead head{{size}, *reader.root_at({size})};
        EXPECT_EQ(head.root, merkle::root_of(std::span(hashes).first(size)));
        for (std::uint64_t index = 0; index < size; index += 3) {
            const auto proof = reader.inclusion_proof({index}, {size});
            ASSERT_TRUE(proof.ok());
            EXPECT_TRUE(merkle::verify_inclusion({index}, head, hashes[index], *proof).ok());
        }
        for (std::uint64_t older = 1; older <= size; older += 5) {
            const auto proof = reader.consistency_proof({older}, {size});
            ASSERT_TRUE(proof.ok());
            const merkle::TreeHead before{{older}, *reader.root_at({older})};
            EXPECT_TRUE(merkle::verify_consistency(before, head, *proof).ok());
        }
    }
}

TEST(LogReader, KeepsItsHeadWhileTheLogGrows) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    ASSERT_NO_FATAL_FAILURE(grow(*store, 200, 200));
    const LogReader before = store->log(kLog);
    ASSERT_NO_FATAL_FAILURE(grow(*store, 700, 250));
    EXPECT_EQ(before.head().size.value, 200U);
    EXPECT_TRUE(before.read_tile({0, 0, 200}).ok());
    EXPECT_FALSE(before.read_tile({0, 0, 201}).ok());
    EXPECT_EQ(*store->log(kLog).read_tile({0, 0, 200}), *before.read_tile({0, 0, 200}));
    EXPECT_FALSE(before.find(entry_of(200))->has_value());
    EXPECT_TRUE(before.find(entry_of(199))->has_value());
    EXPECT_EQ(before.root_at({201}).error().code, Errc::invalid_argument);
}

TEST(LogReader, ServesAnOlderPartialTileOnEveryLevel) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    ASSERT_NO_FATAL_FAILURE(grow(*store, 1000, 1000));
    const LogReader reader = store->log(kLog);
    const Bytes whole = *reader.read_tile({1, 0, 3});
    EXPECT_EQ(*reader.read_tile({1, 0, 2}), Bytes(whole.begin(), whole.begin() + 64));
    EXPECT_EQ(reader.read_tile({1, 0, 4}).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.read_tile({1, 1, 1}).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.read_tile({2, 0, 1}).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.read_tile({0, 0, 0}).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.read_tile({9, 0, 1}).error().code, Errc::invalid_argument);
}

TEST(LogReader, ReadsEntriesUpToTheHeadAndNoFurther) {
    const testing::TempDirectory dir;
    const auto store = create_and_open(dir.path());
    ASSERT_NO_FATAL_FAILURE(grow(*store, 5000, 5000));
    const LogReader reader = store->log(kLog);
    const auto entries = reader.entries({4990}, 10);
    ASSERT_TRUE(entries.ok());
    for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ((*entries)[i], entry_of(4990 + i));
    EXPECT_TRUE(reader.entries({5000}, 0)->empty());
    EXPECT_EQ(reader.entries({4990}, 11).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.entries({5001}, 0).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.entries({0}, kEntriesPerReadMax + 1).error().code, Errc::invalid_argument);
    EXPECT_EQ(reader.entries({UINT64_MAX}, 2).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace fieldseal::store
