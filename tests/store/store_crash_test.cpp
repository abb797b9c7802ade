// SPDX-License-Identifier: Apache-2.0
// A store whose process is killed, whose disk fails at each call in turn, whose files rot. What
// holds in every case: an acknowledged statement is there, once, at its index; a failure ends the
// process with a sentence; damage is noticed.
#include "tests/store/writer_process.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fieldseal::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGroup = 3;
constexpr std::uint64_t kCommits = 4;
// More calls of one kind than a run of kCommits commits makes.
constexpr std::uint64_t kCallsMax = 200;

class StoreCrash : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(run_writer({"create", data()}).exit_code, 0); }
    std::string data() const { return dir_ / "data"; }

    WriterEnd append(const std::vector<std::string>& environment = {}) const {
        return run_writer(
            {"append", data(), std::to_string(kGroup * kCommits), std::to_string(kGroup)},
            environment);
    }

    // Opens, checks everything, and compares with what was acknowledged; at most the one commit in
    // flight is there besides.
    void expect_nothing_lost(std::uint64_t acknowledged) {
        const WriterEnd judged = run_writer({"judge", data()});
        ASSERT_EQ(judged.exit_code, 0) << judged.err;
        const std::uint64_t size = judged.last("size", 0);
        EXPECT_GE(size, acknowledged);
        EXPECT_LE(size, acknowledged + kGroup);
        size_ = size;
    }

    testing::TempDirectory dir_;
    std::uint64_t size_ = 0;

private:
    struct MakeData {
        explicit MakeData(const std::string& path) { fs::create_directory(path); }
    };
    MakeData make_data_{data()};
};

class StoreKilledAt : public StoreCrash, public ::testing::WithParamInterface<const char*> {};

TEST_P(StoreKilledAt, LosesNothingAndGoesOn) {
    for (std::uint64_t pass = 1; pass <= kCommits; ++pass) {
        const std::string place = std::string(GetParam()) + ":" + std::to_string(pass);
        const WriterEnd end = append({"FIELDSEAL_CRASH_AT=" + place});
        // The pin's thread may skip passes when commits come faster than its syncs.
        ASSERT_TRUE(end.signal == SIGKILL || end.exit_code == 0) << place << end.err;
        ASSERT_NO_FATAL_FAILURE(expect_nothing_lost(end.last("ack", size_))) << place;
    }
    EXPECT_GT(size_, 0U);
}

INSTANTIATE_TEST_SUITE_P(Places, StoreKilledAt,
                         ::testing::Values("store.before_write", "store.after_write",
                                           "store.pin_written"));

struct Failure {
    const char* call;
    const char* error;
    const char* path;
};

std::string name_of(const ::testing::TestParamInfo<Failure>& info) {
    const std::string where = std::string(info.param.path) == "/data/db" ? "Database" : "Pin";
    return where + "_" + info.param.call + "_" + info.param.error;
}

class StoreOnAFailingDisk : public StoreCrash, public ::testing::WithParamInterface<Failure> {};

// For k = 1, 2, … until a run comes through: the k-th call fails once, and later ones would
// succeed.
TEST_P(StoreOnAFailingDisk, EndsWithASentenceAndLosesNothing) {
    const auto [call, error, path] = GetParam();
    std::uint64_t failures = 0;
    for (std::uint64_t k = 1; k <= kCallsMax; ++k) {
        const std::string plan = std::string(call) + ":" + std::to_string(k) + ":" + error;
        const WriterEnd end = append(failing(plan, path));
        const bool failed = end.err.find("failing_io: ") != std::string::npos;
        ASSERT_EQ(end.signal, 0) << plan << " " << end.err;
        if (failed) {
            ++failures;
            EXPECT_NE(end.exit_code, 0) << plan << " went unnoticed: " << end.err;
            EXPECT_NE(end.err.find("store_writer: "), std::string::npos) << plan;
            EXPECT_EQ(end.err.find("sync again"), std::string::npos) << plan << end.err;
        } else {
            EXPECT_EQ(end.exit_code, 0) << end.err;
        }
        ASSERT_NO_FATAL_FAILURE(expect_nothing_lost(end.last("ack", size_))) << plan << end.err;
        if (!failed) break;
    }
    EXPECT_GT(failures, 0U);
    EXPECT_LT(failures, kCallsMax);
}

