// SPDX-License-Identifier: Apache-2.0
// Each rule of the gate, and what it refuses. The gatekeeper here knows one session and one token.
#include "api/gate.h"

#include "api/content_digest.h"

#include <gtest/gtest.h>

#include <tuple>

namespace fieldseal::api {
namespace {

using Headers = std::map<std::string, std::string>;

const std::string kCookie = "__Host-fieldseal=good-cookie";
const std::string kToken = "Bearer fst_good-token";

class OneOfEach final : public Gatekeeper {
public:
    Result<Caller> caller_of_cookie(std::string_view cookie) override {
        ++asked;
        if (broken) return *broken;
        if (cookie != "good-cookie") return Error{Errc::unauthenticated, "no"};
        return session;
    }
    Result<Caller> watch_cookie(std::string_view cookie) override {
        ++watched;
        return caller_of_cookie(cookie);
    }
    Result<Caller> caller_of_token(std::string_view token) override {
        ++asked;
        if (token != "fst_good-token") return Error{Errc::unauthenticated, "no"};
        return machine;
    }
    Result<Session> log_in(const LogInOrder&) override { return none(); }
    Result<Session> pair(const PairingOrder&) override { return none(); }
    Result<void> log_out(std::string_view, const std::string&) override { return none(); }
    Result<void> confirm(std::string_view, const LogInOrder&) override { return none(); }

    Caller session{CallerKind::session, "amina", "", "operator", {}, "csrf-7", true};
    Caller machine{CallerKind::token, "amina", "t1", "operator", {}, "", true};
    std::optional<Error> broken;
    int asked = 0;
    int watched = 0;

private:
    static Error none() { return {Errc::unsupported, "not here"}; }
};

class LastWord final : public ResponseSink {
public:
    bool write(std::string_view bytes) override {
        text = bytes;
        return true;
    }
    bool open() override { return true; }

    std::string text;
};

class GateTest : public testing::Test {
protected:
    GateTest() {
        people_.session.may.grant(Permission::statement_create);
        people_.machine.may.grant(Permission::statement_create);
        people_.session.may.grant(Permission::node_read);
    }

    static Router routes() {
        Router router;
        const auto answer = [](const Request& request, const PathValues&) {
            return Response{200, "text/plain", "hello " + request.caller.account, {}};
        };
        const auto add = [&](const char* method, const char* path, Permission needs) {
            router.add(Route{method, path, needs, RouteKind::ordinary}, answer);
        };
        add("GET", "/open", Permission::anyone);
        add("POST", "/open", Permission::anyone);
        add("GET", "/self", Permission::self);
        add("DELETE", "/self", Permission::self);
        add("GET", "/node", Permission::node_read);
        add("POST", "/seal", Permission::statement_create);
        add("POST", "/people", Permission::people_manage);
        router.add(Route{"POST", "/upload", Permission::anyone, RouteKind::upload}, answer);
        for (const auto& [method, path, kind] :
             {std::tuple{"GET", "/events", RouteKind::events},
              std::tuple{"POST", "/documents", RouteKind::upload}}) {
            router.add(Route{method, path, Permission::statement_create, kind},
                       [](const Request& request, const PathValues&) {
                           Response response{200, "text/plain", "", {}};
                           response.write = [allowed = request.still_allowed](ResponseSink& sink) {
                               sink.write(allowed() ? "yes" : "no");
                           };
                           return response;
                       });
        }
        router.add("GET", "/page", [](const Request&, const PathValues&) {
            Response page{200, "text/html", "x", {}};
            page.headers.emplace_back("Cache-Control", "public");
            page.headers.emplace_back("content-security-policy", "own");
            return page;
        });
        return router;
    }

