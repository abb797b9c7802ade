// SPDX-License-Identifier: Apache-2.0
#include "core/merkle/tile.h"

#include "core/encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace fieldseal::merkle {
namespace {

TEST(TilePath, WritesIndexesInGroupsOfThreeDigits) {
    EXPECT_EQ(path_of(TileId{0, 0, 256}), "tile/0/000");
    EXPECT_EQ(path_of(TileId{0, 5, 1}), "tile/0/005.p/1");
    EXPECT_EQ(path_of(TileId{1, 999, 256}), "tile/1/999");
    EXPECT_EQ(path_of(TileId{0, 1000, 256}), "tile/0/x001/000");
    EXPECT_EQ(path_of(TileId{0, 1234067, 17}), "tile/0/x001/x234/067.p/17");
    EXPECT_EQ(path_of(BundleId{1234067, 256}), "tile/entries/x001/x234/067");
    EXPECT_EQ(path_of(BundleId{0, 255}), "tile/entries/000.p/255");
}

TEST(TilePath, ReadsBackWhatItWrites) {
    for (const std::uint64_t index : std::initializer_list<std::uint64_t>{
             0, 1, 999, 1000, 999999, 1000000, 1234067, kTileIndexMax}) {
        for (const unsigned width : {1U, 9U, 99U, 255U, 256U}) {
            for (const unsigned level : {0U, 1U, 7U, 63U}) {
                const TileId tile{level, index, width};
                const auto parsed = parse_tile_path(path_of(tile));
                ASSERT_TRUE(parsed.ok()) << path_of(tile);
                EXPECT_EQ(*parsed, tile);
            }
            const BundleId bundle{index, width};
            ASSERT_TRUE(parse_bundle_path(path_of(bundle)).ok());
            EXPECT_EQ(*parse_bundle_path(path_of(bundle)), bundle);
        }
    }
}

TEST(TilePath, RefusesEverythingElse) {
    for (const char* path : {"",
                             "tile",
                             "tile/",
                             "tile/0",
                             "tile/0/",
                             "tile/0/0",
                             "tile/0/00",
                             "tile/0/0000",
                             "/tile/0/000",
                             "tile/0/000/",
                             "tile/0/000.p",
                             "tile/0/000.p/",
                             "tile/0/000.p/0",
                             "tile/0/000.p/256",
                             "tile/0/000.p/01",
                             "tile/0/000.p/-1",
                             "tile/0/000.p/1/",
                             "tile/0/000.p/1.p/1",
                             "tile/0/x000/000",
                             "tile/0/x000/001",
                             "tile/0/x001",
                             "tile/0/001/000",
                             "tile/0/x001/x000",
                             "tile/0/x1/000",
                             "tile/0/X001/000",
                             "tile/0/x001//000",
                             "tile/00/000",
                             "tile/64/000",
                             "tile/-1/000",
                             "tile/+1/000",
                             "tile/a/000",
                             "tile/0/0x0",
                             "tile/0/ 00",
                             "tile/0/000\n",
                             "tile/8/0/000",
                             "tile/0/../000",
                             "tile/data/000",
                             "tile/entries/000",
                             "tile/0/x036/x028/x797/x018/x963/968",
                             "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
        EXPECT_FALSE(parse_tile_path(path).ok()) << path;
    }
    for (const char* path :
         {"tile/0/000", "tile/entries", "tile/entries/", "tile/entries/0", "tile/entries/000.p/256",
          "tile/entries/x000/000", "tile/entriesx/000"}) {
        EXPECT_FALSE(parse_bundle_path(path).ok()) << path;
    }
}

TEST(TileWidth, FollowsTheExampleOfSeventyThousandLeaves) {
    const TreeSize size{70000};
    EXPECT_EQ(tile_width(0, 0, size), 256U);
    EXPECT_EQ(tile_width(0, 272, size), 256U);
    EXPECT_EQ(tile_width(0, 273, size), 112U);
    EXPECT_EQ(tile_width(0, 274, size), 0U);
    EXPECT_EQ(tile_width(1, 0, size), 256U);
    EXPECT_EQ(tile_width(1, 1, size), 17U);
    EXPECT_EQ(tile_width(2, 0, size), 1U);
    EXPECT_EQ(tile_width(2, 1, size), 0U);
    EXPECT_EQ(tile_width(3, 0, size), 0U);
}

TEST(TileWidth, IsZeroAtAndBeyondEveryEdge) {
    EXPECT_EQ(tile_width(0, 0, TreeSize{0}), 0U);
    EXPECT_EQ(tile_width(0, 1, TreeSize{256}), 0U);
    EXPECT_EQ(tile_width(1, 0, TreeSize{255}), 0U);
    EXPECT_EQ(tile_width(1, 0, TreeSize{256}), 1U);
    EXPECT_EQ(tile_width(7, 0, kTreeSizeMax), 127U);
    EXPECT_EQ(tile_width(8, 0, kTreeSizeMax), 0U);
    EXPECT_EQ(tile_width(63, 0, kTreeSizeMax), 0U);
    EXPECT_EQ(tile_width(0, UINT64_MAX, kTreeSizeMax), 0U);
    EXPECT_EQ(tile_width(0, kTileIndexMax, kTreeSizeMax), 255U);
}

TEST(TileOf, FindsTheTileOfASubtree) {
    const TreeSize size{70000};
    EXPECT_EQ(tile_of({0, 69999}, size), (TileId{0, 273, 112}));
    EXPECT_EQ(tile_of({7, 1}, size), (TileId{0, 0, 256}));
    EXPECT_EQ(tile_of({8, 272}, size), (TileId{1, 1, 17}));
    EXPECT_EQ(tile_of({16, 0}, size), (TileId{2, 0, 1}));
}

TEST(TileOfDeathTest, StopsOnASubtreeOutsideTheTree) {
    EXPECT_DEATH(tile_of({0, 5}, TreeSize{5}), "tile.width");
    EXPECT_DEATH(tile_of({3, 0}, TreeSize{7}), "tile.width");
}

TEST(TileReader, RefusesATileOfTheWrongLength) {
    for (const std::size_t bytes : {0U, 32U, 95U, 97U, 128U}) {
        const auto reader = tile_hash_reader(
            TreeSize{3}, [&](const TileId&) -> Result<Bytes> { return Bytes(bytes); });
        const auto proof = inclusion_proof(reader, LeafIndex{1}, TreeSize{3});
        ASSERT_FALSE(proof.ok()) << bytes;
        EXPECT_EQ(proof.error().code, Errc::corrupt);
    }
}

TEST(TileReader, ReadsEachTileOnceAndPassesOnErrors) {
    int reads = 0;
    const auto counting = tile_hash_reader(TreeSize{200}, [&](const TileId& tile) -> Result<Bytes> {
        ++reads;
        return Bytes(tile.width * kDigestBytes);
    });
    ASSERT_TRUE(inclusion_proof(counting, LeafIndex{100}, TreeSize{200}).ok());
    EXPECT_EQ(reads, 1);
    const auto broken = tile_hash_reader(TreeSize{2}, [](const TileId& tile) -> Result<Bytes> {
        return Error{Errc::not_found, path_of(tile)};
    });
    EXPECT_EQ(root(broken, TreeSize{2}).error().message, "tile/0/000.p/2");
}

TEST(EntryBundle, RoundTripsEntriesOfEveryLength) {
    Bytes bundle;
    append_bundle_entry(bundle, {});
    append_bundle_entry(bundle, as_bytes("a"));
    append_bundle_entry(bundle, Bytes(kEntryBytesMax, 'z'));
    const auto entries = parse_bundle(bundle, 3);
    ASSERT_TRUE(entries.ok());
    ASSERT_EQ(entries->size(), 3U);
    EXPECT_TRUE((*entries)[0].empty());
    EXPECT_EQ(as_text((*entries)[1]), "a");
    EXPECT_EQ((*entries)[2].size(), kEntryBytesMax);
}

TEST(EntryBundle, RefusesCutLongAndMiscountedBundles) {
    Bytes bundle;
    append_bundle_entry(bundle, as_bytes("one"));
    append_bundle_entry(bundle, as_bytes("two"));
    EXPECT_TRUE(parse_bundle(bundle, 2).ok());
    EXPECT_FALSE(parse_bundle(bundle, 1).ok());
    EXPECT_FALSE(parse_bundle(bundle, 3).ok());
    for (std::size_t cut = 0; cut < bundle.size(); ++cut) {
        EXPECT_FALSE(parse_bundle(ByteView(bundle).first(cut), 2).ok()) << cut;
    }
    bundle.push_back(0);
    EXPECT_FALSE(parse_bundle(bundle, 2).ok());
}

}  // namespace
}  // namespace fieldseal::merkle
