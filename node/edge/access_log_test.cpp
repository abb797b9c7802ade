// SPDX-License-Identifier: Apache-2.0
#include "node/edge/access_log.h"

#include "core/json/json.h"

#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

api::Request request() {
    api::Request request;
    request.method = "GET";
    request.path = "/api/v1/statements/secret-id";
    request.query = {{"name", "secret-name"}};
    request.headers = {{"authorization", "Bearer secret-token"}};
    request.body = "secret-body";
    request.id = "r-1";
    request.remote = "10.0.0.7";
    request.caller.account = "amina";
    request.caller.token_id = "t7";
    return request;
}

TEST(AccessLog, NamesTheRouteTheCallerAndTheOutcomeAndNothingSecret) {
    const api::Request asked = request();
    const Access access{asked, "/api/v1/statements/{id}", 404, 12, 345};
    for (const LogFormat format : {LogFormat::json, LogFormat::text}) {
        const std::string line = access_line(format, access);
        EXPECT_EQ(line.find("secret"), std::string::npos) << line;
        EXPECT_NE(line.find("/api/v1/statements/{id}"), std::string::npos) << line;
        EXPECT_NE(line.find("amina"), std::string::npos) << line;
    }
    const auto parsed = json::parse(access_line(LogFormat::json, access));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->find("code")->as_integer(), 404);
    EXPECT_EQ(parsed->find("request_id")->as_string(), "r-1");
    EXPECT_EQ(parsed->find("token")->as_string(), "t7");
}

TEST(AccessLog, IsSilentAboutWhatARefusedRequestDoesNotHave) {
    const api::Request nothing;
    const Access access{nothing, "-", 400, 0, 1};
    EXPECT_EQ(json::parse(access_line(LogFormat::json, access))->find("actor"), nullptr);
    EXPECT_NE(access_line(LogFormat::text, access).find("edge: - - 400"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node
