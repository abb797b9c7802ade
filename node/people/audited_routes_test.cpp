// SPDX-License-Identifier: Apache-2.0
#include "node/people/audited_routes.h"

#include "api/answers.h"
#include "api/problem.h"

#include <gtest/gtest.h>

#include <vector>

namespace fieldseal::node {
namespace {

class Notes final : public AuditSink {
public:
    Result<void> append(const AuditNote& note) override {
        if (full) return Error{Errc::exhausted, "full"};
        notes.push_back(note);
        return {};
    }
    std::vector<AuditNote> notes;
    bool full = false;
};

class AuditedRoutes : public ::testing::Test {
protected:
    AuditedRoutes() {
        const auto answer = [this](const api::Request&, const api::PathValues&) {
            return api::json_response(status_, json::Value::object({{"name", "registry"}}));
        };
        for (const char* pattern :
             {"/api/v1/seals/{name}/unlock", "/api/v1/targets", "/api/v1/sync", "/api/v1/other"})
            router_.add("POST", pattern, answer);
        audit_routes(router_, notes_);
    }

    api::Response post(const std::string& path, const api::Caller& caller = console_caller()) {
        api::Request request;
        request.method = "POST";
        request.path = path;
        request.caller = caller;
        request.remote = "192.0.2.7";
        return router_.dispatch(request);
    }

    int status_ = 200;
    Notes notes_;
    api::Router router_;
};

TEST_F(AuditedRoutes, NoteWhoDidWhatToWhat) {
    EXPECT_EQ(post("/api/v1/seals/permits/unlock").status, 200);
    EXPECT_EQ(post("/api/v1/targets").status, 200);
    status_ = 423;
    post("/api/v1/sync");
    status_ = 403;
    api::Caller machine;
    machine.account = "maria";
    machine.token_id = "k3";
    post("/api/v1/sync", machine);
    status_ = 429;
    post("/api/v1/seals/permits/unlock");
    ASSERT_EQ(notes_.notes.size(), 5U);
    EXPECT_EQ(notes_.notes[0].actor, "local");
    EXPECT_EQ(notes_.notes[0].action, "unlock");
    EXPECT_EQ(notes_.notes[0].subject, "permits");
    EXPECT_EQ(notes_.notes[0].outcome, "ok");
    EXPECT_EQ(notes_.notes[0].remote, "192.0.2.7");
    EXPECT_EQ(notes_.notes[1].action, "target-add");
    EXPECT_EQ(notes_.notes[1].subject, "registry");
    EXPECT_EQ(notes_.notes[2].outcome, "failed");
    EXPECT_EQ(notes_.notes[3].actor, "maria token:k3");
    EXPECT_EQ(notes_.notes[3].outcome, "denied");
    EXPECT_EQ(notes_.notes[4].outcome, "locked-out");
}

TEST_F(AuditedRoutes, LeaveOtherRoutesAlone) {
    EXPECT_EQ(post("/api/v1/other").status, 200);
    EXPECT_EQ(post("/api/v1/nowhere").status, 404);
    EXPECT_TRUE(notes_.notes.empty());
}

TEST_F(AuditedRoutes, DoNotSayThatAllIsWellWhenNothingWasNoted) {
    notes_.full = true;
    const auto response = post("/api/v1/sync");
    EXPECT_EQ(response.status, api::http_status(Errc::exhausted));
    EXPECT_NE(response.body.find("the audit log did not take it"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node
