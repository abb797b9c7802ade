// SPDX-License-Identifier: Apache-2.0
#include "api/conditional.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

Request with_header(const std::string& name, const std::string& value) {
    Request request;
    request.headers[name] = value;
    return request;
}

Response answered(const Request& request, const std::string& body = "text") {
    Response response{200, "text/plain", body, {}};
    response.headers.emplace_back("Cache-Control", "no-cache");
    return with_etag(request, std::move(response));
}

TEST(Conditional, TagsTheBytesAndNothingElse) {
    EXPECT_EQ(strong_etag("a"), strong_etag("a"));
    EXPECT_NE(strong_etag("a"), strong_etag("b"));
    const auto response = answered(Request{});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.back().second, strong_etag("text"));
}

TEST(Conditional, Answers304ToWhoHasItAlready) {
    const std::string etag = strong_etag("text");
    for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
        const auto response = answered(with_header("if-none-match", known));
        EXPECT_EQ(response.status, 304) << known;
        EXPECT_TRUE(response.body.empty());
        EXPECT_EQ(response.headers.size(), 2U);
    }
}

TEST(Conditional, SendsItToWhoHasAnother) {
    const std::string bare = strong_etag("text").substr(1, 32);
    for (const std::string& known :
         {strong_etag("older"), bare, "\"" + bare, std::string(), std::string(", ,")}) {
        EXPECT_EQ(answered(with_header("if-none-match", known)).status, 200) << known;
    }
}

TEST(Conditional, LeavesOtherAnswersAlone) {
    const auto response =
        with_etag(with_header("if-none-match", "*"), Response{404, "text/plain", "no", {}});
    EXPECT_EQ(response.status, 404);
    EXPECT_TRUE(response.headers.empty());
}

TEST(Conditional, LetsAChangeThroughOnlyOnWhatWasRead) {
    const std::string etag = strong_etag("text");
    EXPECT_FALSE(check_if_match(Request{}, etag));
    EXPECT_FALSE(check_if_match(with_header("if-match", etag), etag));
    EXPECT_FALSE(check_if_match(with_header("if-match", "*"), etag));
    for (const std::string& read : {strong_etag("older"), "W/" + etag, std::string()}) {
        const auto refused = check_if_match(with_header("if-match", read), etag);
        ASSERT_TRUE(refused) << read;
        EXPECT_EQ(refused->status, 412);
    }
}

}  // namespace
}  // namespace fieldseal::api
