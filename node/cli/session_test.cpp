// SPDX-License-Identifier: Apache-2.0
#include "node/cli/session.h"

#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fieldseal::node::cli {
namespace {

namespace fs = std::filesystem;

class SessionTest : public ::testing::Test {
protected:
    std::ostringstream out_;
    std::ostringstream err_;
    Output output_{out_, err_, false};
    Session session_{output_};
    const testing::TempDirectory directory_;
};

TEST_F(SessionTest, LooksForTheConfigurationInTheDataDirectory) {
    session_.options.data_dir = directory_.path();
    EXPECT_EQ(session_.config_path(), directory_ / "fieldseal.toml");
    session_.options.config_file = "/etc/other.toml";
    EXPECT_EQ(session_.config_path(), "/etc/other.toml");
}

TEST_F(SessionTest, LetsDataDirWinOverTheFile) {
    std::ofstream(directory_ / "fieldseal.toml") << "data_dir = \"/srv/elsewhere\"\n";
    session_.options.data_dir = directory_.path();
    const auto config = session_.require_config();
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->data_dir, directory_.path());
}

TEST_F(SessionTest, SaysHowToMakeANodeWhereThereIsNone) {
    session_.options.data_dir = directory_.path();
    const auto config = session_.require_config();
    ASSERT_FALSE(config.ok());
    EXPECT_NE(config.error().message.find("fieldseal --data-dir " + directory_.path() + " init"),
              std::string::npos)
        << config.error().message;
    // A verb that only needs the socket goes on with the defaults.
    EXPECT_TRUE(session_.find_config().ok());
}

TEST_F(SessionTest, DoesNotGoOnWithAConfigurationItDoesNotUnderstand) {
    std::ofstream(directory_ / "fieldseal.toml") << "data_dri = \"/srv\"\n";
    session_.options.data_dir = directory_.path();
    EXPECT_FALSE(session_.find_config().ok());
}

TEST_F(SessionTest, SaysThatNoDaemonRunsAndHowToStartOne) {
    session_.options.data_dir = directory_.path();
    const auto daemon = session_.connect();
    ASSERT_FALSE(daemon.ok());
    EXPECT_EQ(daemon.error().code, Errc::unavailable);
    EXPECT_EQ(daemon.error().message,
              "no fieldseal daemon is running on " + directory_ / "admin.sock" +
                  ": start it with `fieldseal --data-dir " + directory_.path() +
                  " serve` (or systemctl start fieldseal)");
}

TEST_F(SessionTest, WritesCommandsThatCanBePasted) {
    EXPECT_EQ(session_.command("unlock"), "fieldseal unlock");
    session_.options.data_dir = "/srv/my office";
    EXPECT_EQ(session_.command("unlock"), "fieldseal --data-dir '/srv/my office' unlock");
    session_.options.data_dir = "it's";
    EXPECT_EQ(session_.command("unlock"), "fieldseal --data-dir 'it'\\''s' unlock");
}

TEST_F(SessionTest, PutsItsOptionsIntoTheCommandsOfOthersSentences) {
    const std::string sentence = "run `fieldseal unlock s2`, or ask for `fieldseal doctor`";
    EXPECT_EQ(session_.with_options(sentence), sentence);
    session_.options.data_dir = "/srv/office";
    EXPECT_EQ(session_.with_options(sentence),
              "run `fieldseal --data-dir /srv/office unlock s2`, or ask for `fieldseal --data-dir "
              "/srv/office doctor`");
    const std::string complete = "make one with `fieldseal init --data-dir /x`";
    EXPECT_EQ(session_.with_options(complete), complete);
    EXPECT_EQ(session_.with_options("no `fieldseal "), "no `fieldseal --data-dir /srv/office ");
    // Advice for the other machine's own console.
    session_.options = {};
    session_.options.node.url = "https://office-7.example.org";
    EXPECT_EQ(session_.with_options(sentence), sentence);
}

TEST_F(SessionTest, NamesTheSealToUnlockAsTheDaemonDoes) {
    const auto next = [&](const char* message) {
        return session_.next_step({Errc::locked, message});
    };
    EXPECT_EQ(next("the seal \"s2\" is locked: run `fieldseal unlock s2`"),
              "Unlock it first: fieldseal unlock s2");
    EXPECT_EQ(next("no active seal is unlocked: run `fieldseal unlock SEAL`"),
              "Unlock it first: fieldseal unlock");
    EXPECT_EQ(next("no seal is active: run `fieldseal seal-key activate SEAL`"), "");
}

TEST_F(SessionTest, NamesTheNextStepOfALockedSeal) {
    const Failure failure = session_.failure({Errc::locked, "the seal is locked"});
    EXPECT_EQ(failure.exit, ExitCode::locked);
    EXPECT_NE(failure.next.find("fieldseal unlock"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node::cli
