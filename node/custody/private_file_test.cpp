// SPDX-License-Identifier: Apache-2.0
#include "node/custody/private_file.h"

#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

class PrivateFile : public ::testing::Test {
protected:
    std::string content() {
        const auto bytes = read_private_file(path_, 100);
        return bytes.ok() ? to_text(*bytes) : bytes.error().message;
    }

    fieldseal::testing::TempDirectory directory_;
    std::string path_ = directory_ / "secret";
};

TEST_F(PrivateFile, IsWrittenForItsOwnerOnlyAndReadBack) {
    ASSERT_TRUE(write_private_file(path_, as_bytes("first")).ok());
    ASSERT_TRUE(write_private_file(path_, as_bytes("second")).ok());
    EXPECT_EQ(content(), "second");
    struct stat status{};
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
    const auto secret = read_secret_file(path_, 100);
    ASSERT_TRUE(secret.ok());
    EXPECT_EQ(as_text(secret->view()), "second");
}

TEST_F(PrivateFile, RefusesAFileOthersMayReadAndNamesTheChmod) {
    ASSERT_TRUE(write_private_file(path_, as_bytes("x")).ok());
    for (const mode_t mode : {0640U, 0604U, 0620U, 0644U, 0610U}) {
        ASSERT_EQ(chmod(path_.c_str(), mode), 0);
        const auto bytes = read_private_file(path_, 100);
        ASSERT_FALSE(bytes.ok()) << mode;
        EXPECT_EQ(bytes.error().code, Errc::denied);
        EXPECT_THAT(bytes.error().message, HasSubstr("run chmod 0600 \"" + path_ + "\""));
    }
    ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
    EXPECT_EQ(content(), "x");
}

TEST_F(PrivateFile, RefusesASymbolicLink) {
    ASSERT_TRUE(write_private_file(directory_ / "target", as_bytes("x")).ok());
    ASSERT_EQ(symlink((directory_ / "target").c_str(), path_.c_str()), 0);
    EXPECT_THAT(content(), HasSubstr("is a symbolic link"));
}

TEST_F(PrivateFile, RefusesWhatIsNotARegularFileWithoutWaitingForIt) {
    ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
    EXPECT_THAT(content(), HasSubstr("not a regular file"));
    EXPECT_FALSE(read_private_file(directory_.path(), 100).ok());
}

TEST_F(PrivateFile, RefusesAFileThatIsTooLargeOrEmpty) {
    ASSERT_TRUE(write_private_file(path_, Bytes(101)).ok());
    EXPECT_EQ(read_private_file(path_, 100).error().code, Errc::corrupt);
    ASSERT_TRUE(write_private_file(path_, {}).ok());
    EXPECT_EQ(read_secret_file(path_, 100).error().code, Errc::corrupt);
    EXPECT_EQ(read_private_file(directory_ / "none", 100).error().code, Errc::not_found);
}

TEST_F(PrivateFile, RefusesAnotherUsersFile) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_TRUE(write_private_file(path_, as_bytes("x")).ok());
    ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
    EXPECT_THAT(content(), HasSubstr("belongs to user 65534"));
}

TEST_F(PrivateFile, ACrashBetweenWriteAndRenameLeavesTheOldFile) {
    ASSERT_TRUE(write_private_file(path_, as_bytes("old")).ok());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        const auto pending = PendingFile::write(path_, as_bytes("new"));
        _exit(pending.ok() ? 0 : 1);  // No destructor runs, as after kill -9.
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    EXPECT_EQ(content(), "old");
    EXPECT_EQ(access((directory_ / ".secret.new").c_str(), F_OK), 0);
    ASSERT_TRUE(write_private_file(path_, as_bytes("newer")).ok());
    EXPECT_EQ(content(), "newer");
    EXPECT_NE(access((directory_ / ".secret.new").c_str(), F_OK), 0);
}

TEST_F(PrivateFile, APendingFileThatIsNotCommittedLeavesNothing) {
    {
        ASSERT_TRUE(PendingFile::write(path_, as_bytes("x")).ok());
    }
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(PrivateFile, ANewFileNeverReplacesAnOldOne) {
    auto first = PendingFile::write(path_, as_bytes("first"));
    ASSERT_TRUE(first.ok());
    ASSERT_TRUE(first->commit_new().ok());
    auto second = PendingFile::write(path_, as_bytes("second"));
    ASSERT_TRUE(second.ok());
    const auto refused = second->commit_new();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::conflict);
    EXPECT_EQ(content(), "first");
}

TEST_F(PrivateFile, APlantedLinkIsReplacedNotFollowed) {
    const std::string victim = directory_ / "victim";
    std::ofstream(victim) << "untouched";
    ASSERT_EQ(symlink(victim.c_str(), path_.c_str()), 0);
    ASSERT_EQ(symlink(victim.c_str(), (directory_ / ".secret.new").c_str()), 0);
    ASSERT_TRUE(write_private_file(path_, as_bytes("mine")).ok());
    std::string text;
    std::getline(std::ifstream(victim), text);
    EXPECT_EQ(text, "untouched");
    EXPECT_EQ(content(), "mine");
}

TEST_F(PrivateFile, AFullOrMissingDirectoryIsAnErrorThatLosesNothing) {
    EXPECT_FALSE(write_private_file(directory_ / "none/secret", as_bytes("x")).ok());
    EXPECT_TRUE(remove_private_file(path_).ok());
    ASSERT_TRUE(write_private_file(path_, as_bytes("x")).ok());
    EXPECT_TRUE(remove_private_file(path_).ok());
    EXPECT_EQ(read_private_file(path_, 100).error().code, Errc::not_found);
}

TEST_F(PrivateFile, ADirectoryOthersMayEnterIsRefused) {
    const std::string keys = directory_ / "keys";
    ASSERT_TRUE(make_private_directory(keys).ok());
    EXPECT_TRUE(make_private_directory(keys).ok());
    EXPECT_TRUE(check_private_directory(keys).ok());
    ASSERT_EQ(chmod(keys.c_str(), 0750), 0);
    EXPECT_THAT(check_private_directory(keys).error().message, HasSubstr("run chmod 0700"));
    EXPECT_FALSE(make_private_directory(keys).ok());
    EXPECT_EQ(check_private_directory(directory_ / "none").error().code, Errc::not_found);
    ASSERT_TRUE(write_private_file(path_, as_bytes("x")).ok());
    EXPECT_FALSE(check_private_directory(path_).ok());
}

}  // namespace
}  // namespace fieldseal::node
