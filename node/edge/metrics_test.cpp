// SPDX-License-Identifier: Apache-2.0
#include "node/edge/metrics.h"

#include "tests/support/office_in_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fieldseal::node {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::OfficeInProcess;
using testing::order_for;

TEST(Metrics, CountsOrdersByWhatBecameOfThem) {
    OfficeInProcess office;
    ASSERT_TRUE(office.office->seal(order_for("a", "k1")).ok());
    ASSERT_TRUE(office.office->seal(order_for("a", "k1")).ok());
    ASSERT_TRUE(office.office->seal(order_for("b", "k1")).ok());  // the key is another order's
    office.office->seal_batch({order_for("c", "k2"), order_for("d", "k3")});
    office.node.gate.close(GateReason::storage, "make room");
    EXPECT_FALSE(office.office->seal(order_for("e", "k4")).ok());
    const std::string text = office.metrics.text(*office.office->facts());
    EXPECT_THAT(text, HasSubstr("fieldseal_seals_total{outcome=\"sealed\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_seals_total{outcome=\"replayed\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_seals_total{outcome=\"refused\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_seals_total{outcome=\"failed\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_seal_duration_seconds_count 5\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_log_entries 4\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_outbox_records 4\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_seals_locked 0\n"));
}

TEST(Metrics, NameRoutesByTheirPatternsOnly) {
    Metrics metrics;
    api::Router router;
    router.add("GET", "/api/v1/statements/{id}",
               [](const api::Request&, const api::PathValues&) { return api::Response{}; });
    int answers = 0;
    const auto hook = counted([&](const auto&...) { ++answers; }, metrics, router);
    api::Request request;
    request.method = "GET";
    request.path = "/api/v1/statements/secret";
    hook(request, 200, 0, microseconds(10));
    request.path = "/secret";
    hook(request, 404, 0, microseconds(10));
    const std::string text = metrics.text({});
    EXPECT_EQ(answers, 2);
    EXPECT_THAT(text, HasSubstr("fieldseal_http_requests_total{"));
    EXPECT_THAT(text, HasSubstr("route=\"/api/v1/statements/{id}\""));
    EXPECT_THAT(text, HasSubstr("route=\"-\""));
    EXPECT_THAT(text, Not(HasSubstr("secret")));
}

TEST(Metrics, LeaveEventStreamsOutOfTheDurations) {
    Metrics metrics;
    const api::Route events{"GET", "/events", api::Permission::outbox_read, api::RouteKind::events};
    metrics.observe_answer(&events, 200, microseconds(10));
    const std::string text = metrics.text({});
    EXPECT_THAT(text, HasSubstr("fieldseal_http_requests_total{"));
    EXPECT_THAT(text, Not(HasSubstr("fieldseal_http_request_duration_seconds_count{")));
}

TEST(Metrics, TellOneStateOfEachTarget) {
    Metrics metrics;
    NodeFacts facts;
    facts.targets.push_back({"north", "waiting", 0});
    facts.targets.push_back({"south", "anchored", 1700000000});
    const std::string text = metrics.text(facts);
    EXPECT_THAT(text, HasSubstr("fieldseal_target_state{target=\"north\",state=\"waiting\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("fieldseal_target_state{target=\"north\",state=\"anchored\"} 0\n"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "fieldseal_anchor_last_success_timestamp_seconds{target=\"south\"} 1700000000\n"));
    EXPECT_THAT(text, Not(HasSubstr("last_success_timestamp_seconds{target=\"north\"}")));
}

}  // namespace
}  // namespace fieldseal::node
