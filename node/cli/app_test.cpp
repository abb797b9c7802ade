// SPDX-License-Identifier: Apache-2.0
// Walks the whole command line: every verb explains itself with an example, and docs/cli.md and the
// manual page know every verb and every option.
#include "node/cli/app.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

namespace fieldseal::node::cli {
namespace {

std::string source_file(const std::string& path) {
    std::ifstream file(std::string(FIELDSEAL_SOURCE_DIR) + "/" + path);
    EXPECT_TRUE(file) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class AppTest : public testing::Test {
protected:
    // The exit code of one command line; what it wrote is in out_ and err_.
    int run(std::vector<const char*> arguments) {
        arguments.insert(arguments.begin(), "fieldseal");
        Session session(output_);
        return static_cast<int>(
            run_app(static_cast<int>(arguments.size()), arguments.data(), session));
    }

    void walk(const std::function<void(const std::string&, CLI::App&)>& visit) {
        Session session(output_);
        const auto app = make_app(session);
        walk_below("", *app, visit);
    }

    std::ostringstream out_;
    std::ostringstream err_;
    Output output_{out_, err_, false};

private:
    void walk_below(const std::string& path, CLI::App& app,
                    const std::function<void(const std::string&, CLI::App&)>& visit) {
        for (CLI::App* verb :
             app.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); })) {
            const std::string name =
                path.empty() ? verb->get_name() : path + " " + verb->get_name();
            visit(name, *verb);
            walk_below(name, *verb, visit);
        }
    }
};

TEST_F(AppTest, EveryVerbExplainsItselfWithAnExample) {
    walk([](const std::string& name, CLI::App& verb) {
        EXPECT_FALSE(verb.get_description().empty()) << name;
        EXPECT_NE(verb.get_footer().find("fieldseal"), std::string::npos) << name;
        for (const CLI::Option* option : verb.get_options()) {
            EXPECT_FALSE(option->get_description().empty()) << name << " " << option->get_name();
        }
    });
}

TEST_F(AppTest, TheHandbookHasEveryVerbAndOption) {
    const std::string handbook = source_file("docs/cli.md");
    walk([&handbook](const std::string& name, CLI::App& verb) {
        EXPECT_NE(handbook.find("fieldseal " + name), std::string::npos) << "docs/cli.md: " << name;
        for (const CLI::Option* option : verb.get_options()) {
            for (const std::string& word : option->get_lnames()) {
                EXPECT_NE(handbook.find("--" + word), std::string::npos)
                    << "docs/cli.md: " << name << " --" << word;
            }
        }
    });
}

TEST_F(AppTest, TheManualPageHasEveryVerbAndExitCode) {
    const std::string manual = source_file("deploy/man/fieldseal.1");
    walk([&manual](const std::string& name, CLI::App& verb) {
        if (verb.get_require_subcommand_min() > 0) return;  // its verbs are listed themselves
        EXPECT_NE(manual.find(".B " + name + "\n"), std::string::npos) << "fieldseal.1: " << name;
    });
    for (const auto& [code, meaning] : exit_code_meanings()) {
        EXPECT_NE(manual.find(".B " + std::to_string(static_cast<int>(code)) + "\n"),
                  std::string::npos)
            << "fieldseal.1: exit code " << static_cast<int>(code);
    }
}

TEST_F(AppTest, TheHandbookHasEveryExitCodeInItsWords) {
    const std::string handbook = source_file("docs/cli.md");
    for (const auto& [code, meaning] : exit_code_meanings()) {
        const std::string row =
            "| " + std::to_string(static_cast<int>(code)) + " | " + std::string(meaning) + " |";
        EXPECT_NE(handbook.find(row), std::string::npos) << row;
    }
}

TEST_F(AppTest, WithoutArgumentsShowsTheWayAndSucceeds) {
    EXPECT_EQ(run({}), 0);
    EXPECT_NE(out_.str().find("fieldseal seal FILE"), std::string::npos);
    EXPECT_EQ(err_.str(), "");
}

