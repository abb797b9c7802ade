// SPDX-License-Identifier: Apache-2.0
#include "node/cli/document_file.h"

#include "core/encoding.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace fieldseal::node::cli {
namespace {

namespace fs = std::filesystem;

class DocumentFile : public ::testing::Test {
protected:
    std::string write(const std::string& name, std::string_view content) {
        const std::string path = directory_ / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    const testing::TempDirectory directory_;
};

TEST_F(DocumentFile, HashesAnEmptyFile) {
    const auto facts = read_document(write("empty", ""));
    ASSERT_TRUE(facts.ok()) << facts.error().message;
    EXPECT_EQ(facts->size, 0U);
    EXPECT_EQ(hex_encode(facts->digests.sha256),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(DocumentFile, HashesAcrossPiecesAndReportsProgress) {
    const std::string content(3 * 1024 * 1024 + 7, 'x');
    std::uint64_t last = 0;
    const auto facts =
        read_document(write("large", content), [&last](std::uint64_t done, std::uint64_t total) {
            EXPECT_GT(done, last);
            EXPECT_EQ(total, 3U * 1024 * 1024 + 7);
            last = done;
        });
    ASSERT_TRUE(facts.ok()) << facts.error().message;
    EXPECT_EQ(last, content.size());
    EXPECT_EQ(facts->digests.sha256, sha256(as_bytes(content)));
    EXPECT_EQ(facts->digests.sha512, sha512(as_bytes(content)));
}

TEST_F(DocumentFile, FollowsASymbolicLink) {
    fs::create_symlink(write("real", "abc"), directory_ / "link");
    EXPECT_TRUE(read_document(directory_ / "link").ok());
}

TEST_F(DocumentFile, NamesWhatIsNoDocument) {
    const auto missing = read_document(directory_ / "missing.pdf");
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_NE(missing.error().message.find("missing.pdf: there is no such file"),
              std::string::npos);

    const auto directory = read_document(directory_.path());
    ASSERT_FALSE(directory.ok());
    EXPECT_NE(directory.error().message.find("this is a directory"), std::string::npos);

    fs::create_symlink("loop", directory_ / "loop");
    EXPECT_FALSE(read_document(directory_ / "loop").ok());
}

TEST_F(DocumentFile, DoesNotWaitForAPipe) {
    const std::string path = directory_ / "pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const auto pipe = read_document(path);
    ASSERT_FALSE(pipe.ok());
    EXPECT_NE(pipe.error().message.find("not a regular file"), std::string::npos);
}

TEST_F(DocumentFile, RefusesAFileThatGrowsWhileItIsRead) {
    const std::string path = write("growing", std::string(2 * 1024 * 1024, 'x'));
    const auto facts = read_document(path, [&path](std::uint64_t, std::uint64_t) {
        std::ofstream(path, std::ios::binary | std::ios::app) << "more";
    });
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.error().code, Errc::conflict);
    EXPECT_NE(facts.error().message.find("changed while it was read"), std::string::npos);
}

TEST_F(DocumentFile, RefusesAFileThatIsReplacedWhileItIsRead) {
    const std::string path = write("replaced", std::string(1024, 'x'));
    const std::string other = write("other", std::string(1024, 'y'));
    const auto facts =
        read_document(path, [&](std::uint64_t, std::uint64_t) { fs::rename(other, path); });
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.error().code, Errc::conflict);
}

TEST_F(DocumentFile, ReadsSmallFilesUpToTheirBound) {
    const std::string path = write("key", "12345");
    EXPECT_EQ(read_small_file(path, 5).value_or(""), "12345");
    const auto large = read_small_file(path, 4);
    ASSERT_FALSE(large.ok());
    EXPECT_EQ(large.error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace fieldseal::node::cli
