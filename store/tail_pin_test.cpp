// SPDX-License-Identifier: Apache-2.0
#include "store/tail_pin.h"

#include "core/merkle/frontier.h"
#include "store/file.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_store.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <string>

namespace fieldseal::store {
namespace {

constexpr std::size_t kSlotBytes = 4096;

PinValue value_of(std::uint64_t size) {
    PinValue value;
    value.logs[0] = {{{size}, test_statement(size).entry}, {size / 2}};
    value.logs[1] = {{{size + 1}, test_statement(size + 1).entry}, {}};
    return value;
}

class TailPin : public ::testing::Test {
protected:
    Result<PinState> read() const { return read_pin(file_, test_pin_key()); }
    void write(std::uint64_t size, std::uint64_t generation) {
        ASSERT_TRUE(write_pin(file_, test_pin_key(), value_of(size), generation).ok());
    }
    Bytes bytes() const { return *read_file(file_, 2 * kSlotBytes); }
    void put(std::uint64_t offset, ByteView bytes) {
        auto file = File::open(file_, O_WRONLY);
        ASSERT_TRUE(file.ok() && file->write_at(offset, bytes).ok());
    }

    testing::TempDirectory dir_;
    std::filesystem::path file_ = std::filesystem::path(dir_.path()) / "tail.pin";
};

TEST_F(TailPin, ReadsTheNewerOfTwoSlots) {
    write(10, 1);
    const Bytes older = bytes();
    write(20, 3);
    put(0, ByteView(older).first(kSlotBytes));  // slot 0 is generation 2 again, slot 1 generation 3
    const auto state = read();
    ASSERT_TRUE(state.ok()) << state.error().message;
    EXPECT_EQ(state->value, value_of(20));
    EXPECT_EQ(state->generation, 3U);
    EXPECT_TRUE(state->notices.empty());
}

TEST_F(TailPin, NamesAMissingPinAndWhatToDo) {
    const auto state = read();
    ASSERT_FALSE(state.ok());
    EXPECT_EQ(state.error().code, Errc::not_found);
    EXPECT_NE(state.error().message.find("doctor --accept-rollback"), std::string::npos);
}

TEST_F(TailPin, SurvivesOneTornSlotAndSaysSo) {
    write(10, 1);
    for (const std::size_t slot : {0U, 1U}) {
        const Bytes whole = bytes();
        put(slot * kSlotBytes + 100, Bytes(200, 0xee));
        const auto state = read();
        ASSERT_TRUE(state.ok());
        EXPECT_EQ(state->value, value_of(10));
        ASSERT_EQ(state->notices.size(), 1U);
        EXPECT_NE(state->notices[0].find("slot " + std::to_string(slot)), std::string::npos);
        put(0, whole);
    }
}

TEST_F(TailPin, NoticesEveryFlippedBitOfASlot) {
    write(10, 1);
    const Bytes whole = bytes();
    for (std::size_t i = 0; i < kSlotBytes; ++i) {
        // All eight bits where something is stored, one bit in each byte of the zeros behind.
        for (int bit = 0; bit < (i < 160 ? 8 : 1); ++bit) {
            const auto flipped = static_cast<std::uint8_t>(whole[i] ^ (1 << bit));
            put(i, ByteView(&flipped, 1));
            const auto state = read();
            ASSERT_TRUE(state.ok() && state->notices.size() == 1) << "byte " << i << " bit " << bit;
        }
        put(i, ByteView(whole).subspan(i, 1));
    }
}

TEST_F(TailPin, RefusesWhenNeitherSlotVerifies) {
    write(10, 1);
    for (const std::size_t slot : {0U, 1U}) put(slot * kSlotBytes + 20, Bytes(1, 0xee));
    const auto state = read();
    ASSERT_FALSE(state.ok());
    EXPECT_EQ(state.error().code, Errc::corrupt);
    EXPECT_NE(state.error().message.find("tail.pin"), std::string::npos);
}

TEST_F(TailPin, RefusesAnotherKey) {
    write(10, 1);
    PinKey other = test_pin_key();
    other[0] ^= 1;
    EXPECT_EQ(read_pin(file_, other).error().code, Errc::corrupt);
}

TEST_F(TailPin, RefusesASlotCopiedOverTheOther) {
    write(10, 1);
    const Bytes whole = bytes();
    put(0, ByteView(whole).subspan(kSlotBytes, kSlotBytes));
    const auto state = read();
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(state->notices.size(), 1U);
}

TEST_F(TailPin, RefusesAFileCutShortAndOneMadeLonger) {
    write(10, 1);
    std::filesystem::resize_file(file_, 0);
    EXPECT_EQ(read().error().code, Errc::corrupt);
    write(10, 1);
    std::filesystem::resize_file(file_, kSlotBytes);
    EXPECT_EQ(read()->notices.size(), 1U);
    write(10, 1);
    std::filesystem::resize_file(file_, 2 * kSlotBytes + 1);
    EXPECT_EQ(read().error().code, Errc::corrupt);
}

TEST_F(TailPin, WriterKeepsTheLatestValueAndAlternatesSlots) {
    write(0, 1);
    auto writer = PinWriter::start(file_, test_pin_key(), 2);
    ASSERT_TRUE(writer.ok());
    for (std::uint64_t size = 1; size <= 50; ++size) (*writer)->publish(value_of(size));
    ASSERT_TRUE((*writer)->drain().ok());
    const auto state = read();
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(state->value, value_of(50));
    EXPECT_GT(state->generation, 2U);
    EXPECT_LE(state->generation, 52U);
    EXPECT_TRUE(state->notices.empty());
    (*writer)->publish(value_of(51));
    writer->reset();  // ends after the last value
    EXPECT_EQ(read()->value, value_of(51));
}

TEST_F(TailPin, WriterReportsAFailedWriteAndWritesNoMore) {
    // Linux: every write to /dev/full fails with ENOSPC.
    auto writer = PinWriter::start("/dev/full", test_pin_key(), 0);
    ASSERT_TRUE(writer.ok());
    EXPECT_TRUE((*writer)->health().ok());
    (*writer)->publish(value_of(1));
    EXPECT_EQ((*writer)->drain().error().code, Errc::storage_full);
    (*writer)->publish(value_of(2));
    EXPECT_FALSE((*writer)->drain().ok());
    EXPECT_FALSE((*writer)->health().ok());
}

}  // namespace
}  // namespace fieldseal::store
