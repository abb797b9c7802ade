// SPDX-License-Identifier: Apache-2.0
#include "node/custody/passphrase.h"

#include "node/custody/private_file.h"
#include "tests/support/temp_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace fieldseal::node {
namespace {

using ::testing::HasSubstr;

std::string text_of(const Result<Passphrase>& passphrase) {
    return passphrase.ok() ? to_text(passphrase->bytes.view()) : passphrase.error().message;
}

class PassphraseSources : public ::testing::Test {
protected:
    // A pipe that holds `text` and is at its end.
    static int pipe_with(std::string_view text) {
        int ends[2];
        EXPECT_EQ(pipe(ends), 0);
        EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
        close(ends[1]);
        return ends[0];
    }
    std::string from_pipe(std::string_view text) {
        PassphraseRequest request = request_;
        request.descriptor = pipe_with(text);
        const std::string got = text_of(obtain_passphrase(request));
        close(*request.descriptor);
        return got;
    }

    fieldseal::testing::TempDirectory directory_;
    PassphraseRequest request_{.terminal = ""};
};

TEST_F(PassphraseSources, ADescriptorIsReadToItsEndWithoutItsLineEnding) {
    EXPECT_EQ(from_pipe("correct horse\n"), "correct horse");
    EXPECT_EQ(from_pipe("correct horse\r\n"), "correct horse");
    EXPECT_EQ(from_pipe("correct horse"), "correct horse");
    EXPECT_EQ(from_pipe("correct horse\n\n"), "correct horse\n");
    EXPECT_EQ(from_pipe(" correct horse "), " correct horse ");
}

TEST_F(PassphraseSources, BoundsAreEightAnd1024Bytes) {
    EXPECT_EQ(from_pipe("12345678\n"), "12345678");
    EXPECT_THAT(from_pipe("1234567\n"), HasSubstr("at least 8"));
    EXPECT_THAT(from_pipe("1234567\r\n"), HasSubstr("at least 8"));
    EXPECT_THAT(from_pipe(""), HasSubstr("at least 8"));
    EXPECT_THAT(from_pipe("\n"), HasSubstr("at least 8"));
    EXPECT_EQ(from_pipe(std::string(1024, 'x') + "\n").size(), 1024U);
    EXPECT_EQ(from_pipe(std::string(1024, 'x') + "\r\n").size(), 1024U);
    EXPECT_THAT(from_pipe(std::string(1025, 'x')), HasSubstr("at most 1024"));
    EXPECT_THAT(from_pipe(std::string(60000, 'x')), HasSubstr("at most 1024"));
    EXPECT_THAT(from_pipe(std::string_view("1234\0"
                                           "5678",
                                           9)),
                HasSubstr("NUL"));
}

TEST_F(PassphraseSources, AFileMustBeOursAlone) {
    request_.file = directory_ / "passphrase";
    EXPECT_EQ(obtain_passphrase(request_).error().code, Errc::not_found);
    ASSERT_TRUE(write_private_file(*request_.file, as_bytes("correct horse\n")).ok());
    const auto read = obtain_passphrase(request_);
    EXPECT_EQ(text_of(read), "correct horse");
    EXPECT_EQ(read->warning, "");
    ASSERT_EQ(chmod(request_.file->c_str(), 0644), 0);
    EXPECT_THAT(text_of(obtain_passphrase(request_)), HasSubstr("chmod 0600"));
}

TEST_F(PassphraseSources, ACredentialOfSystemdComesBeforeAStoredFileWhichWarns) {
    request_.credentials_directory = directory_.path();
    request_.credential_name = "seal";
    request_.stored_file = directory_ / "stored";
    ASSERT_TRUE(write_private_file(request_.stored_file, as_bytes("stored horse")).ok());
    const auto stored = obtain_passphrase(request_);
    EXPECT_EQ(text_of(stored), "stored horse");
    EXPECT_THAT(stored->warning, HasSubstr("whoever reads this disk"));
    std::ofstream(directory_ / "seal") << "credential horse\n";
    const auto credential = obtain_passphrase(request_);
    EXPECT_EQ(text_of(credential), "credential horse");
    EXPECT_EQ(credential->warning, "");
}

TEST_F(PassphraseSources, WithoutAnySourceItSaysWhichThereAre) {
    request_.credentials_directory = directory_.path();
    request_.credential_name = "none";
    request_.stored_file = directory_ / "none";
    const auto none = obtain_passphrase(request_);
    ASSERT_FALSE(none.ok());
    EXPECT_EQ(none.error().code, Errc::invalid_argument);
    EXPECT_THAT(none.error().message, HasSubstr("--passphrase-file"));
    EXPECT_THAT(none.error().message, HasSubstr("LoadCredentialEncrypted"));
    request_.credential_name = "";
    request_.file_option = "--password-file";
    const auto other = obtain_passphrase(request_);
    ASSERT_FALSE(other.ok());
    EXPECT_THAT(other.error().message, HasSubstr("--password-file"));
    EXPECT_THAT(other.error().message, Not(HasSubstr("LoadCredential")));
}

TEST_F(PassphraseSources, AnExplicitSourceWinsOverTheTerminal) {
    request_.terminal = "/dev/tty";
    request_.descriptor = pipe_with("correct horse");
    EXPECT_EQ(text_of(obtain_passphrase(request_)), "correct horse");
    close(*request_.descriptor);
}

// A person at a pseudo-terminal: waits until the echo is off, then types.
class Terminal : public ::testing::Test {
protected:
    void SetUp() override {
        master_ = posix_openpt(O_RDWR | O_NOCTTY);
        ASSERT_GE(master_, 0);
        ASSERT_EQ(grantpt(master_), 0);
        ASSERT_EQ(unlockpt(master_), 0);
        char name[128];
        ASSERT_EQ(ptsname_r(master_, name, sizeof name), 0);
        request_.terminal = name;
        slave_ = open(name, O_RDWR | O_NOCTTY);
        ASSERT_GE(slave_, 0);
    }
    void TearDown() override {
        close(slave_);
        close(master_);
    }

