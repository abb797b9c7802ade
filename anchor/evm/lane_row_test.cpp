// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/lane.h"
#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

Lane example() {
    Lane lane;
    lane.chain_id = 1337;
    lane.account.fill(0xAC);
    lane.stage = LaneStage::mined;
    lane.size = 9;
    lane.digest.fill(0xD1);
    lane.note = "note\n";
    lane.attempts = {{7, 2, 1, Digest{0x11}, {0x02, 0xC0}}, {7, 3, 2, Digest{0x22}, {0x02, 0xC1}}};
    lane.attempt_head = 40;
    lane.block = {1, 41, Digest{0x33}};
    lane.taken_head = 40;
    lane.final_looks = 2;
    lane.unknown_errors = 3;
    lane.is_used = true;
    lane.settled_count = 7;
    lane.settled_block = 30;
    lane.alarm = "look";
    lane.late_looks = 4;
    lane.sealed_header = {0xC1, 0x80};
    lane.is_sealed_gone = true;
    return lane;
}

TEST(LaneRow, ReadsWhatItWrote) {
    Lane planned;
    planned.size = 3;
    planned.note = "note\n";
    for (const Lane& lane : {Lane{}, planned, example()}) {
        const auto read = decode_lane(encode_lane(lane));
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(*read, lane);
    }
}

TEST(LaneRow, ReadsTheExampleOfTheFormatPage) {
    Lane lane = example();
    lane.attempts.pop_back();
    lane.block.attempt = 0;
    const Bytes row = *hex_decode(
        "020000000000000539acacacacacacacacacacacacacacacacacacacac03"
        "0000000000000009d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"
        "000000056e6f74650a01"
        "000000000000000700000000000000020000000000000001"
        "1100000000000000000000000000000000000000000000000000000000000000"
        "0000000202c0"
        "0000000000000028000000000000000000000029"
        "3300000000000000000000000000000000000000000000000000000000000000"
        "000000000000002800000002000000030100000000000000070000"
        "00000000001e000000046c6f6f6b"
        "0000000400000002c18001");
    const auto read = decode_lane(row);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, lane);
    EXPECT_EQ(hex_encode(encode_lane(lane)), hex_encode(row));

    Bytes first(row.begin(), row.end() - 11);
    first[0] = 1;
    lane.late_looks = 0;
    lane.sealed_header.clear();
    lane.is_sealed_gone = false;
    const auto old = decode_lane(first);
    ASSERT_TRUE(old.ok()) << old.error().message;
    EXPECT_EQ(*old, lane);
}

TEST(LaneRow, RefusesEachTruncationAndExtension) {
    const Bytes row = encode_lane(example());
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto read = decode_lane(ByteView(row).first(size));
        ASSERT_FALSE(read.ok()) << size;
        EXPECT_EQ(read.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_lane(longer).ok());
}

TEST(LaneRow, RefusesAnotherVersionAndStagesThatDoNotExist) {
    Bytes row = encode_lane(example());
    row[0] = kLaneVersion + 1;
    EXPECT_FALSE(decode_lane(row).ok());
    row[0] = 0;
    EXPECT_FALSE(decode_lane(row).ok());
    row = encode_lane(example());
    row[1 + 8 + 20] = kLaneStageCount;
    EXPECT_FALSE(decode_lane(row).ok());
}

// Each of these is well-formed field by field, and nothing could go on from it.
TEST(LaneRow, RefusesWhatContradictsItself) {
    const auto refuses = [](const auto& change) {
        Lane lane = example();
        change(lane);
        return !decode_lane(encode_lane(lane)).ok();
    };
    EXPECT_FALSE(refuses([](Lane&) {}));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.block.attempt = 2; }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.attempts.clear(); }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.stage = LaneStage::empty; }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.stage = LaneStage::sent; })) << "sent with a block";
    EXPECT_TRUE(refuses([](Lane& lane) { lane.size = 0; }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.note.clear(); }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.late_looks = kLaneLateLooks + 1; }));
    EXPECT_TRUE(refuses([](Lane& lane) { lane.sealed_header.clear(); })) << "gone, and none";
}

TEST(LaneRow, KeepsItsLimits) {
    Lane lane = example();
    lane.attempts.resize(kLaneAttemptsMax, lane.attempts.front());
    lane.attempts.front().raw = Bytes(kLaneRawBytesMax, 0x02);
    lane.note = std::string(kLaneNoteBytesMax, 'n');
    lane.alarm = std::string(kLaneAlarmBytesMax, 'a');
    EXPECT_EQ(*decode_lane(encode_lane(lane)), lane);
    lane.alarm += "more";
    EXPECT_EQ(decode_lane(encode_lane(lane))->alarm.size(), kLaneAlarmBytesMax);
}

}  // namespace
}  // namespace fieldseal::anchor
