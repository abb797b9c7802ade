// SPDX-License-Identifier: Apache-2.0
// fieldseal-verify as a person or a script meets it: files, exit codes, what it prints.
#include "core/encoding.h"
#include "core/json/json.h"
#include "tests/support/sanitized.h"
#include "tests/support/temp_directory.h"
#include "tests/vectors/chain_scene.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace fieldseal::vectors {
namespace {

struct Ended {
    int exit = -1;
    std::string out;
    std::string err;
};

class VerifyProgram : public ::testing::Test {
protected:
    VerifyProgram() {
        write("contract.txt", "The contract.\n");
        write("forgery.txt", "The c0ntract.\n");
        write("contract.txt.seal", fieldseal::to_json(ordinary_day().evidence()));
        write("pending.seal", fieldseal::to_json(ordinary_day().evidence({})));
        write("trust.json", fieldseal::to_json(ordinary_trust()));
    }

    // Arguments are quoted by the test where they need it.
    Ended run(const std::string& arguments) const {
        const std::string command = "cd " + directory_.path() + " && " + FIELDSEAL_VERIFY + " " +
                                    arguments + " >out.txt 2>err.txt";
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out.txt"), read("err.txt")};
    }

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(directory_ / name, std::ios::binary) << text;
    }
    std::string read(const std::string& name) const {
        std::ifstream in(directory_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string path(const std::string& name) const { return directory_ / name; }

private:
    testing::TempDirectory directory_;
};

TEST_F(VerifyProgram, SaysValidFirstAndFindsTheEvidenceBesideTheDocument) {
    const Ended result = run("contract.txt --trust trust.json");
    EXPECT_EQ(result.exit, 0) << result.out << result.err;
    EXPECT_TRUE(result.out.starts_with("Valid: ")) << result.out;
    EXPECT_NE(result.out.find("Not before  2025-12-31T23:55:00Z"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("Not after   2026-01-01T02:05:00Z"), std::string::npos);
    EXPECT_NE(result.out.find("\"Permits\""), std::string::npos);
    EXPECT_NE(result.out.find(hex_encode(sha256(as_bytes(read("trust.json"))))), std::string::npos);
    EXPECT_EQ(result.err, "");
}

TEST_F(VerifyProgram, SaysNotValidForAnotherDocument) {
    const Ended result = run("forgery.txt contract.txt.seal --trust trust.json");
    EXPECT_EQ(result.exit, 1);
    EXPECT_TRUE(result.out.starts_with("NOT VALID: This is not the document that was sealed"))
        << result.out;
    EXPECT_NE(result.out.find("document-mismatch"), std::string::npos);
    EXPECT_NE(result.out.find("Not after   (not proven)"), std::string::npos);
}

TEST_F(VerifyProgram, JudgesNoDocumentAsEvidence) {
    const std::string digest = hex_encode(sha256(as_bytes(std::string_view("The contract.\n"))));
    write("permit.pdf", "%PDF-1.7\n");
    for (const std::string& arguments :
         {std::string("contract.txt permit.pdf"), "permit.pdf --digest " + digest}) {
        const Ended result = run(arguments + " --trust trust.json");
        EXPECT_EQ(result.exit, 66) << arguments;
        EXPECT_EQ(result.out, "");
        EXPECT_NE(result.err.find("\"permit.pdf\" is not an evidence file"), std::string::npos)
            << result.err;
    }
    // What is called .seal, and what begins like evidence, is judged.
    write("broken.seal", "%PDF-1.7\n");
    write("evidence.json", " {");
    EXPECT_EQ(run("contract.txt broken.seal --trust trust.json").exit, 1);
    EXPECT_EQ(run("contract.txt evidence.json --trust trust.json").exit, 1);
}

TEST_F(VerifyProgram, SaysThatTheTrustFilesOwnSnapshotLacksAProof) {
    Trust trust = ordinary_trust();
    ASSERT_FALSE(trust.logs.empty());
    trust.logs[0].status = {{ordinary_day().evidence().status[0].statement, {}}};
    write("snapshot.json", fieldseal::to_json(trust));
    const Ended result = run("contract.txt --trust snapshot.json --explain");
    EXPECT_EQ(result.exit, 0) << result.out;
    EXPECT_NE(result.out.find("trust.status[0]: proof-missing, snapshot "), std::string::npos);
    EXPECT_NE(result.out.find("The trust file holds no proof that this snapshot"),
              std::string::npos);
    EXPECT_EQ(result.out.find("no proof that the statement stands"), std::string::npos)
        << result.out;
}

TEST_F(VerifyProgram, ShowsTheChainBehindAnAnchor) {
    const Day day = day_of([](StatementClaims&) {});
    const auto anchor = make_anchor(anchor_plan(digest_of(day)));
    write("chain.seal", fieldseal::to_json(anchored_evidence(day, anchor)));
    write("chain.json", fieldseal::to_json(chain_trust()));
    const Ended text = run("contract.txt chain.seal --trust chain.json");
    EXPECT_EQ(text.exit, 0) << text.out << text.err;
    for (const char* part : {"block 17 of \"land\", hash 0x",
                             "block time 2026-01-01T02:16:40Z, hardened bound 2026-01-01T02:16:45Z",
                             "3 seals, 3 needed of 4 validators"}) {
        EXPECT_NE(text.out.find(part), std::string::npos) << part << "\n" << text.out;
    }
    EXPECT_NE(text.out.find("submitted by " + evm::to_string(land_account().address())),
              std::string::npos);
    EXPECT_EQ(text.out.find("Warning"), std::string::npos);
    const Ended machine = run("--json contract.txt chain.seal --trust chain.json");
    const auto report = json::parse(machine.out);
    ASSERT_TRUE(report.ok());
    const auto& details = report->find("steps")->as_array()[6].find("details")->as_array();
    const json::Value* chain = details.back().find("chain");
    ASSERT_NE(chain, nullptr);
    EXPECT_EQ(chain->find("block")->as_integer(), 17);
    EXPECT_EQ(chain->find("hardened_time_s")->as_integer(), kHardened_s);
    EXPECT_EQ(chain->find("seals_needed")->as_integer(), 3);
}

TEST_F(VerifyProgram, WarnsOfSmallChainsAndOfThoseThatStandAlone) {
    const Day day = day_of([](StatementClaims&) {});
    const ChainKeys two = keys_of({0x41, 0x42});
    AnchorPlan plan = anchor_plan(digest_of(day));
    plan.block.validators = plan.block.sealers = two;
    TrustedChain pin = land_pin();
    pin.validator_sets[0].validators = testing::addresses_of(two);
    Trust trust = trust_in(pin);
    trust.policy = {0, 1};
    Evidence evidence = day.evidence({});
    evidence.proofs[0].anchors = {to_anchor(make_anchor(plan))};
    evidence.status[0].proofs[0].anchors = evidence.proofs[0].anchors;
    write("chain.seal", fieldseal::to_json(evidence));
    write("chain.json", fieldseal::to_json(trust));
    const Ended alone = run("contract.txt chain.seal --trust chain.json");
    EXPECT_EQ(alone.exit, 0) << alone.out;
    EXPECT_NE(alone.out.find("sealed, not Byzantine fault tolerant"), std::string::npos);
    EXPECT_NE(alone.out.find("rests on validator keys alone"), std::string::npos);
    plan.later = 0;
    evidence.proofs[0].anchors = {to_anchor(make_anchor(plan))};
    write("chain.seal", fieldseal::to_json(evidence));
    const Ended soft = run("contract.txt chain.seal --trust chain.json --explain");
    EXPECT_EQ(soft.exit, 3) << soft.out;
    EXPECT_NE(soft.out.find("block time 2026-01-01T02:16:40Z, optimistic"), std::string::npos);
    EXPECT_NE(soft.out.find("[chain-time-unhardened]"), std::string::npos) << soft.out;
}

TEST_F(VerifyProgram, TellsPendingFromMissing) {
    const Ended pending = run("contract.txt pending.seal --trust trust.json");
    EXPECT_EQ(pending.exit, 3);
    EXPECT_TRUE(pending.out.starts_with("Cannot tell: The statement is genuine")) << pending.out;
    write("stranger.json", fieldseal::to_json(Trust{}));
    const Ended stranger = run("contract.txt --trust stranger.json");
    EXPECT_EQ(stranger.exit, 2);
    EXPECT_NE(stranger.out.find("seal-unknown"), std::string::npos);
}

TEST_F(VerifyProgram, TakesADigestInPlaceOfTheDocument) {
    const std::string digest = hex_encode(contract().sha256);
    EXPECT_EQ(run("--digest " + digest + " contract.txt.seal --trust trust.json").exit, 0);
    const std::string other = hex_encode(forgery().sha256);
    EXPECT_EQ(run("--digest " + other + " contract.txt.seal --trust trust.json").exit, 1);
    EXPECT_EQ(run("--digest abc contract.txt.seal --trust trust.json").exit, 64);
    EXPECT_EQ(run("--digest " + digest + " a b --trust trust.json").exit, 64);
}

TEST_F(VerifyProgram, PrintsTheMachineReport) {
    const Ended result = run("contract.txt --trust trust.json --json");
    EXPECT_EQ(result.exit, 0);
    const auto report = json::parse(result.out);
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->find("report")->as_string(), "fieldseal-report/v1");
    EXPECT_EQ(report->find("verdict")->as_string(), "valid");
    EXPECT_EQ(report->find("exit_code")->as_integer(), 0);
    EXPECT_EQ(report->find("interval")->find("not_before_s")->as_integer(), kNotBefore_s);
    EXPECT_EQ(report->find("interval")->find("not_after_s")->as_integer(), kNotAfter_s);
    EXPECT_EQ(report->find("seal_status")->find("state")->as_string(), "active");
    EXPECT_EQ(report->find("seal_status")->find("as_of_size")->as_integer(), 4);
    EXPECT_EQ(report->find("statement")->find("subject")->as_string(), "permit 2026/17");
    ASSERT_EQ(report->find("steps")->as_array().size(), 8U);
    for (const json::Value& step : report->find("steps")->as_array()) {
        EXPECT_EQ(step.find("outcome")->as_string(), "passed") << json::dump(step);
    }
}

TEST_F(VerifyProgram, SaysNothingWhenAskedTo) {
    const Ended result = run("forgery.txt contract.txt.seal --trust trust.json --quiet");
    EXPECT_EQ(result.exit, 1);
    EXPECT_EQ(result.out + result.err, "");
    EXPECT_EQ(run("contract.txt --trust trust.json --quiet --json").exit, 64);
}

TEST_F(VerifyProgram, ExplainsEachReason) {
    const Ended result = run("contract.txt pending.seal --trust trust.json --explain");
    EXPECT_EQ(result.exit, 3);
    EXPECT_NE(result.out.find("[anchor-policy-unmet]"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("What to do: "), std::string::npos);
}

TEST_F(VerifyProgram, StopsAtAFileItCannotRead) {
    for (const char* arguments :
         {"absent.txt contract.txt.seal --trust trust.json", "forgery.txt --trust trust.json",
          "contract.txt --trust absent.json", ". contract.txt.seal --trust trust.json"}) {
        const Ended result = run(arguments);
        EXPECT_EQ(result.exit, 66) << arguments;
        EXPECT_EQ(result.out, "");
        EXPECT_NE(result.err.find("cannot read"), std::string::npos) << result.err;
        EXPECT_NE(result.err.find("Nothing was judged."), std::string::npos) << result.err;
    }
    const Ended machine = run("absent.txt contract.txt.seal --trust trust.json --json");
    const auto report = json::parse(machine.out);
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->find("verdict")->is_null());
    EXPECT_EQ(report->find("reason")->as_string(), "unreadable");
}

TEST_F(VerifyProgram, RefusesATrustFileWithItsReason) {
    write("broken.json", "{}");
    const Ended result = run("contract.txt --trust broken.json --json");
    EXPECT_EQ(result.exit, 66);
    EXPECT_NE(result.out.find("\"trust-malformed\""), std::string::npos) << result.out;
    EXPECT_NE(result.err.find("trust file broken.json"), std::string::npos) << result.err;
}

TEST_F(VerifyProgram, JudgesEvidenceThatIsTooLargeAsMalformed) {
    std::ofstream(path("large.seal")) << std::string(1024 * 1024, ' ');
    const Ended result = run("contract.txt large.seal --trust trust.json");
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.out.find("evidence-malformed"), std::string::npos);
}

TEST_F(VerifyProgram, SealsOfEmptyDocumentsAreOrdinary) {
    const auto of_nothing = DocumentHasher().finish();
    const Day day = day_of([&](StatementClaims& claims) {
        claims.document = of_nothing.sha256;
        claims.document_sha512 = of_nothing.sha512;
    });
    write("empty", "");
    write("empty.seal", fieldseal::to_json(day.evidence()));
    EXPECT_EQ(run("empty --trust trust.json").exit, 0);
}

// A file larger than the address space it is given: only a stream can read it.
TEST_F(VerifyProgram, ReadsALargeDocumentInConstantMemory) {
    if (testing::kSanitized) {
        GTEST_SKIP() << "a sanitizer needs more address space than this test allows";
    }
    constexpr std::uintmax_t kDocumentBytes = 512 * 1024 * 1024;
    write("sparse", "");
    std::filesystem::resize_file(path("sparse"), kDocumentBytes);
    write("sparse.seal", fieldseal::to_json(ordinary_day().evidence()));
    const std::string command = "cd " + path("") + " && ulimit -v 262144 && " + FIELDSEAL_VERIFY +
                                " sparse --trust trust.json --quiet";
    const int status = std::system(command.c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 1);  // another document, and it was read to its end
}

TEST_F(VerifyProgram, SaysItsVersionAndHowToUseIt) {
    const Ended version = run("--version");
    EXPECT_EQ(version.exit, 0);
    EXPECT_TRUE(version.out.starts_with("fieldseal-verify ")) << version.out;
    const Ended help = run("--help");
    EXPECT_EQ(help.exit, 0);
    for (const char* word :
         {"--trust", "--digest", "--json", "--quiet", "--explain", "Exit codes"}) {
        EXPECT_NE(help.out.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(run("").exit, 64);
    EXPECT_EQ(run("contract.txt").exit, 64);
    EXPECT_EQ(run("contract.txt --trust trust.json --colour").exit, 64);
}

}  // namespace
}  // namespace fieldseal::vectors
