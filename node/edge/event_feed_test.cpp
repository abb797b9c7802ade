// SPDX-License-Identifier: Apache-2.0
#include "node/edge/event_feed.h"

#include "api/office_routes.h"
#include "node/log_service.h"
#include "node/people/audited_routes.h"
#include "tests/support/office_in_process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

namespace fieldseal::node {
namespace {

using std::chrono::milliseconds;
using testing::OfficeInProcess;
using testing::order_for;

constexpr std::chrono::seconds kPatience{10};

std::unique_ptr<api::EventStream> listen(OfficeInProcess& office,
                                         const std::optional<std::string>& cursor = {}) {
    auto stream = office.office->listen(cursor);
    EXPECT_TRUE(stream.ok());
    return std::move(*stream);
}

std::vector<api::Event> take(api::EventStream& stream, milliseconds patience = milliseconds(0)) {
    auto events = stream.next(patience);
    EXPECT_TRUE(events.ok());
    return std::move(*events);
}

void seal(OfficeInProcess& office, const std::string& content) {
    const auto sealed = office.office->seal(order_for(content, ""));
    ASSERT_TRUE(sealed.ok()) << sealed.error().message;
}

TEST(EventFeed, TellsOfStatementsAndThenOfTheirCheckpoint) {
    OfficeInProcess office;
    seal(office, "before");
    const auto stream = listen(office);
    EXPECT_TRUE(take(*stream).empty());
    seal(office, "a");
    office.node.checkpoint();
    const auto events = take(*stream);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].name, "sealed");
    EXPECT_EQ(events[0].data.find("index")->as_integer(), 2);
    EXPECT_EQ(events[1].name, "checkpointed");
    EXPECT_EQ(events[1].data.find("size")->as_integer(), 4);
    EXPECT_TRUE(take(*stream).empty());
}

TEST(EventFeed, WakesWhoeverWaitsForASeal) {
    OfficeInProcess office;
    const auto stream = listen(office);
    auto waiting = std::async(std::launch::async, [&] { return take(*stream, kPatience); });
    seal(office, "a");
    const auto events = waiting.get();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].name, "sealed");
}

TEST(EventFeed, GoesOnFromACursorOverARestartWithoutLossOrRepetition) {
    constexpr int kDocuments = 600;  // more than one look takes
    OfficeInProcess office;
    std::optional<std::string> cursor = listen(office)->cursor();
    std::vector<std::int64_t> seen;
    const auto drain = [&](std::size_t events_max) {
        const auto stream = listen(office, cursor);
        for (;;) {
            const auto events = take(*stream);
            if (events.empty()) return;
            for (const auto& event : events) {
                if (event.name == "sealed") seen.push_back(event.data.find("index")->as_integer());
                cursor = event.cursor;
                if (--events_max == 0) return;  // cut off in the middle
            }
        }
    };
    for (int i = 0; i < kDocuments; ++i) {
        seal(office, std::to_string(i));
        if (i == 100 || i == 200) drain(37);
        if (i == 300) office.restart();
        if (i == 400) office.node.checkpoint();
    }
    drain(1U << 30);
    std::vector<std::int64_t> sealed;
    const std::uint64_t size = office.node.store->log(store::LogId::statements).head().size.value;
    for (std::uint64_t i = 0; i < size; ++i) {
        const auto record = office.node.store->statements().by_index(merkle::LeafIndex{i});
        if ((*record)->kind == store::StatementKind::statement) {
            sealed.push_back(static_cast<std::int64_t>(i));
        }
    }
    EXPECT_EQ(sealed.size(), static_cast<std::size_t>(kDocuments));
    EXPECT_EQ(seen, sealed);
}

TEST(EventFeed, RefusesACursorItNeverGave) {
    OfficeInProcess office;
    for (const std::string cursor :
         {"", "1", "2-1-1", "1-1", "1-x-1", "1-1-1-abc", "1-1-1-0123456g_1", "1-1-1-01234567_",
          "1-99-1", "1--1", "1-1-1-"}) {
        EXPECT_FALSE(office.office->listen(cursor).ok()) << cursor;
    }
    EXPECT_TRUE(office.office->listen("1-1-1-01234567_5").ok());
}

