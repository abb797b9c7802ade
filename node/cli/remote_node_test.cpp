// SPDX-License-Identifier: Apache-2.0
// `--node`: the verbs against a real node's edge over loopback HTTP: its routes, its gate, its
// server and its people.
#include "node/cli/app.h"
#include "node/edge/edge.h"
#include "node/log_service.h"
#include "node/people/gatekeeper_service.h"
#include "tests/support/memory_rows.h"
#include "tests/support/office_in_process.h"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace fieldseal::node::cli {
namespace {

namespace fs = std::filesystem;

class RemoteNodeTest : public ::testing::Test {
protected:
    void SetUp() override {
        config_ = office_.node.config;
        config_.edge.listen = {ListenAddress::Kind::loopback, "", "127.0.0.1", 0};
        config_.edge.names = {"127.0.0.1"};
        people_.add("amina", people::Role::approver);
        everything_ = make_token({"statement:create", "statement:read", "outbox:read", "node:read",
                                  "anchor:sync", "seal:unlock"});
        only_seal_ = make_token({"statement:create"});
        auto edge = Edge::start({config_,
                                 *office_.admin,
                                 *office_.office,
                                 log_,
                                 *office_.node.manager,
                                 gatekeeper_,
                                 *office_.node.audit,
                                 gatekeeper_,
                                 office_.node.news,
                                 office_.metrics,
                                 {}});
        ASSERT_TRUE(edge.ok()) << edge.error().message;
        edge_ = *std::move(edge);
        url_ = "http://" + edge_->address().to_string();
        document_ = write("permit.txt", "a permit\n", 0644);
    }
    void TearDown() override {
        if (edge_) edge_->stop();
    }

    std::string write(const std::string& name, std::string_view text, unsigned mode) const {
        const std::string path = directory_ / name;
        std::ofstream(path, std::ios::trunc) << text;
        fs::permissions(path, static_cast<fs::perms>(mode));
        return path;
    }
    std::string make_token(std::vector<std::string> scopes) const {
        return people_.people->add_token("amina", {"test", std::move(scopes), {}}).value().text;
    }
    int run(std::vector<std::string> arguments, const std::string& token = "",
            std::string url = "") {
        const std::string file = write("token", (token.empty() ? everything_ : token) + "\n", 0600);
        if (url.empty()) url = url_;
        return run_raw({"--node", url, "--token-file", file}, arguments);
    }
    int run_raw(std::vector<std::string> words, const std::vector<std::string>& more) {
        words.insert(words.begin(), "fieldseal");
        words.insert(words.end(), more.begin(), more.end());
        std::vector<const char*> argv;
        for (const std::string& word : words) argv.push_back(word.c_str());
        out_.str("");
        err_.str("");
        Output output(out_, err_, false);
        Session session(output);
        return static_cast<int>(run_app(static_cast<int>(argv.size()), argv.data(), session));
    }
    std::uint64_t log_size() const {
        return office_.node.store->log(store::LogId::statements).head().size.value;
    }
    bool said(std::string_view text) const { return err_.str().find(text) != std::string::npos; }

