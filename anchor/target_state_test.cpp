// SPDX-License-Identifier: Apache-2.0
#include "anchor/schedule.h"
#include "core/encoding.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

TargetState sample() {
    TargetState state;
    state.phase = Phase::disagrees_without_proof;
    state.in_flight = InFlight::submit;
    state.reconciling = true;
    state.wanted_size = 9;
    state.in_flight_size = 8;
    state.anchored_size = 7;
    state.target_size = UINT64_MAX;
    state.attempts = 6;
    state.next_attempt_ms = -5;
    state.since_ms = 4;
    state.anchored_ms = 3;
    state.target_time_s = 11;
    state.completion_size = 2;
    state.completion_attempts = 1;
    state.completion_next_ms = INT64_MAX;
    state.last_error = "says \xE2\x80\xA6";
    state.alarm_note = std::string(kMaxAlarmNoteBytes, 'n');
    return state;
}

TEST(TargetStateRow, ReadsWhatItWrote) {
    for (const TargetState& state : {TargetState{}, sample()}) {
        const auto read = decode_target_state(encode_target_state(state));
        ASSERT_TRUE(read.ok()) << read.error().message;
        EXPECT_EQ(*read, state);
    }
}

TEST(TargetStateRow, ReadsTheExampleOfTheFormatPage) {
    const auto row = hex_decode(
        "01010000000000000000000900000000000000000000000000000005000000000000000500000002"
        "000001a1ee566da0000001a1ee565e00000001a1ee5636f0000000006afd86b6000000000000000500000000"
        "000001a1ee56ac200000000d6e6f20636f6e6e656374696f6e00000000");
    const auto state = decode_target_state(*row);
    ASSERT_TRUE(state.ok()) << state.error().message;
    EXPECT_EQ(state->phase, Phase::waiting);
    EXPECT_EQ(state->wanted_size, 9U);
    EXPECT_EQ(state->anchored_size, 5U);
    EXPECT_EQ(state->target_size, 5U);
    EXPECT_EQ(state->attempts, 2U);
    EXPECT_EQ(state->next_attempt_ms, 1'795'000'004'000);
    EXPECT_EQ(state->since_ms, 1'795'000'000'000);
    EXPECT_EQ(state->anchored_ms, 1'794'999'990'000);
    EXPECT_EQ(state->target_time_s, 1'794'999'990);
    EXPECT_EQ(state->completion_size, 5U);
    EXPECT_EQ(state->completion_next_ms, 1'795'000'020'000);
    EXPECT_EQ(state->last_error, "no connection");
    EXPECT_EQ(encode_target_state(*state), *row);
}

TEST(TargetStateRow, RefusesEachTruncationAndExtension) {
    TargetState state = sample();
    state.alarm_note = "note";
    const Bytes row = encode_target_state(state);
    for (std::size_t size = 0; size < row.size(); ++size) {
        const auto read = decode_target_state(ByteView(row).first(size));
        ASSERT_FALSE(read.ok()) << size;
        EXPECT_EQ(read.error().code, Errc::corrupt);
    }
    Bytes longer = row;
    longer.push_back(0);
    EXPECT_FALSE(decode_target_state(longer).ok());
}

TEST(TargetStateRow, RefusesValuesOutOfRange) {
    const Bytes row = encode_target_state(sample());
    const struct {
        std::size_t at;
        std::uint8_t value;
    } cases[] = {{0, 0}, {0, 2}, {1, kPhaseCount}, {2, kInFlightCount}, {3, 2}};
    for (const auto& c : cases) {
        Bytes bad = row;
        bad[c.at] = c.value;
        EXPECT_FALSE(decode_target_state(bad).ok()) << c.at;
    }
    TargetState state = sample();
    state.last_error = std::string(kMaxErrorTextBytes + 1, 'x');
    EXPECT_FALSE(decode_target_state(encode_target_state(state)).ok());
}

TEST(TargetStateRow, NamesEachPhaseAsTheDocumentsDo) {
    EXPECT_EQ(to_string(Phase::idle), "idle");
    EXPECT_EQ(to_string(Phase::waiting), "waiting");
    EXPECT_EQ(to_string(Phase::sending), "sending");
    EXPECT_EQ(to_string(Phase::anchored), "anchored");
    EXPECT_EQ(to_string(Phase::refused), "refused");
    EXPECT_EQ(to_string(Phase::disagrees_without_proof), "disagrees-without-proof");
    EXPECT_EQ(to_string(Phase::stopped_by_proof), "stopped-by-proof");
    EXPECT_EQ(to_string(Phase::misbehaving), "misbehaving");
    EXPECT_EQ(to_string(Phase::confirming), "confirming");
}

}  // namespace
}  // namespace fieldseal::anchor