INSTANTIATE_TEST_SUITE_P(Calls, StoreOnAFailingDisk,
                         ::testing::Values(Failure{"sync", "EIO", "/data/db"},
                                           Failure{"write", "EIO", "/data/db"},
                                           Failure{"write", "ENOSPC", "/data/db"},
                                           Failure{"write", "SHORT", "/data/db"},
                                           Failure{"rename", "EIO", "/data/db"},
                                           Failure{"sync", "EIO", "/data/tail.pin"},
                                           Failure{"write", "EIO", "/data/tail.pin"},
                                           Failure{"write", "SHORT", "/data/tail.pin"}),
                         name_of);

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::uint64_t acknowledgements(const WriterEnd& end) {
    const auto lines = lines_of(end.out);
    return static_cast<std::uint64_t>(
        std::count_if(lines.begin(), lines.end(),
                      [](const std::string& line) { return line.starts_with("ack "); }));
}

constexpr const char* kTell = "tell:0:-";
constexpr const char* kWriteAheadLog = ".log$";

// I1: no acknowledgement without a sync of the write-ahead log since the one before it.
TEST_F(StoreCrash, SyncsTheWriteAheadLogBeforeEachAcknowledgement) {
    const WriterEnd end = append(failing(kTell, kWriteAheadLog));
    ASSERT_EQ(end.exit_code, 0) << end.err;
    EXPECT_EQ(acknowledgements(end), kCommits);
    bool synced = false;
    for (const std::string& line : lines_of(end.out)) {
        if (line.starts_with("sync ")) synced = true;
        if (line.starts_with("ack ")) {
            EXPECT_TRUE(synced) << line << " in\n" << end.out;
        }
        if (!line.starts_with("sync ")) synced = false;
    }
}

// I1 and I4: the sync of each group in turn fails, and the process ends without acknowledging it.
TEST_F(StoreCrash, AcknowledgesNoGroupWhoseSyncFailed) {
    for (std::uint64_t group = 1; group <= kCommits; ++group) {
        const std::string plan = "sync:" + std::to_string(group) + ":EIO";
        const WriterEnd end = append(failing(plan, kWriteAheadLog));
        EXPECT_EQ(end.exit_code, 70) << plan << " " << end.err;
        EXPECT_NE(end.err.find("store_writer: "), std::string::npos) << plan;
        EXPECT_EQ(acknowledgements(end), group - 1) << plan << " " << end.out;
        ASSERT_NO_FATAL_FAILURE(expect_nothing_lost(end.last("ack", size_))) << plan << end.err;
    }
}

// The name of the database is durable when create() returns, and a failure of that is said.
TEST_F(StoreCrash, CreateSyncsTheDirectoryThatNamesTheDatabase) {
    const std::string second = dir_ / "second/data";
    fs::create_directories(second);
    const WriterEnd told = run_writer({"create", second}, failing(kTell, "/second/data"));
    ASSERT_EQ(told.exit_code, 0) << told.err;
    const auto lines = lines_of(told.out);
    const auto named = std::find(lines.begin(), lines.end(), "rename " + second + "/db");
    ASSERT_NE(named, lines.end()) << told.out;
    EXPECT_NE(std::find(named, lines.end(), "sync " + second), lines.end()) << told.out;

    const auto syncs = std::count(lines.begin(), lines.end(), "sync " + second);
    const std::string third = dir_ / "third/data";
    fs::create_directories(third);
    const WriterEnd failed = run_writer(
        {"create", third}, failing("sync:" + std::to_string(syncs) + ":EIO", "/third/data$"));
    EXPECT_EQ(failed.exit_code, 70) << failed.err;
    EXPECT_NE(failed.err.find("store_writer: io: "), std::string::npos) << failed.err;
    EXPECT_TRUE(fs::exists(third + "/db"));
}

}  // namespace
}  // namespace fieldseal::store
