// SPDX-License-Identifier: Apache-2.0
#include "node/lan/papers.h"

#include "node/custody/private_file.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace fieldseal::node::lan {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'795'000'000;
constexpr std::int64_t kDay = 24 * 3600;

class PapersTest : public ::testing::Test {
protected:
    std::string file(const std::string& name) const { return data_dir() + "/lan/" + name; }
    std::string data_dir() const { return directory_.path(); }
    std::string text(const std::string& path) const {
        std::ifstream in(path);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }
    Result<void> make() { return make_papers(data_dir(), names_, kServerDays, kNow); }
    // An organisation's pair outside the data directory, as an administrator has it.
    OrganisationFiles organisation(const std::vector<HostName>& names) {
        const auto ca = make_authority(names, kNow);
        const auto server = make_server(*ca, names, 30, kNow);
        const OrganisationFiles files{data_dir() + "/office.pem", data_dir() + "/office-key.pem"};
        EXPECT_TRUE(write_private_file(files.certificate, as_bytes(server->certificate)).ok());
        EXPECT_TRUE(write_private_file(files.private_key, server->private_key.view()).ok());
        return files;
    }

    fieldseal::testing::TempDirectory directory_;
    std::vector<HostName> names_ = {*parse_host_name("seal.office.example"),
                                    *parse_host_name("192.0.2.7")};
};

TEST_F(PapersTest, AreMadeForTheirOwnerOnly) {
    ASSERT_TRUE(make().ok());
    struct stat status{};
    ASSERT_EQ(stat((data_dir() + "/lan").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700U);
    int files = 0;
    for (const auto& entry : fs::directory_iterator(data_dir() + "/lan")) {
        ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600U) << entry.path();
        ++files;
    }
    EXPECT_EQ(files, 4);
    const auto papers = read_papers(data_dir());
    ASSERT_TRUE(papers.ok());
    EXPECT_FALSE(papers->organisations());
    EXPECT_EQ(papers->server.names, names_);
    EXPECT_EQ(papers->authority_pem, text(file("ca.pem")));
    EXPECT_TRUE(check_pair(text(file("server.pem")), as_bytes(text(file("server-key.pem")))).ok());
}

TEST_F(PapersTest, AreNeverReplacedByASecondInit) {
    ASSERT_TRUE(make().ok());
    const std::string before = text(file("ca.pem"));
    const auto again = make();
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, Errc::conflict);
    EXPECT_THAT(again.error().message, HasSubstr("lan renew"));
    EXPECT_EQ(adopt_papers(data_dir(), names_, organisation(names_), kNow).error().code,
              Errc::conflict);
    EXPECT_EQ(text(file("ca.pem")), before);
}

TEST_F(PapersTest, AreMadeAgainAfterACrashOnTheWay) {
    ASSERT_TRUE(make().ok());
    ASSERT_TRUE(fs::remove(file("server.pem")));  // what is written last
    EXPECT_EQ(read_papers(data_dir()).error().code, Errc::not_found);
    ASSERT_TRUE(make().ok());
    EXPECT_TRUE(check_pair(text(file("server.pem")), as_bytes(text(file("server-key.pem")))).ok());
}

TEST_F(PapersTest, KeepTheCaAndTheNamesWhenRenewed) {
    ASSERT_TRUE(make().ok());
    const std::string ca = text(file("ca.pem"));
    const std::string server = text(file("server.pem"));
    ASSERT_TRUE(renew_papers(data_dir(), 20, kNow + 5 * kDay).ok());
    EXPECT_EQ(text(file("ca.pem")), ca);
    EXPECT_NE(text(file("server.pem")), server);
    EXPECT_TRUE(check_pair(text(file("server.pem")), as_bytes(text(file("server-key.pem")))).ok());
    const auto papers = read_papers(data_dir());
    ASSERT_TRUE(papers.ok());
    EXPECT_EQ(papers->server.names, names_);
    EXPECT_EQ(papers->server.not_after_s, kNow + 25 * kDay);
}

TEST_F(PapersTest, RenewNothingWithoutAnything) {
    const auto renewed = renew_papers(data_dir(), 20, kNow);
    ASSERT_FALSE(renewed.ok());
    EXPECT_EQ(renewed.error().code, Errc::not_found);
    EXPECT_THAT(renewed.error().message, HasSubstr("lan init"));
}

TEST_F(PapersTest, DoNotRenewWithACaKeyOthersMayRead) {
    ASSERT_TRUE(make().ok());
    ASSERT_EQ(chmod(file("ca-key.pem").c_str(), 0640), 0);
    EXPECT_EQ(renew_papers(data_dir(), 20, kNow).error().code, Errc::denied);
}

TEST_F(PapersTest, LinkToAnOrganisationsFiles) {
    const OrganisationFiles files = organisation(names_);
    ASSERT_TRUE(adopt_papers(data_dir(), names_, files, kNow).ok());
    EXPECT_EQ(fs::read_symlink(file("server.pem")), files.certificate);
    EXPECT_EQ(fs::read_symlink(file("server-key.pem")), files.private_key);
    const auto papers = read_papers(data_dir());
    ASSERT_TRUE(papers.ok());
    EXPECT_TRUE(papers->organisations());
    EXPECT_EQ(renew_papers(data_dir(), 20, kNow).error().code, Errc::conflict);
}

TEST_F(PapersTest, RefuseAnOrganisationsFilesThatDoNotFit) {
    const OrganisationFiles files = organisation(names_);
    const auto other = adopt_papers(data_dir(), {*parse_host_name("other.example")}, files, kNow);
    EXPECT_EQ(other.error().code, Errc::conflict);
    EXPECT_THAT(other.error().message, HasSubstr("other.example"));
    EXPECT_EQ(adopt_papers(data_dir(), names_, files, kNow + 31 * kDay).error().code,
              Errc::conflict);
    const OrganisationFiles swapped{files.private_key, files.certificate};
    EXPECT_EQ(adopt_papers(data_dir(), names_, swapped, kNow).error().code, Errc::corrupt);
    const OrganisationFiles missing{data_dir() + "/none.pem", files.private_key};
    EXPECT_EQ(adopt_papers(data_dir(), names_, missing, kNow).error().code, Errc::not_found);
    EXPECT_FALSE(fs::exists(file("server.pem")));
}

}  // namespace
}  // namespace fieldseal::node::lan