TEST_F(AppTest, TakesGlobalOptionsBeforeAndAfterTheVerb) {
    EXPECT_EQ(run({"--json", "help", "exit-codes"}), 0);
    const auto before = json::parse(out_.str());
    ASSERT_TRUE(before.ok()) << out_.str();
    out_.str("");
    EXPECT_EQ(run({"help", "exit-codes", "--json"}), 0);
    EXPECT_EQ(json::dump(*before, json::Style::pretty), out_.str());
}

TEST_F(AppTest, EndsWith64ForACommandLineItDoesNotUnderstand) {
    EXPECT_EQ(run({"seel", "x"}), 64);
    EXPECT_EQ(run({"seal"}), 64);
    EXPECT_EQ(run({"seal", "--colour", "red", "x"}), 64);
    EXPECT_EQ(run({"list", "--limit", "0"}), 64);
    EXPECT_EQ(run({"target"}), 64);
    EXPECT_EQ(run({"--json"}), 64);
    EXPECT_NE(err_.str().find("fieldseal seal --help"), std::string::npos) << err_.str();
}

TEST_F(AppTest, PrintsTheVersionAndEachHelp) {
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(out_.str().find("fieldseal "), 0U);
    out_.str("");
    EXPECT_EQ(run({"seal", "--help"}), 0);
    EXPECT_NE(out_.str().find("--wait-anchored"), std::string::npos);
    out_.str("");
    EXPECT_EQ(run({"help", "target", "add", "witness"}), 0);
    EXPECT_NE(out_.str().find("--tls-pin"), std::string::npos);
    EXPECT_NE(out_.str().find("Usage: fieldseal target add witness ["), std::string::npos)
        << out_.str();
    EXPECT_EQ(run({"help", "nonsense"}), 64);
}

TEST_F(AppTest, HelpAloneListsEveryVerb) {
    EXPECT_EQ(run({"help"}), 0);
    const std::string alone = out_.str();
    out_.str("");
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_EQ(alone, out_.str());
    EXPECT_NE(alone.find("\n  evidence  "), std::string::npos) << alone;
}

TEST_F(AppTest, EndsWith3WithoutADaemonBeforeReadingAnyDocument) {
    EXPECT_EQ(run({"--data-dir", "/nonexistent/fieldseal", "seal", "/nonexistent/file"}), 3);
    EXPECT_EQ(err_.str().find("fieldseal: no fieldseal daemon is running on"), 0U) << err_.str();
}

TEST_F(AppTest, GivesOneJsonDocumentForAnErrorToo) {
    EXPECT_EQ(run({"--json", "--data-dir", "/nonexistent/fieldseal", "status"}), 3);
    const auto parsed = json::parse(out_.str());
    ASSERT_TRUE(parsed.ok()) << out_.str();
    EXPECT_EQ(parsed->find("error")->find("code")->as_string(), "unavailable");
}

TEST_F(AppTest, RefusesWhatCannotBeMeant) {
    EXPECT_EQ(run({"seal", "--idempotency-key", "k", "a", "b"}), 64);
    EXPECT_EQ(run({"seal", "--media-type", "nonsense", "a"}), 64);
    EXPECT_EQ(run({"evidence", "-o", "x", "a", "b"}), 64);
}

TEST_F(AppTest, DoesNotTakeAFileForTheTimeToWait) {
    // --wait-anchored has an optional value, so it must not swallow the document.
    EXPECT_EQ(run({"--data-dir", "/nonexistent/fieldseal", "seal", "--wait-anchored", "a.pdf"}), 3);
    EXPECT_EQ(run({"--data-dir", "/nonexistent/fieldseal", "seal", "--wait-anchored=60", "a.pdf"}),
              3);
    EXPECT_EQ(run({"seal", "--wait-anchored=soon", "a.pdf"}), 64);
}

}  // namespace
}  // namespace fieldseal::node::cli
