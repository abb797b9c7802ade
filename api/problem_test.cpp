// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "api/api_documents.h"

#include <gtest/gtest.h>

#include <set>

namespace fieldseal::api {
namespace {

constexpr std::array kErrcs = {Errc::invalid_argument,
                               Errc::not_found,
                               Errc::conflict,
                               Errc::corrupt,
                               Errc::unavailable,
                               Errc::exhausted,
                               Errc::denied,
                               Errc::locked,
                               Errc::held,
                               Errc::unauthenticated,
                               Errc::rate_limited,
                               Errc::storage_full,
                               Errc::io,
                               Errc::unsupported,
                               Errc::internal};

const ProblemCode* code_of(std::string_view word) {
    for (const auto& code : problem_codes()) {
        if (code.code == word) return &code;
    }
    return nullptr;
}

TEST(Problem, HasEveryErrorOfOursInTheTableWithItsStatus) {
    for (const Errc errc : kErrcs) {
        const auto* code = code_of(problem_code(errc));
        ASSERT_NE(code, nullptr) << problem_code(errc);
        EXPECT_EQ(code->status, http_status(errc)) << code->code;
    }
}

TEST(Problem, IsReadBackAsTheErrorItWas) {
    for (const Errc errc : kErrcs) {
        EXPECT_EQ(errc_of_problem(http_status(errc), problem_code(errc)), errc);
    }
    EXPECT_EQ(errc_of_problem(403, "wrong-csrf"), Errc::denied);
    EXPECT_EQ(errc_of_problem(421, "wrong-host"), Errc::invalid_argument);
    EXPECT_EQ(errc_of_problem(599, "nonsense"), Errc::internal);
}

TEST(Problem, SaysWhatRfc9457Says) {
    const auto response = problem(Error{Errc::exhausted, "the queue is full"});
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body.ok());
    EXPECT_EQ(body->find("type")->as_string(), "/docs/errors/exhausted");
    EXPECT_EQ(body->find("title")->as_string(), code_of("exhausted")->title);
    EXPECT_EQ(body->find("status")->as_integer(), 503);
    EXPECT_EQ(body->find("detail")->as_string(), "the queue is full");
    EXPECT_TRUE(body->find("retryable")->as_bool());
}

TEST(Problem, NamesTheRequestAsFarAsItIsKnown) {
    std::string text = problem(404, "not-found", "nothing is here").body;
    const std::string before = text;
    Request request;
    name_problem(text, request);
    EXPECT_EQ(text, before);
    request.id = "r-17";
    request.path = "/api/v1/x";
    name_problem(text, request);
    EXPECT_EQ(json::parse(text)->find("request_id")->as_string(), "r-17");
    EXPECT_EQ(json::parse(text)->find("instance")->as_string(), "/api/v1/x");
    const std::string once = text;
    name_problem(text, request);
    EXPECT_EQ(text, once);
    request.path = "/\xff";
    request.id.clear();
    text = before;
    name_problem(text, request);
    EXPECT_EQ(text, before);
}

TEST(ProblemCodes, AreOfOneFormAndEachHasAPage) {
    std::set<std::string_view> seen;
    for (const auto& code : problem_codes()) {
        EXPECT_TRUE(seen.insert(code.code).second) << code.code;
        EXPECT_EQ(code.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos);
        EXPECT_NE(code.page.find("What to do"), std::string::npos) << code.code;
        EXPECT_EQ(code.page.find("<script"), std::string::npos) << code.code;
    }
}

}  // namespace
}  // namespace fieldseal::api