TEST(EventFeed, EndsWhenTheNodeStops) {
    OfficeInProcess office;
    const auto stream = listen(office);
    auto waiting = std::async(std::launch::async, [&] { return take(*stream, kPatience); });
    office.node.news.close();
    EXPECT_TRUE(waiting.get().empty());
    EXPECT_FALSE(stream->open());
}

// Reads like a listener: until it has seen enough, or for kPatience.
class PatientSink final : public api::ResponseSink {
public:
    explicit PatientSink(std::size_t wanted) : wanted_(wanted) {}
    bool write(std::string_view bytes) override {
        if (bytes == ": still here\n\n") ++heartbeats;
        text += bytes;
        return open();
    }
    bool open() override {
        return heartbeats < wanted_ && std::chrono::steady_clock::now() < deadline_;
    }

    std::size_t heartbeats = 0;
    std::string text;

private:
    const std::size_t wanted_;
    const std::chrono::steady_clock::time_point deadline_ =
        std::chrono::steady_clock::now() + kPatience;
};

TEST(EventFeed, TellsWhatBecomesOfSeals) {
    OfficeInProcess office;
    const auto stream = listen(office);
    ASSERT_TRUE(
        office.node.manager->act(console_caller(), "default", {api::SealAction::suspend, "", {}})
            .ok());
    const auto events = take(*stream);
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events.front().name, "seal");
    const json::Value& data = events.front().data;
    EXPECT_EQ(data.find("life")->as_string(), "suspended");
    const auto status = office.node.status->find(office.node.seals->find("default")->key.kid());
    EXPECT_EQ(static_cast<std::uint64_t>(data.find("index")->as_integer()), status->since_index);
    // Told once: a later snapshot that repeats the state is no news.
    api::NewSeal other;
    other.name = "other";
    other.passphrase = "long enough";
    ASSERT_TRUE(office.node.manager->create(console_caller(), other).ok());
    std::size_t seals = 0;
    for (const auto& event : take(*stream)) seals += event.name == "seal" ? 1U : 0U;
    EXPECT_EQ(seals, 1U);
}

// A rotation tells two states of one record. Who is cut off between them hears the second one.
TEST(EventFeed, LosesNoneOfSeveralStatesWhenItIsResumedBetweenThem) {
    OfficeInProcess office;
    const auto stream = listen(office);
    api::NewSeal next;
    next.name = "next";
    next.passphrase = "long enough";
    ASSERT_TRUE(office.node.manager->rotate(console_caller(), "default", next).ok());
    const auto seals_of = [](const std::vector<api::Event>& events) {
        std::vector<std::string> lives;
        for (const auto& event : events)
            if (event.name == "seal") lives.push_back(event.data.find("life")->as_string());
        return lives;
    };
    const auto events = take(*stream);
    const std::vector<std::string> both = seals_of(events);
    ASSERT_EQ(both.size(), 2U);
    for (std::size_t heard = 0; heard < events.size(); ++heard) {
        std::vector<std::string> again =
            seals_of({events.begin(), events.begin() + static_cast<std::ptrdiff_t>(heard) + 1});
        const auto resumed = listen(office, events[heard].cursor);
        for (const auto& life : seals_of(take(*resumed))) again.push_back(life);
        for (const auto& life : both)
            EXPECT_NE(std::ranges::find(again, life), again.end()) << life << " after " << heard;
    }
}

TEST(EventFeed, KeepsASilentStreamAliveWithHeartbeats) {
    constexpr std::size_t kHeartbeats = 3;
    constexpr milliseconds kInterval{20};
    OfficeInProcess office;
    LogService log(*office.node.store);
    api::Router router;
    api::add_office_events(
        router, {*office.admin, *office.office, log, *office.node.manager, 0, 1, 1, kInterval});
    api::Request request;
    request.method = "GET";
    request.path = "/api/v1/events";
    const auto response = router.dispatch(request);
    ASSERT_EQ(response.status, 200);
    PatientSink sink(kHeartbeats);
    const auto before = std::chrono::steady_clock::now();
    response.write(sink);
    EXPECT_EQ(sink.heartbeats, kHeartbeats);
    EXPECT_GE(std::chrono::steady_clock::now() - before, kInterval * kHeartbeats);
    EXPECT_EQ(sink.text.find("event:"), std::string::npos);
}

}  // namespace
}  // namespace fieldseal::node
