// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include <gtest/gtest.h>

namespace fieldseal::api {
namespace {

Router sample() {
    Router router;
    router.add("GET", "/a/{id}", [](const Request&, const PathValues& at) {
        return Response{200, "text/plain", "one:" + at.at("id"), {}};
    });
    router.add("POST", "/a/{id}",
               [](const Request&, const PathValues&) { return Response{201, "", "", {}}; });
    router.add("POST", "/a/batch",
               [](const Request&, const PathValues&) { return Response{202, "", "", {}}; });
    router.add("GET", "/tile/{path...}", [](const Request&, const PathValues& at) {
        return Response{200, "text/plain", at.at("path"), {}};
    });
    return router;
}

Response ask(const std::string& method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    return sample().dispatch(request);
}

TEST(Router, FindsByMethodAndSegments) {
    EXPECT_EQ(ask("GET", "/a/7").body, "one:7");
    EXPECT_EQ(ask("HEAD", "/a/7").status, 200);
    EXPECT_EQ(ask("POST", "/a/7").status, 201);
    EXPECT_EQ(ask("GET", "/tile/0/x001/002.p/3").body, "0/x001/002.p/3");
}

TEST(Router, RefusesWhatNoPatternNames) {
    for (const char* path : {"/", "/a", "/a/", "/a/7/", "/a/7/8", "/b/7", "/tile"}) {
        EXPECT_EQ(ask("GET", path).status, 404) << path;
    }
}

TEST(Router, SaysWhichMethodsAPathHas) {
    const auto response = ask("DELETE", "/a/7");
    EXPECT_EQ(response.status, 405);
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "GET, POST");
}

TEST(Router, GivesAPathToThePatternThatSpellsItOut) {
    EXPECT_EQ(ask("POST", "/a/batch").status, 202);
    const auto response = ask("GET", "/a/batch");
    EXPECT_EQ(response.status, 405);
    ASSERT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.headers[0].second, "POST");
    EXPECT_EQ(sample().find("GET", "/a/batch"), nullptr);
    EXPECT_EQ(ask("GET", "/a/batches").body, "one:batches");
    EXPECT_EQ(ask("GET", "/a/{id}").body, "one:{id}");
}

}  // namespace
}  // namespace fieldseal::api
