// SPDX-License-Identifier: Apache-2.0
// Against the daemon's own server with a scripted route, over a real Unix socket: see
// tests/integration for whole daemons.
#include "node/cli/daemon_client.h"

#include "api/problem.h"

#include <gtest/gtest.h>

namespace fieldseal::node::cli {
namespace {

TEST(DaemonClient, ReadsAProblemAsTheErrorItWas) {
    const auto response = api::problem(Error{Errc::storage_full, "the disk is nearly full"});
    const Error error = problem_to_error(response.status, response.body);
    EXPECT_EQ(error.code, Errc::storage_full);
    EXPECT_EQ(error.message, "the disk is nearly full");
    EXPECT_EQ(error.problem, "storage-full");
}

TEST(DaemonClient, KnowsNoProblemThatIsNotInItsTable) {
    const Error error = problem_to_error(403, R"({"code":"of-a-later-version","detail":"no"})");
    EXPECT_EQ(error.code, Errc::denied);
    EXPECT_EQ(error.problem, "");
}

TEST(DaemonClient, DoesNotBelieveEverythingThatAnswers) {
    for (const std::string& body : std::vector<std::string>{
             "", "<html>", "{}", R"({"code":7,"detail":"x"})", R"({"code":"locked"})"}) {
        const Error error = problem_to_error(502, body);
        EXPECT_EQ(error.code, Errc::internal) << body;
        EXPECT_NE(error.message.find("502"), std::string::npos) << body;
    }
}

TEST(DaemonClient, KeepsControlBytesOfAProblemOffTheTerminal) {
    EXPECT_EQ(problem_to_error(400, R"({"code":"locked","detail":"a\u001b[2Jb"})").message,
              "a\\x1b[2Jb");
}

TEST(DaemonClient, EncodesPathSegments) {
    EXPECT_EQ(percent_encode("default"), "default");
    EXPECT_EQ(percent_encode("a b/ü?"), "a%20b%2F%C3%BC%3F");
}

TEST(DaemonClient, WritesASecretAsJsonThatParsesBack) {
    for (const std::string& text : {std::string("correct horse"), std::string("q\"b\\s\n\x01 ü")}) {
        const auto secret = SecretBytes::copy_of(as_bytes(text));
        ASSERT_TRUE(secret.ok());
        const auto body = secret_json({{"passphrase", &*secret}});
        ASSERT_TRUE(body.ok()) << body.error().message;
        const auto parsed = json::parse(as_text(body->view()));
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        EXPECT_EQ(parsed->find("passphrase")->as_string(), text);
    }
}

TEST(DaemonClient, WritesASecretBesideOtherMembers) {
    const auto secret = SecretBytes::copy_of(as_bytes("correct \"horse\""));
    ASSERT_TRUE(secret.ok());
    const auto body = secret_json({{"password", &*secret}},
                                  json::Value::object({{"name", "a}"}, {"role", "admin"}}));
    ASSERT_TRUE(body.ok()) << body.error().message;
    const auto parsed = json::parse(as_text(body->view()));
    ASSERT_TRUE(parsed.ok()) << as_text(body->view());
    EXPECT_EQ(parsed->find("name")->as_string(), "a}");
    EXPECT_EQ(parsed->find("password")->as_string(), "correct \"horse\"");
}

TEST(DaemonClient, RefusesASecretThatIsNotUtf8) {
    const auto secret = SecretBytes::copy_of(as_bytes("\xff\xfe"));
    ASSERT_TRUE(secret.ok());
    EXPECT_FALSE(secret_json({{"passphrase", &*secret}}).ok());
}

TEST(DaemonClient, NamesAPathThatIsTooLongForASocket) {
    const auto client = DaemonClient::open("/" + std::string(200, 'x'), "fieldseal serve");
    ASSERT_FALSE(client.ok());
    EXPECT_EQ(client.error().code, Errc::invalid_argument);
    EXPECT_NE(client.error().message.find("107 bytes"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node::cli