    testing::OfficeInProcess office_;
    Config config_;
    LogService log_{*office_.node.store};
    people::TestPeople people_;
    GatekeeperService gatekeeper_{
        {*people_.people, *office_.node.audit, office_.node.clock,
         [](const api::AuditQuery&) { return Result<json::Value>(json::Value::object()); }}};
    std::string everything_;
    std::string only_seal_;
    std::unique_ptr<Edge> edge_;
    testing::TempDirectory directory_;
    std::string url_;
    std::string document_;
    std::ostringstream out_;
    std::ostringstream err_;
};

TEST_F(RemoteNodeTest, SealsListsShowsAndBringsEvidence) {
    const std::uint64_t before = log_size();
    ASSERT_EQ(run({"--json", "seal", document_}), 0) << err_.str();
    const auto sealed = json::parse(out_.str());
    ASSERT_TRUE(sealed.ok()) << out_.str();
    const json::Value& item = sealed->find("sealed")->as_array().at(0);
    const std::string id = item.find("id")->as_string();
    EXPECT_EQ(item.find("actor")->as_string(), "amina");
    EXPECT_EQ(log_size(), before + 1);
    ASSERT_EQ(run({"--json", "list"}), 0) << err_.str();
    EXPECT_NE(out_.str().find(id), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find("\"statements\""), std::string::npos) << out_.str();
    ASSERT_EQ(run({"show", document_}), 0) << err_.str();
    EXPECT_NE(out_.str().find(id), std::string::npos);
    ASSERT_EQ(run({"show", id}), 0) << err_.str();
    office_.node.checkpoint();
    ASSERT_EQ(run({"evidence", document_}), 0) << err_.str();
    EXPECT_TRUE(fs::exists(document_ + ".seal"));
    for (const std::vector<std::string>& verb :
         std::vector<std::vector<std::string>>{{"status"}, {"node", "info"}, {"target", "list"}}) {
        EXPECT_EQ(run(verb), 0) << verb[0] << ": " << err_.str();
        EXPECT_FALSE(out_.str().empty() && err_.str().empty()) << verb[0];
    }
}

TEST_F(RemoteNodeTest, PagesWithIndexesAsOnTheNodeItself) {
    for (const char* name : {"1", "2", "3"}) {
        ASSERT_EQ(run({"seal", write(name, name, 0644)}), 0) << err_.str();
    }
    ASSERT_EQ(run({"--json", "list", "--limit", "2"}), 0) << err_.str();
    const auto first = json::parse(out_.str());
    ASSERT_EQ(first->find("statements")->as_array().size(), 2U);
    const std::string next = std::to_string(first->find("next_before")->as_integer());
    ASSERT_EQ(run({"--json", "list", "--limit", "500", "--before", next}), 0) << err_.str();
    const auto rest = json::parse(out_.str());
    EXPECT_EQ(rest->find("statements")->as_array().at(0).find("index")->as_integer(),
              std::stoll(next) - 1);
    EXPECT_EQ(rest->find("next_before"), nullptr);
}

TEST_F(RemoteNodeTest, TheSameKeySealsOnceAndNoKeyEachTime) {
    const std::uint64_t before = log_size();
    for (int times = 0; times < 2; ++times) {
        EXPECT_EQ(run({"seal", "--idempotency-key", "order-1", document_}), 0) << err_.str();
    }
    EXPECT_EQ(log_size(), before + 1);
    EXPECT_EQ(run({"seal", document_}), 0) << err_.str();
    EXPECT_EQ(log_size(), before + 2);
}

TEST_F(RemoteNodeTest, LocksAndUnlocksWithAPassphraseFile) {
    ASSERT_EQ(run({"lock"}), 0) << err_.str();
    EXPECT_EQ(run({"seal", document_}), 5);
    EXPECT_TRUE(said("unlock")) << err_.str();
    const std::string wrong = write("passphrase", "not this one\n", 0600);
    EXPECT_EQ(run({"unlock", "--passphrase-file", wrong}), 77) << err_.str();
}

TEST_F(RemoteNodeTest, SaysWhatATokenLacks) {
    EXPECT_EQ(run({"seal", document_}, only_seal_), 0) << err_.str();
    EXPECT_EQ(run({"list"}, only_seal_), 77);
    EXPECT_TRUE(said("statement:read")) << err_.str();
    EXPECT_EQ(run({"list"}, "fst_other"), 77);
    EXPECT_TRUE(said("does not take the token")) << err_.str();
    EXPECT_FALSE(said("fst_other")) << err_.str();
}

TEST_F(RemoteNodeTest, ReadsNoTokenThatOthersMayRead) {
    const std::string open = write("open", everything_ + "\n", 0644);
    EXPECT_EQ(run_raw({"--node", url_, "--token-file", open}, {"status"}), 77);
    const std::string two = write("two", everything_ + "\n" + everything_ + "\n", 0600);
    EXPECT_EQ(run_raw({"--node", url_, "--token-file", two}, {"status"}), 64);
    EXPECT_EQ(run_raw({"--node", url_}, {"status"}), 64);
    EXPECT_TRUE(said("--token-file"));
    EXPECT_EQ(run_raw({"--token-file", open}, {"status"}), 64);
}

TEST_F(RemoteNodeTest, SaysThatNobodyAnswers) {
    edge_->stop();
    edge_.reset();
    EXPECT_EQ(run({"seal", document_}), 3);
    EXPECT_TRUE(said("did not answer")) << err_.str();
    EXPECT_FALSE(said("admin.sock")) << err_.str();
}

TEST_F(RemoteNodeTest, RefusesVerbsOfTheNodesOwnMachine) {
    for (const char* verb : {"serve", "check", "doctor"}) {
        EXPECT_EQ(run({verb}), 64) << verb;
        EXPECT_TRUE(said("without --node")) << verb << err_.str();
    }
    EXPECT_EQ(run({"init", "a.example", "b"}), 64);
}

TEST(NodeUrl, IsHttpsOrLoopback) {
    for (const char* good :
         {"https://a.example", "https://a.example:8443", "https://[fd00::1]:8443",
          "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:1"}) {
        const auto url = check_node_url(good);
        ASSERT_TRUE(url.ok()) << url.error().message;
        EXPECT_EQ(*url, good);
    }
    EXPECT_EQ(*check_node_url("https://a.example/"), "https://a.example");
    for (const char* bad : {"", "a.example", "ftp://a.example", "https://", "https:///",
                            "https://a.example/api", "https://u:p@a.example", "https://a.example?x",
                            "http://a.example", "http://127.0.0.1.example", "http://10.0.0.1"}) {
        const auto url = check_node_url(bad);
        ASSERT_FALSE(url.ok()) << bad;
        EXPECT_EQ(url.error().code, Errc::invalid_argument);
        EXPECT_NE(url.error().message.find("https://HOST"), std::string::npos);
    }
    EXPECT_EQ(check_node_url("https://u:p@a.example").error().message.find("u:p"),
              std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node::cli
