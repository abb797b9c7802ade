// SPDX-License-Identifier: Apache-2.0
#include "api/seal_key_routes.h"

#include "core/json/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RecordingKeys final : public SealKeyBackend {
public:
    Result<void> set_passphrase(const std::string& seal, const KeyOpener& opener,
                                std::string_view passphrase) override {
        note(seal, opener);
        fresh = passphrase;
        return refuse ? Result<void>(*refuse) : Result<void>();
    }
    Result<void> renew_recovery(const std::string& seal, const KeyOpener& opener,
                                const SecretTaker& take) override {
        note(seal, opener);
        if (refuse) return *refuse;
        take("FSR1-AAAA");
        return {};
    }
    Result<void> export_key(const std::string& seal, const KeyOpener& opener,
                            std::optional<std::string_view> file_passphrase,
                            const SecretTaker& take) override {
        note(seal, opener);
        if (refuse) return *refuse;
        fresh = file_passphrase.value_or("(plain)");
        take("-----BEGIN\n");
        return {};
    }
    Result<void> test_key(const std::string& seal) override {
        last_seal = seal;
        return refuse ? Result<void>(*refuse) : Result<void>();
    }

    std::optional<Error> refuse;
    std::string last_seal;
    std::string opened_with;
    std::string fresh;

private:
    void note(const std::string& seal, const KeyOpener& opener) {
        last_seal = seal;
        opened_with = opener.kind == KeyOpener::Kind::passphrase ? "passphrase " : "code ";
        opened_with += opener.text;
    }
};

class SealKeyRoutes : public ::testing::Test {
protected:
    SealKeyRoutes() { add_seal_key_routes(router_, keys_); }
    Response ask(const std::string& action, const std::string& body) {
        Request request;
        request.method = "POST";
        request.path = "/api/v1/seals/permits/" + action;
        request.body = body;
        return router_.dispatch(request);
    }

    RecordingKeys keys_;
    Router router_;
};

TEST_F(SealKeyRoutes, ChangeAPassphrase) {
    EXPECT_EQ(ask("passphrase", R"({"passphrase":"old","new_passphrase":"new \"one\""})").status,
              204);
    EXPECT_EQ(keys_.last_seal, "permits");
    EXPECT_EQ(keys_.opened_with, "passphrase old");
    EXPECT_EQ(keys_.fresh, "new \"one\"");
    EXPECT_EQ(ask("passphrase", R"({"recovery_code":"FSR1","new_passphrase":"n"})").status, 204);
    EXPECT_EQ(keys_.opened_with, "code FSR1");
}

TEST_F(SealKeyRoutes, TakeExactlyOneWayOfOpening) {
    for (const char* body :
         {R"({"new_passphrase":"n"})",
          R"({"passphrase":"a","recovery_code":"b","new_passphrase":"n"})", R"({"passphrase":"a"})",
          R"({"passphrase":"a","new_passphrase":"n","more":"x"})", "x"}) {
        EXPECT_EQ(ask("passphrase", body).status, 400) << body;
    }
    EXPECT_EQ(keys_.last_seal, "");
}

TEST_F(SealKeyRoutes, GiveARecoveryCodeOnce) {
    const Response response = ask("recovery-code", R"({"passphrase":"old"})");
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.secret);
    EXPECT_EQ(json::parse(response.body)->find("recovery_code")->as_string(), "FSR1-AAAA");
}

TEST_F(SealKeyRoutes, ExportEncryptedUnlessPlainIsAskedFor) {
    EXPECT_EQ(ask("export", R"({"passphrase":"p"})").status, 400);
    EXPECT_EQ(ask("export", R"({"passphrase":"p","file_passphrase":"f","plain":true})").status,
              400);
    const Response wrapped = ask("export", R"({"passphrase":"p","file_passphrase":"f"})");
    EXPECT_EQ(wrapped.status, 200);
    EXPECT_TRUE(wrapped.secret);
    EXPECT_EQ(keys_.fresh, "f");
    EXPECT_EQ(json::parse(wrapped.body)->find("pkcs8")->as_string(), "-----BEGIN\n");
    EXPECT_EQ(ask("export", R"({"passphrase":"p","plain":true})").status, 200);
    EXPECT_EQ(keys_.fresh, "(plain)");
}

TEST_F(SealKeyRoutes, SayWhyNotAndNeverTheSecret) {
    keys_.refuse = Error{Errc::rate_limited, "5 wrong passphrases in a row: wait 7 s"};
    const Response response =
        ask("passphrase", R"({"passphrase":"tell nobody","new_passphrase":"n"})");
    EXPECT_EQ(response.status, 429);
    EXPECT_THAT(response.body, HasSubstr("wait 7 s"));
    EXPECT_THAT(response.body, Not(HasSubstr("nobody")));
    keys_.refuse = Error{Errc::locked, "locked"};
    EXPECT_EQ(ask("test", "").status, 423);
    keys_.refuse.reset();
    EXPECT_EQ(ask("test", "").status, 204);
}

}  // namespace
}  // namespace fieldseal::api
