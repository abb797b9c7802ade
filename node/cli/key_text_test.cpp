// SPDX-License-Identifier: Apache-2.0
#include "node/cli/key_text.h"

#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fieldseal::node::cli {
namespace {

std::string vkey(note::KeyType type) {
    note::VerifierKey key;
    key.name = "test.example/field/1";
    key.type = type;
    key.key.fill(7);
    return note::format_vkey(key);
}

TEST(KeyText, FindsTheOneKeyAmongComments) {
    const auto line = key_line("# office 7, read out by phone\n\n  example+key \r\n");
    ASSERT_TRUE(line.ok()) << line.error().message;
    EXPECT_EQ(*line, "example+key");
}

TEST(KeyText, RefusesNoneAndSeveral) {
    EXPECT_FALSE(key_line("# nothing\n").ok());
    EXPECT_FALSE(key_line("").ok());
    EXPECT_FALSE(key_line("a\nb\n").ok());
}

TEST(KeyText, TakesAKeyOrAFile) {
    const std::string key = vkey(note::KeyType::ed25519);
    EXPECT_EQ(read_key(key).value_or(""), key);
    const testing::TempDirectory directory;
    std::ofstream(directory / "key") << key << "\n";
    EXPECT_EQ(read_key(directory / "key").value_or(""), key);
}

TEST(KeyText, SaysWhatIsWrongWithAMistypedKey) {
    std::string key = vkey(note::KeyType::ed25519);
    key.back() = key.back() == 'A' ? 'B' : 'A';
    const auto read = read_key(key);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().message.find("no such file"), std::string::npos) << read.error().message;
    const auto missing = read_key("office-7.vkey");
    ASSERT_FALSE(missing.ok());
    EXPECT_NE(missing.error().message.find("no such file"), std::string::npos);
}

TEST(KeyText, TellsALogKeyFromAWitnessKey) {
    EXPECT_TRUE(
        require_key(vkey(note::KeyType::cosignature), note::KeyType::cosignature, "--vkey").ok());
    const auto swapped =
        require_key(vkey(note::KeyType::ed25519), note::KeyType::cosignature, "--vkey");
    ASSERT_FALSE(swapped.ok());
    EXPECT_NE(swapped.error().message.find("--vkey"), std::string::npos);
    EXPECT_NE(swapped.error().message.find("--witness-vkey"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node::cli
