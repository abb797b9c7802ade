// SPDX-License-Identifier: Apache-2.0
// The router of the edge and the OpenAPI document say the same, both ways: method, path, permission
// and kind. That the daemon serves this router: tests/integration/authorisation_test.py.
#include "api/api_documents.h"
#include "api/documentation_routes.h"
#include "api/health_routes.h"
#include "api/metrics_routes.h"
#include "api/office_routes.h"
#include "api/people_routes.h"
#include "api/public_routes.h"
#include "core/json/json.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace fieldseal::api {
namespace {

Error unasked() {
    return {Errc::internal, "no route is asked here"};
}

class NoAdmin final : public AdminBackend {
public:
    Result<SealReceipt> seal(const SealOrder&) override { return unasked(); }
    Result<json::Value> list(const ListQuery&) override { return unasked(); }
    Result<json::Value> show(const Digest&) override { return unasked(); }
    Result<std::string> evidence(const Digest&) override { return unasked(); }
    Result<json::Value> status() override { return unasked(); }
    Result<json::Value> node_info() override { return unasked(); }
    Result<json::Value> trust_export() override { return unasked(); }
    Result<json::Value> sync() override { return unasked(); }
    Result<void> unlock(const std::string&, std::string_view) override { return unasked(); }
    Result<void> lock(const std::string&) override { return unasked(); }
    Result<json::Value> add_target(const TargetOrder&) override { return unasked(); }
    Result<json::Value> add_chain_target(const ChainTargetOrder&) override { return unasked(); }
    Result<json::Value> add_authority_target(const AuthorityTargetOrder&) override {
        return unasked();
    }
    Result<json::Value> test_target(const std::string&) override { return unasked(); }
    Result<json::Value> enroll_log(const std::string&) override { return unasked(); }
    Result<json::Value> enrolled_logs() override { return unasked(); }
};

class NoOffice final : public OfficeBackend {
public:
    Result<SealOutcome> seal(const SealOrder&) override { return unasked(); }
    std::vector<Result<SealOutcome>> seal_batch(const std::vector<SealOrder>&) override {
        return {};
    }
    Result<Page> statements(const StatementQuery&) override { return unasked(); }
    Result<json::Value> refresh(const Digest&) override { return unasked(); }
    Result<Page> checkpoints(std::optional<std::uint64_t>, std::uint32_t) override {
        return unasked();
    }
    Result<json::Value> targets() override { return unasked(); }
    Result<json::Value> outbox() override { return unasked(); }
    Result<std::string> verify(const VerifyOrder&) override { return unasked(); }
    Readiness readiness() override { return {}; }
    json::Value well_known() override { return {}; }
    Result<std::unique_ptr<EventStream>> listen(const std::optional<std::string>&) override {
        return unasked();
    }
};

class NoSeals final : public SealBackend {
public:
    Result<json::Value> seals() override { return unasked(); }
    Result<json::Value> seal(std::string_view) override { return unasked(); }
    Result<json::Value> create(const Caller&, const NewSeal&) override { return unasked(); }
    Result<json::Value> rotate(const Caller&, std::string_view, const NewSeal&) override {
        return unasked();
    }
    Result<json::Value> act(const Caller&, std::string_view, const SealActionOrder&) override {
        return unasked();
    }
    Result<json::Value> set(const Caller&, std::string_view, const SealSettings&) override {
        return unasked();
    }
};

class NoLog final : public LogBackend {
public:
    Result<std::string> checkpoint(PublicLog) override { return unasked(); }
    Result<Bytes> tile(PublicLog, std::string_view) override { return unasked(); }
};

class NoGatekeeper final : public Gatekeeper {
public:
    Result<Caller> caller_of_cookie(std::string_view) override { return unasked(); }
    Result<Caller> watch_cookie(std::string_view) override { return unasked(); }
    Result<Caller> caller_of_token(std::string_view) override { return unasked(); }
    Result<Session> log_in(const LogInOrder&) override { return unasked(); }
    Result<Session> pair(const PairingOrder&) override { return unasked(); }
    Result<void> log_out(std::string_view, const std::string&) override { return unasked(); }
    Result<void> confirm(std::string_view, const LogInOrder&) override { return unasked(); }
};

class NoPeople final : public PeopleBackend {
public:
    Result<json::Value> accounts() override { return unasked(); }
    Result<json::Value> account(std::string_view) override { return unasked(); }
    Result<json::Value> add_account(const Caller&, const NewAccount&) override { return unasked(); }
    Result<json::Value> change_account(const Caller&, std::string_view,
                                       const AccountChange&) override {
        return unasked();
    }
    Result<void> change_own_password(const Caller&, const PasswordChange&) override {
        return unasked();
    }
    Result<json::Value> begin_second_factor(const Caller&) override { return unasked(); }
    Result<void> finish_second_factor(const Caller&, std::string_view) override {
        return unasked();
    }
    Result<json::Value> tokens(const Caller&) override { return unasked(); }
    Result<json::Value> add_token(const Caller&, const NewToken&) override { return unasked(); }
    Result<void> revoke_token(const Caller&, std::string_view) override { return unasked(); }
    Result<json::Value> audit(const AuditQuery&) override { return unasked(); }
};

// One line for each operation: "GET /api/v1/events outbox:read events".
std::string line(std::string method, std::string path, std::string_view needs, RouteKind kind) {
    for (char& c : method) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (const auto rest = path.find("...}"); rest != std::string::npos) path.replace(rest, 4, "}");
    const std::string_view word = kind == RouteKind::upload   ? " upload"
                                  : kind == RouteKind::events ? " events"
                                                              : "";
    return method + " " + path + " " + std::string(needs) + std::string(word);
}

std::set<std::string> routed() {
    NoAdmin admin;
    NoOffice office;
    NoLog log;
    NoSeals seals;
    NoGatekeeper gatekeeper;
    NoPeople people;
    Router router;
    add_health_routes(router, office);
    add_log_routes(router, log);
    add_office_routes(router, {admin, office, log, seals, 0});
    add_people_routes(router, gatekeeper, people);
    add_metrics_route(router, [] { return Result<std::string>(unasked()); });
    add_documentation_routes(router);
    std::set<std::string> lines;
    for (const auto& route : router.routes())
        lines.insert(line(route.method, route.pattern, to_string(route.needs), route.kind));
    return lines;
}

RouteKind kind_of(const json::Value& operation) {
    const auto* body = operation.find("requestBody");
    const auto* good = operation.find("responses")->find("200");
    const auto* answers = good == nullptr ? nullptr : good->find("content");
    if (body != nullptr && body->find("content")->find("application/json") == nullptr)
        return RouteKind::upload;
    const bool events = answers != nullptr && answers->find("text/event-stream") != nullptr;
    return events ? RouteKind::events : RouteKind::ordinary;
}

std::set<std::string> documented() {
    const auto document = json::parse(openapi_document(), {.bytes_max = 1024 * 1024});
    EXPECT_TRUE(document.ok());
    std::set<std::string> lines;
    for (const auto& path : document->find("paths")->as_object()) {
        for (const auto& item : path.value.as_object()) {
            if (const auto* needs = item.value.find("x-permission"))
                lines.insert(line(item.name, path.name, needs->as_string(), kind_of(item.value)));
        }
    }
    return lines;
}

TEST(OpenApiRoutes, AreAllDocumentedAsTheyAre) {
    const auto known = documented();
    for (const auto& route : routed()) EXPECT_TRUE(known.contains(route)) << route;
}

TEST(OpenApiRoutes, AreAllThere) {
    const auto known = routed();
    for (const auto& route : documented()) EXPECT_TRUE(known.contains(route)) << route;
}

}  // namespace
}  // namespace fieldseal::api
