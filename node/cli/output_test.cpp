// SPDX-License-Identifier: Apache-2.0
#include "node/cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fieldseal::node::cli {
namespace {

class OutputTest : public testing::Test {
protected:
    std::ostringstream out_;
    std::ostringstream err_;
    Output output_{out_, err_, false};
};

TEST_F(OutputTest, SendsDataToStandardOutputAndHintsToStandardError) {
    output_.data("data");
    output_.say("said");
    output_.hint("hint");
    EXPECT_EQ(out_.str(), "data\nsaid\n");
    EXPECT_EQ(err_.str(), "hint\n");
}

TEST_F(OutputTest, IsQuietButNotDumb) {
    output_.quiet = true;
    output_.data("data");
    output_.say("said");
    output_.hint("hint");
    output_.warn("warning");
    EXPECT_EQ(out_.str(), "data\n");
    EXPECT_EQ(err_.str(), "fieldseal: warning\n");
}

TEST_F(OutputTest, WritesExactlyOneJsonDocument) {
    output_.json_wanted = true;
    output_.data("data");
    output_.table({{"a", "b"}});
    auto document = new_document("seal");
    document.set("sealed", json::Value::array());
    output_.document(document);
    const auto parsed = json::parse(out_.str());
    ASSERT_TRUE(parsed.ok()) << out_.str();
    EXPECT_EQ(parsed->find("fieldseal")->as_string(), "seal/v1");
}

TEST_F(OutputTest, GivesAFailureToPeopleAndToMachines) {
    output_.json_wanted = true;
    const Failure failure{
        ExitCode::locked, {Errc::locked, "the seal is locked"}, "fieldseal unlock"};
    EXPECT_EQ(output_.fail(failure), ExitCode::locked);
    EXPECT_EQ(err_.str(), "fieldseal: the seal is locked\n  fieldseal unlock\n");
    const auto parsed = json::parse(out_.str());
    ASSERT_TRUE(parsed.ok()) << out_.str();
    const auto* error = parsed->find("error");
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->find("code")->as_string(), "locked");
    EXPECT_EQ(error->find("detail")->as_string(), "the seal is locked");
    EXPECT_EQ(error->find("next")->as_string(), "fieldseal unlock");
}

TEST_F(OutputTest, DrawsProgressOnlyForSomebodyWhoLooks) {
    EXPECT_EQ(output_.progress_terminal(), nullptr);
    Output terminal(out_, err_, true);
    EXPECT_EQ(terminal.progress_terminal(), &err_);
    terminal.quiet = true;
    EXPECT_EQ(terminal.progress_terminal(), nullptr);
}

}  // namespace
}  // namespace fieldseal::node::cli
