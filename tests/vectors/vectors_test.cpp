// SPDX-License-Identifier: Apache-2.0
// Replays every committed vector through the library and through the program.
#include "core/hash.h"
#include "tests/support/temp_directory.h"
#include "tests/vectors/vector.h"
#include "verify/refusal.h"
#include "verify/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>

namespace fieldseal::vectors {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> vector_files() {
    std::vector<fs::path> files;
    for (const char* kind : {"evidence", "chain", "certificate", "tsa"}) {
        for (const auto& entry : fs::directory_iterator(fs::path(FIELDSEAL_VECTORS_DIR) / kind)) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

Vector load(const fs::path& path) {
    auto vector = parse_vector(read(path));
    EXPECT_TRUE(vector.ok()) << path << ": " << vector.error().message;
    return *std::move(vector);
}

Expected judge(const Vector& vector) {
    const auto trust = parse_trust(vector.trust);
    if (!trust) {
        return refused(to_string(verify::refuse_trust(trust.error()).reason));
    }
    verify::Input input{.document = {},
                        .evidence = vector.evidence,
                        .trust = *trust,
                        .trust_sha256 = {},
                        .now_s = vector.now_s};
    if (vector.document_sha256) {
        input.document = verify::DocumentDigests{*vector.document_sha256, vector.document_sha512};
    }
    const verify::Report report = verify::verify(input);
    Expected got{std::string(to_string(report.verdict)),
                 std::string(to_string(report.reason)),
                 report.exit_code(),
                 report.interval.not_before_s,
                 report.interval.not_after_s,
                 std::vector<std::string>()};
    for (const verify::Detail& detail : report.step(verify::Step::anchors).details) {
        const std::string reason(to_string(detail.reason));
        if (detail.where == "floor") got.floor = reason;
        if (detail.where.find(".anchors[") != std::string::npos) got.anchors->push_back(reason);
    }
    return got;
}

void expect_same(const Expected& got, const Expected& want) {
    EXPECT_EQ(got.verdict, want.verdict);
    EXPECT_EQ(got.reason, want.reason);
    EXPECT_EQ(got.exit, want.exit);
    EXPECT_EQ(got.not_before_s, want.not_before_s);
    EXPECT_EQ(got.not_after_s, want.not_after_s);
    if (want.anchors) {
        EXPECT_EQ(got.anchors, want.anchors);
    }
    if (want.floor) {
        EXPECT_EQ(got.floor, want.floor);
    }
}

TEST(EvidenceVectors, LibraryGivesEveryExpectedAnswer) {
    const auto files = vector_files();
    EXPECT_GE(files.size(), 250U);
    for (const fs::path& path : files) {
        SCOPED_TRACE(path.stem().string());
        const Vector vector = load(path);
        EXPECT_EQ(vector.name, path.stem().string());
        expect_same(judge(vector), vector.expect);
    }
}

TEST(EvidenceVectors, AcceptedEvidenceIsWrittenAsItWasRead) {
    for (const fs::path& path : vector_files()) {
        const Vector vector = load(path);
        const auto evidence = parse_evidence(vector.evidence);
        if (!evidence) continue;
        const auto again = parse_evidence(to_json(*evidence));
        ASSERT_TRUE(again.ok()) << vector.name;
        EXPECT_EQ(*again, *evidence) << vector.name;
    }
}

class Program : public ::testing::Test {
protected:
    // Exit code of the program on this vector, told the digest instead of a document.
    int run(const Vector& vector) const {
        write("evidence.json", vector.evidence);
        write("trust.json", vector.trust);
        std::string command = std::string(FIELDSEAL_VERIFY) + " --quiet --digest " +
                              hex(*vector.document_sha256) + " " + path("evidence.json") +
                              " --trust " + path("trust.json");
        // Without a time in the vector every date is in the past.
        command += " --now " + std::to_string(vector.now_s.value_or(9007199254740991));
        const int status = std::system(command.c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string path(const std::string& name) const { return directory_ / name; }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
    }
    static std::string hex(const Digest& digest) {
        std::string text;
        for (const std::uint8_t byte : digest) {
            constexpr char kDigits[] = "0123456789abcdef";
            text += {kDigits[byte >> 4], kDigits[byte & 15]};
        }
        return text;
    }

private:
    testing::TempDirectory directory_;
};

TEST_F(Program, ExitsAsEveryVectorSays) {
    for (const fs::path& file : vector_files()) {
        const Vector vector = load(file);
        // The command line compares SHA-512 only for a document it read itself.
        const bool by_digest = vector.document_sha256 && vector.name != "swap-document-sha512-only";
        if (!by_digest) continue;
        EXPECT_EQ(run(vector), vector.expect.exit) << vector.name;
    }
}

}  // namespace
}  // namespace fieldseal::vectors