    bool echo() const {
        termios state{};
        tcgetattr(slave_, &state);
        return (state.c_lflag & ECHO) != 0;
    }
    void read_until(std::string_view text) {
        while (shown_.find(text, seen_) == std::string::npos) {
            char buffer[256];
            const ssize_t got = read(master_, buffer, sizeof buffer);
            ASSERT_GT(got, 0);
            shown_.append(buffer, static_cast<std::size_t>(got));
        }
        seen_ = shown_.find(text, seen_) + text.size();
    }
    // Types each line once its prompt is shown, which is after the echo went off.
    std::string answer(const std::vector<std::string>& prompts,
                       const std::vector<std::string>& lines) {
        std::jthread person([&] {
            for (std::size_t i = 0; i < lines.size(); ++i) {
                read_until(prompts[i]);
                EXPECT_FALSE(echo());
                EXPECT_EQ(write(master_, lines[i].data(), lines[i].size()),
                          static_cast<ssize_t>(lines[i].size()));
            }
        });
        return text_of(obtain_passphrase(request_));
    }

    int master_ = -1;
    int slave_ = -1;
    std::string shown_;
    std::size_t seen_ = 0;
    PassphraseRequest request_;
};

TEST_F(Terminal, AsksWithoutEchoAndPutsTheTerminalBack) {
    EXPECT_TRUE(echo());
    EXPECT_EQ(answer({"Passphrase: "}, {"correct horse\n"}), "correct horse");
    EXPECT_TRUE(echo());
    EXPECT_EQ(shown_.find("horse"), std::string::npos);
}

TEST_F(Terminal, AsksTwiceForANewKeyAndNoticesADifference) {
    request_.confirm = true;
    EXPECT_EQ(
        answer({"Passphrase: ", "Passphrase again: "}, {"correct horse\n", "correct horse\n"}),
        "correct horse");
    shown_.clear();
    seen_ = 0;
    EXPECT_THAT(
        answer({"Passphrase: ", "Passphrase again: "}, {"correct horse\n", "correct house\n"}),
        HasSubstr("differ"));
}

TEST_F(Terminal, CtrlCAndEndOfInputCancelAndRestoreTheEcho) {
    EXPECT_THAT(answer({"Passphrase: "}, {"half a pass\x03"}), HasSubstr("cancelled"));
    EXPECT_TRUE(echo());
    shown_.clear();
    seen_ = 0;
    EXPECT_THAT(answer({"Passphrase: "}, {"\x04"}), HasSubstr("cancelled"));
    EXPECT_TRUE(echo());
}

TEST_F(Terminal, RefusesAShortPassphraseBeforeAskingAgain) {
    request_.confirm = true;
    EXPECT_THAT(answer({"Passphrase: "}, {"short\n"}), HasSubstr("at least 8"));
}

}  // namespace
}  // namespace fieldseal::node
