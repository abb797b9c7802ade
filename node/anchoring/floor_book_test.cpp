// SPDX-License-Identifier: Apache-2.0
#include "node/anchoring/floor_book.h"

#include "core/hash.h"
#include "tests/support/in_process_node.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

constexpr std::uint64_t kTime = 1'763'900'000;

class FloorBookTest : public ::testing::Test {
protected:
    note::Cosignature cosignature(std::uint64_t time_s) {
        const auto parsed = note::parse_checkpoint_note(node_.newest_checkpoint());
        checkpoint_ = parsed->checkpoint;
        return *node_.keys.witness->cosign(node_.identity->witness_key.name, time_s, checkpoint_);
    }
    void reload() { node_.floors = *FloorBook::load(*node_.store, *node_.sequencer); }
    FloorBook& floors() { return *node_.floors; }

    fieldseal::testing::InProcessNode node_{{}};
    note::Checkpoint checkpoint_;
    const ChainFloor block_{"registry", Bytes(600, 7)};
};

TEST_F(FloorBookTest, ANewerBlockTakesTheCosignaturesPlaceAndIsKept) {
    ASSERT_TRUE(floors().offer(checkpoint_, cosignature(kTime)).ok());
    ASSERT_EQ(floors().newest()->kind, FloorKind::cosignature);
    ASSERT_TRUE(floors().offer(block_, kTime + 1).ok());
    for (int round = 0; round < 2; ++round) {
        const auto newest = floors().newest();
        ASSERT_TRUE(newest.has_value());
        EXPECT_EQ(newest->kind, FloorKind::block_header);
        EXPECT_EQ(newest->digest, sha256(block_.header));
        EXPECT_EQ(floors().newest_time_s(), static_cast<std::int64_t>(kTime + 1));
        const auto floor = FloorBook::find(*node_.store, *newest);
        ASSERT_TRUE(floor.ok()) << floor.error().message;
        EXPECT_EQ(std::get<ChainFloor>(*floor), block_);
        reload();
    }
}

TEST_F(FloorBookTest, ANewerTokenIsKeptByteForByte) {
    const TokenFloor token{Bytes(3000, 9)};
    ASSERT_TRUE(floors().offer(block_, kTime).ok());
    ASSERT_TRUE(floors().offer(token, kTime + 1).ok());
    for (int round = 0; round < 2; ++round) {
        const auto newest = floors().newest();
        ASSERT_TRUE(newest.has_value());
        EXPECT_EQ(newest->kind, FloorKind::time_stamp_token);
        EXPECT_EQ(newest->digest, sha256(token.token));
        EXPECT_EQ(floors().newest_time_s(), static_cast<std::int64_t>(kTime + 1));
        const auto floor = FloorBook::find(*node_.store, *newest);
        ASSERT_TRUE(floor.ok()) << floor.error().message;
        EXPECT_EQ(std::get<TokenFloor>(*floor), token);
        reload();
    }
    ASSERT_TRUE(floors().offer(TokenFloor{Bytes(3000, 8)}, kTime).ok());
    EXPECT_EQ(floors().newest()->digest, sha256(token.token));
}

TEST_F(FloorBookTest, AnOlderBlockChangesNothingAndANewerCosignatureWins) {
    const auto newer = cosignature(kTime + 9);
    ASSERT_TRUE(floors().offer(block_, kTime).ok());
    ASSERT_TRUE(floors().offer(checkpoint_, newer).ok());
    EXPECT_EQ(floors().newest()->digest, newer.floor_digest());
    ASSERT_TRUE(floors().offer(ChainFloor{"registry", Bytes(600, 8)}, kTime + 9).ok());
    EXPECT_EQ(floors().newest()->kind, FloorKind::cosignature);
    reload();
    EXPECT_EQ(floors().newest()->digest, newer.floor_digest());
    const auto floor = FloorBook::find(*node_.store, *floors().newest());
    ASSERT_TRUE(floor.ok());
    EXPECT_TRUE(std::holds_alternative<NoteFloor>(*floor));
}

TEST_F(FloorBookTest, AFloorThatWasNeverKeptIsSaidToBeMissing) {
    const auto floor =
        FloorBook::find(*node_.store, {FloorKind::block_header, sha256(as_bytes("other"))});
    ASSERT_FALSE(floor.ok());
    EXPECT_EQ(floor.error().code, Errc::corrupt);
}

}  // namespace
}  // namespace fieldseal::node
