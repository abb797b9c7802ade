// SPDX-License-Identifier: Apache-2.0
#include "node/cli/readable.h"

#include <gtest/gtest.h>

namespace fieldseal::node::cli {
namespace {

TEST(Readable, WritesSizesInBinaryUnits) {
    EXPECT_EQ(readable_bytes(0), "0 B");
    EXPECT_EQ(readable_bytes(1023), "1023 B");
    EXPECT_EQ(readable_bytes(1024), "1.0 KiB");
    EXPECT_EQ(readable_bytes(10ULL << 30), "10.0 GiB");
    // Never "1024.0 KiB".
    EXPECT_EQ(readable_bytes((1ULL << 20) - 1), "1.0 MiB");
    EXPECT_EQ(readable_bytes(UINT64_MAX), "16.0 EiB");
}

TEST(Readable, WritesDurationsInAtMostTwoUnits) {
    EXPECT_EQ(readable_duration(0), "0 s");
    EXPECT_EQ(readable_duration(59), "59 s");
    EXPECT_EQ(readable_duration(60), "1 min");
    EXPECT_EQ(readable_duration(125), "2 min 5 s");
    EXPECT_EQ(readable_duration(3 * 3600 + 240), "3 h 4 min");
    EXPECT_EQ(readable_duration(86400), "1 day");
    EXPECT_EQ(readable_duration(42 * 86400), "42 days");
}

TEST(Readable, CountsInTheRightNumber) {
    EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
    EXPECT_EQ(counted(0, "entry", "entries"), "0 entries");
}

TEST(Readable, LeavesWordsAsTheyAreAndDisarmsTerminalEscapes) {
    EXPECT_EQ(printable("Vertrag für Zoë.pdf"), "Vertrag für Zoë.pdf");
    EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
    EXPECT_EQ(printable("line\nbreak"), "line\\x0abreak");
    EXPECT_EQ(printable("\xff.pdf"), "\\xff.pdf");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // C1 CSI
    EXPECT_EQ(printable(""), "");
}

TEST(Readable, AlignsColumnsByCharactersNotBytes) {
    const auto lines = aligned({{"für", "x"}, {"a", "y"}, {"long"}});
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], "für   x");
    EXPECT_EQ(lines[1], "a     y");
    EXPECT_EQ(lines[2], "long");
}

}  // namespace
}  // namespace fieldseal::node::cli
