// SPDX-License-Identifier: Apache-2.0
#include "node/cli/evidence_file.h"

#include "core/evidence.h"
#include "node/cli/document_file.h"
#include "tests/support/temp_directory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace fieldseal::node::cli {
namespace {

namespace fs = std::filesystem;

std::string evidence_text(std::uint8_t statement, std::size_t proofs) {
    Evidence evidence;
    evidence.statement = {statement};
    for (std::size_t i = 0; i < proofs; ++i) evidence.proofs.push_back({i, {}, "note\n", {}, {}});
    return to_json(evidence);
}

class EvidenceFile : public ::testing::Test {
protected:
    std::string content() const { return read_small_file(path_, 1 << 20).value_or("(unreadable)"); }
    const testing::TempDirectory directory_;
    const std::string path_ = directory_ / "contract.pdf.seal";
};

TEST_F(EvidenceFile, IsMadeAndRefreshed) {
    const auto made = write_evidence_file(path_, evidence_text(1, 1));
    ASSERT_TRUE(made.ok()) << made.error().message;
    EXPECT_EQ(*made, EvidenceWritten::created);
    const auto same = write_evidence_file(path_, evidence_text(1, 1));
    ASSERT_TRUE(same.ok());
    EXPECT_EQ(*same, EvidenceWritten::unchanged);
    const auto refreshed = write_evidence_file(path_, evidence_text(1, 2));
    ASSERT_TRUE(refreshed.ok());
    EXPECT_EQ(*refreshed, EvidenceWritten::refreshed);
    EXPECT_EQ(content(), evidence_text(1, 2));
}

TEST_F(EvidenceFile, LeavesNothingElseBehind) {
    ASSERT_TRUE(write_evidence_file(path_, evidence_text(1, 1)).ok());
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), fs::directory_iterator()),
              1);
}

TEST_F(EvidenceFile, NeverReplacesSomethingElse) {
    std::ofstream(path_) << "a will, the only copy";
    const auto written = write_evidence_file(path_, evidence_text(1, 1));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, Errc::conflict);
    EXPECT_EQ(content(), "a will, the only copy");
}

TEST_F(EvidenceFile, NeverReplacesTheEvidenceOfAnotherStatement) {
    ASSERT_TRUE(write_evidence_file(path_, evidence_text(1, 1)).ok());
    const auto written = write_evidence_file(path_, evidence_text(2, 1));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, Errc::conflict);
    EXPECT_EQ(content(), evidence_text(1, 1));
}

TEST_F(EvidenceFile, WritesNothingThatIsNoEvidence) {
    const auto written = write_evidence_file(path_, "{}");
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, Errc::corrupt);
    EXPECT_FALSE(fs::exists(path_));
}

TEST_F(EvidenceFile, SaysWhereItCannotWrite) {
    const auto written = write_evidence_file(directory_ / "missing/x.seal", evidence_text(1, 1));
    ASSERT_FALSE(written.ok());
    EXPECT_NE(written.error().message.find("missing/x.seal"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node::cli
