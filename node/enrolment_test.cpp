// SPDX-License-Identifier: Apache-2.0
#include "node/enrolment.h"

#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <fstream>

namespace fieldseal::node {
namespace {

note::VerifierKey log_key(const std::string& origin, std::uint8_t seed) {
    note::VerifierKey key;
    key.name = origin;
    key.key.fill(seed);
    return key;
}

TEST(Enrolment, RemembersWhatWasAddedAcrossARestart) {
    const testing::TempDirectory directory;
    const std::string path = directory / "hub-logs.txt";
    {
        auto enrolment = Enrolment::load(path);
        ASSERT_TRUE(enrolment.ok());
        EXPECT_TRUE((*enrolment)->add(log_key("a/b/1", 1)).ok());
        EXPECT_TRUE((*enrolment)->add(log_key("a/c/1", 2)).ok());
        EXPECT_TRUE((*enrolment)->add(log_key("a/b/1", 1)).ok());  // again: nothing changes
    }
    const auto enrolment = Enrolment::load(path);
    ASSERT_TRUE(enrolment.ok()) << enrolment.error().message;
    EXPECT_EQ((*enrolment)->size(), 2U);
    ASSERT_EQ((*enrolment)->keys("a/c/1").size(), 1U);
    EXPECT_EQ((*enrolment)->keys("a/c/1")[0], log_key("a/c/1", 2));
    EXPECT_TRUE((*enrolment)->keys("a/d/1").empty());
}

TEST(Enrolment, RefusesAnotherKeyForAnOriginAndAWitnessKey) {
    const testing::TempDirectory directory;
    auto enrolment = Enrolment::load(directory / "hub-logs.txt");
    ASSERT_TRUE(enrolment.ok());
    ASSERT_TRUE((*enrolment)->add(log_key("a/b/1", 1)).ok());
    EXPECT_EQ((*enrolment)->add(log_key("a/b/1", 2)).error().code, Errc::conflict);
    auto witness = log_key("w", 3);
    witness.type = note::KeyType::cosignature;
    EXPECT_EQ((*enrolment)->add(witness).error().code, Errc::invalid_argument);
}

TEST(Enrolment, SkipsCommentsAndNamesTheBadLine) {
    const std::string good = note::format_vkey(log_key("a/b/1", 1));
    const auto keys = parse_enrolment("# the field offices\n\n" + good + "\n");
    ASSERT_TRUE(keys.ok());
    EXPECT_EQ(keys->size(), 1U);
    const auto bad = parse_enrolment(good + "\nnot a key\n");
    ASSERT_FALSE(bad.ok());
    EXPECT_NE(bad.error().message.find("line 2"), std::string::npos) << bad.error().message;
}

TEST(Enrolment, AddsToAFileWhoseLastLineHasNoEnd) {
    const testing::TempDirectory directory;
    const std::string path = directory / "hub-logs.txt";
    std::ofstream(path) << note::format_vkey(log_key("a/b/1", 1));
    {
        auto enrolment = Enrolment::load(path);
        ASSERT_TRUE(enrolment.ok());
        ASSERT_TRUE((*enrolment)->add(log_key("a/c/1", 2)).ok());
    }
    const auto enrolment = Enrolment::load(path);
    ASSERT_TRUE(enrolment.ok()) << enrolment.error().message;
    EXPECT_EQ((*enrolment)->size(), 2U);
}

TEST(Enrolment, RefusesWhatIsThereAndIsNoFile) {
    const testing::TempDirectory directory;
    EXPECT_FALSE(Enrolment::load(directory / "").ok());
}

TEST(Enrolment, RefusesAFileThatNamesAnOriginTwice) {
    const testing::TempDirectory directory;
    const std::string path = directory / "hub-logs.txt";
    std::ofstream(path) << note::format_vkey(log_key("a/b/1", 1)) << "\n"
                        << note::format_vkey(log_key("a/b/1", 2)) << "\n";
    EXPECT_EQ(Enrolment::load(path).error().code, Errc::conflict);
}

}  // namespace
}  // namespace fieldseal::node