    Response ask(const std::string& method, const std::string& path, Headers headers = {},
                 const std::string& body = "") {
        Request request;
        request.method = method;
        request.path = path;
        request.headers = std::move(headers);
        request.headers.emplace("host", "office.example:8443");
        request.body = body;
        request.id = "r-1";
        request.remote = "10.0.0.7";
        return gate_.answer(request);
    }
    static std::string code(const Response& response) {
        const auto body = json::parse(response.body);
        const auto* code = body.ok() ? body->find("code") : nullptr;
        return code == nullptr ? "" : code->as_string();
    }
    static std::string header(const Response& response, std::string_view name) {
        std::string found;
        for (const auto& [key, value] : response.headers) {
            if (key == name) found += found.empty() ? value : " AND " + value;
        }
        return found;
    }

    OneOfEach people_;
    double now_s_ = 0;
    Gate gate_{routes(), people_, {"Office.example", "10.0.0.2", "::1"}, [this] { return now_s_; }};
};

TEST_F(GateTest, AnswersToItsNamesWithAnyPort) {
    for (const char* host : {"office.example", "OFFICE.example:1", "office.example.", "10.0.0.2:80",
                             "[::1]:8443", "[::1]"}) {
        EXPECT_EQ(ask("GET", "/open", {{"host", host}}).status, 200) << host;
    }
}

TEST_F(GateTest, RefusesAnotherHostBeforeItLooksAtCredentials) {
    for (const char* host :
         {"", "evil.example", "office.example.evil.example", "office.example:", "office.example:x",
          "office.example@evil.example", "[::1", "::1", "office.example:8443:1", "10.0.0.20"}) {
        const auto response = ask("GET", "/open", {{"host", host}, {"cookie", kCookie}});
        EXPECT_EQ(response.status, 421) << host;
        EXPECT_EQ(code(response), "wrong-host");
    }
    EXPECT_EQ(people_.asked, 0);
}

TEST_F(GateTest, KnowsACookieAndAToken) {
    EXPECT_EQ(ask("GET", "/self", {{"cookie", "a=b; " + kCookie + "; c=d"}}).body, "hello amina");
    EXPECT_EQ(ask("GET", "/self", {{"authorization", kToken}}).body, "hello amina");
    EXPECT_EQ(ask("GET", "/self", {{"authorization", "bearer fst_good-token"}}).status, 200);
}

TEST_F(GateTest, DeniesWhoeverBringsNothingOrSomethingElse) {
    const std::string endless(kSecretTextBytesMax + 1, 'a');
    for (const Headers& headers :
         {Headers{}, Headers{{"cookie", "__Host-fieldseal=other"}},
          Headers{{"cookie", "fieldseal=good-cookie"}}, Headers{{"authorization", "Bearer fst_x"}},
          Headers{{"authorization", "Bearer good-token"}}, Headers{{"authorization", "Basic Zm9v"}},
          Headers{{"authorization", "fst_good-token"}}, Headers{{"authorization", ""}},
          Headers{{"cookie", "__Host-fieldseal=" + endless}}}) {
        const auto response = ask("GET", "/self", headers);
        EXPECT_EQ(response.status, 401);
        EXPECT_EQ(code(response), "unauthenticated");
        EXPECT_TRUE(header(response, "WWW-Authenticate").starts_with("Bearer"));
    }
}

TEST_F(GateTest, RefusesTwoCredentialsAtOnce) {
    const auto response = ask("GET", "/open", {{"cookie", kCookie}, {"authorization", kToken}});
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(code(response), "two-credentials");
}

TEST_F(GateTest, LetsADeadCookieLogInAgain) {
    EXPECT_EQ(ask("POST", "/open", {{"cookie", "__Host-fieldseal=old"}}).status, 200);
}

TEST_F(GateTest, SaysWhenItCannotLookCredentialsUp) {
    people_.broken = Error{Errc::io, "the store does not answer"};
    EXPECT_EQ(ask("GET", "/self", {{"cookie", kCookie}}).status, 503);
}

TEST_F(GateTest, RefusesPagesOfOthersOnUnsafeMethods) {
    for (const char* origin : {"https://evil.example", "null", "office.example",
                               "https://office.example.evil.example", "ftp://office.example"}) {
        const auto response = ask("POST", "/open", {{"origin", origin}});
        EXPECT_EQ(response.status, 403) << origin;
        EXPECT_EQ(code(response), "wrong-origin");
    }
    EXPECT_EQ(code(ask("POST", "/open", {{"sec-fetch-site", "cross-site"}})), "wrong-origin");
    EXPECT_EQ(ask("POST", "/open", {{"origin", "https://office.example:8443"}}).status, 200);
    EXPECT_EQ(ask("POST", "/open", {{"sec-fetch-site", "same-origin"}}).status, 200);
    EXPECT_EQ(ask("GET", "/open", {{"origin", "https://evil.example"}}).status, 200);
}

TEST_F(GateTest, WantsTheCsrfTokenOfASessionThatChangesSomething) {
    EXPECT_EQ(code(ask("DELETE", "/self", {{"cookie", kCookie}})), "wrong-csrf");
    for (const char* token : {"", "csrf-8", "csrf-77"}) {
        const auto response =
            ask("DELETE", "/self", {{"cookie", kCookie}, {"x-csrf-token", token}});
        EXPECT_EQ(response.status, 403) << token;
    }
    EXPECT_EQ(ask("DELETE", "/self", {{"cookie", kCookie}, {"x-csrf-token", "csrf-7"}}).status,
              200);
    EXPECT_EQ(ask("GET", "/self", {{"cookie", kCookie}}).status, 200);
    EXPECT_EQ(ask("DELETE", "/self", {{"authorization", kToken}}).status, 200);
}

TEST_F(GateTest, RefusesASessionWithoutACsrfTokenOfItsOwn) {
    people_.session.csrf.clear();
    EXPECT_EQ(ask("DELETE", "/self", {{"cookie", kCookie}, {"x-csrf-token", ""}}).status, 403);
}

TEST_F(GateTest, NamesThePermissionThatIsMissing) {
    const auto response = ask("GET", "/node", {{"authorization", kToken}});
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(code(response), "denied");
    EXPECT_EQ(json::parse(response.body)->find("permission")->as_string(), "node:read");
    EXPECT_EQ(ask("GET", "/node", {{"cookie", kCookie}}).status, 200);
    EXPECT_EQ(ask("POST", "/people", {{"authorization", kToken}}).status, 403);
}

TEST_F(GateTest, AsksAPersonToConfirmBeforeSealingAndNeverAMachine) {
    const Headers person = {{"cookie", kCookie}, {"x-csrf-token", "csrf-7"}};
    EXPECT_EQ(ask("POST", "/seal", person).status, 200);
    people_.session.confirmed = false;
    people_.machine.confirmed = false;
    const auto response = ask("POST", "/seal", person);
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(code(response), "confirm-first");
    EXPECT_NE(response.body.find("/api/v1/session/confirm"), std::string::npos);
    EXPECT_EQ(ask("POST", "/seal", {{"authorization", kToken}}).status, 200);
    EXPECT_EQ(ask("DELETE", "/self", person).status, 200);
}

TEST_F(GateTest, TellsEverybodyWhatPathsThereAre) {
    EXPECT_EQ(code(ask("GET", "/nothing")), "not-found");
    const auto response = ask("PUT", "/people");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header(response, "Allow"), "POST");
    EXPECT_EQ(ask("OPTIONS", "/open", {{"origin", "https://evil.example"}}).status, 405);
}

TEST_F(GateTest, TakesJsonOnlyExceptForUploads) {
    EXPECT_EQ(code(ask("POST", "/open", {{"content-type", "text/plain"}}, "{}")),
              "unsupported-media-type");
    EXPECT_EQ(ask("POST", "/open", {}, "{}").status, 415);
    EXPECT_EQ(
        ask("POST", "/open", {{"content-type", "Application/JSON; charset=utf-8"}}, "{}").status,
        200);
    EXPECT_EQ(ask("POST", "/upload", {{"content-type", "application/pdf"}}, "%PDF").status, 200);
}

TEST_F(GateTest, ChecksTheDigestOfABody) {
    Headers headers = {{"content-type", "application/json"},
                       {"content-digest", content_digest(as_bytes("{}"))}};
    EXPECT_EQ(ask("POST", "/open", headers, "{}").status, 200);
    EXPECT_EQ(code(ask("POST", "/open", headers, "{ }")), "digest-mismatch");
    headers["content-digest"] = "sha-256=nonsense";
    EXPECT_EQ(code(ask("POST", "/open", headers, "{}")), "invalid-argument");
}

TEST_F(GateTest, StopsWhoAsksTooMuch) {
    for (std::uint32_t i = 0; i < kNobodyPolicy.requests; ++i) ask("GET", "/open");
    const auto response = ask("GET", "/open");
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(code(response), "rate-limited");
    EXPECT_EQ(header(response, "Retry-After"), "1");
    EXPECT_EQ(header(response, "RateLimit"), "\"nobody\";r=0;t=60");
    EXPECT_EQ(ask("GET", "/self", {{"authorization", kToken}}).status, 200);
    now_s_ += 1;
    EXPECT_EQ(ask("GET", "/open").status, 200);
}

TEST_F(GateTest, PutsTheSecurityHeadersOnEveryAnswer) {
    for (const auto& response : {ask("GET", "/open"), ask("GET", "/self"), ask("GET", "/nothing"),
                                 ask("GET", "/open", {{"host", "evil.example"}})}) {
        EXPECT_NE(header(response, "Content-Security-Policy").find("default-src 'none'"),
                  std::string::npos);
        EXPECT_NE(header(response, "Content-Security-Policy").find("frame-ancestors 'none'"),
                  std::string::npos);
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header(response, "Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(header(response, "Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_EQ(header(response, "Cache-Control"), "no-store");
        EXPECT_FALSE(header(response, "RateLimit-Policy").empty());
        EXPECT_EQ(header(response, "Content-Digest"), content_digest(as_bytes(response.body)));
        EXPECT_TRUE(header(response, "Access-Control-Allow-Origin").empty());
    }
}

TEST_F(GateTest, LeavesARouteItsOwnHeaders) {
    const auto response = ask("GET", "/page");
    EXPECT_EQ(header(response, "Cache-Control"), "public");
    EXPECT_EQ(header(response, "content-security-policy"), "own");
    EXPECT_EQ(header(response, "Content-Security-Policy"), "");
}

TEST_F(GateTest, NamesTheRequestInProblems) {
    EXPECT_EQ(json::parse(ask("GET", "/self").body)->find("request_id")->as_string(), "r-1");
}

TEST_F(GateTest, AsksAgainForWhoIsServedForLong) {
    const auto still = [](const Response& response) {
        LastWord sink;
        response.write(sink);
        return sink.text;
    };
    const auto listener = ask("GET", "/events", {{"cookie", kCookie}});
    const auto machine = ask("GET", "/events", {{"authorization", kToken}});
    const auto upload =
        ask("POST", "/documents", {{"cookie", kCookie}, {"x-csrf-token", "csrf-7"}});
    EXPECT_EQ(still(listener), "yes");
    EXPECT_EQ(people_.watched, 1);
    EXPECT_EQ(still(machine), "yes");
    EXPECT_EQ(still(upload), "yes");
    EXPECT_EQ(people_.watched, 1);  // an upload is a use of the session
    people_.machine.may = {};
    EXPECT_EQ(still(machine), "no");
    people_.broken = Error{Errc::unauthenticated, "logged out"};
    EXPECT_EQ(still(listener), "no");
    EXPECT_EQ(still(upload), "no");
}

}  // namespace
}  // namespace fieldseal::api
