// SPDX-License-Identifier: Apache-2.0
// Settings, requests and our own failures. What a hub can answer:
// tests/integration/lying_hub_test.cpp.
#include "anchor/witness_target.h"

#include "core/encoding.h"
#include "core/hash.h"
#include "tests/support/lying_hub.h"

#include <gtest/gtest.h>

namespace fieldseal::anchor {
namespace {

using testing::Connection;
using testing::LyingHub;
using testing::NoteSigner;
using testing::ScriptedServer;
using testing::TestLog;

constexpr std::int64_t kNow = 1'795'000'000;
constexpr std::uint8_t kSeed = 0x11;
constexpr std::string_view kOrigin = "office.example/node-1/1";

WitnessSettings settings_for(const LyingHub& hub) {
    WitnessSettings settings;
    settings.name = "hub";
    settings.url = hub.url();
    settings.vkey = note::format_vkey(hub.witness_key());
    settings.log_vkey = note::format_vkey(hub.log_key());
    return settings;
}

class WitnessTargetTest : public ::testing::Test {
protected:
    WitnessTargetTest() : log_(kOrigin, kSeed, 9), hub_(log_.key(), kNow) {
        view_.origin = log_.origin();
        view_.vkey = note::format_vkey(log_.key());
        view_.consistency_proof = [this](std::uint64_t from, std::uint64_t to) {
            return Result<std::vector<Digest>>(log_.consistency(from, to));
        };
        view_.root_at = [this](std::uint64_t size) -> Result<std::optional<Digest>> {
            if (size > log_.size()) return std::optional<Digest>();
            return std::optional<Digest>(log_.checkpoint(size).root);
        };
    }
    std::unique_ptr<Target> open(WitnessSettings settings) {
        auto target = open_witness_target(std::move(settings));
        EXPECT_TRUE(target.ok()) << target.error().message;
        return *std::move(target);
    }
    Result<Outcome> submit(Target& target, std::uint64_t size, std::uint64_t from_size = 0,
                           std::int64_t now_s = kNow) {
        const std::string note = log_.note(size);
        SubmitContext context;
        context.log = &view_;
        context.note = note;
        context.size = size;
        context.from_size = from_size;
        context.now_s = now_s;
        return target.submit(context);
    }

    TestLog log_;
    LyingHub hub_;
    LogView view_;
};

TEST_F(WitnessTargetTest, AnchorsFromEachSizeToEachLargerOne) {
    auto target = open(settings_for(hub_));
    for (std::uint64_t from = 0; from <= 9; ++from) {
        for (std::uint64_t to = std::max<std::uint64_t>(from, 1); to <= 9; ++to) {
            hub_.forget();
            if (from > 0) {
                ASSERT_TRUE(submit(*target, from).ok());
            }
            const auto outcome = submit(*target, to, from);
            ASSERT_TRUE(outcome.ok());
            const auto* anchored = std::get_if<Anchored>(&*outcome);
            ASSERT_NE(anchored, nullptr) << from << " to " << to;
            EXPECT_EQ(anchored->time_s, kNow);
            EXPECT_FALSE(anchored->pieces.logged_json.empty());
        }
    }
}

TEST_F(WitnessTargetTest, FindsTheSizeOfTheTargetWhateverItBelieved) {
    auto target = open(settings_for(hub_));
    ASSERT_TRUE(submit(*target, 5).ok());
    for (const std::uint64_t believed : {0U, 1U, 4U, 7U, 9U, 1000U}) {
        hub_.forget();
        ASSERT_TRUE(std::holds_alternative<Anchored>(*submit(*target, 5)));
        EXPECT_TRUE(std::holds_alternative<Anchored>(*submit(*target, 9, believed))) << believed;
    }
}

TEST_F(WitnessTargetTest, TakesAnyTimeWhenItHasNoClock) {
    auto target = open(settings_for(hub_));
    EXPECT_TRUE(std::holds_alternative<Misbehaving>(*submit(*target, 5, 0, kNow - 301)));
    EXPECT_TRUE(std::holds_alternative<Anchored>(*submit(*target, 5, 0, kNow - 300)));
    EXPECT_TRUE(std::holds_alternative<Anchored>(*submit(*target, 6, 5, 0)));
}

TEST_F(WitnessTargetTest, TreatsAHubWithoutALogKeyAsAPlainWitness) {
    WitnessSettings settings = settings_for(hub_);
    settings.log_vkey.clear();
    settings.url += "/";
    auto target = open(settings);
    const auto outcome = submit(*target, 5);
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(std::get<Anchored>(*outcome).pieces.logged_json.empty());
    EXPECT_EQ(hub_.requests(), (std::vector<std::string>{"POST /add-checkpoint"}));
}

TEST_F(WitnessTargetTest, AsksTheMonitoringPathOfItsOwnOrigin) {
    WitnessSettings settings = settings_for(hub_);
    settings.monitor_url = hub_.url() + "/monitor/";
    auto target = open(settings);
    SubmitContext context;
    context.log = &view_;
    context.now_s = kNow;
    ASSERT_TRUE(target->observe(context).ok());
    const std::string id = hex_encode(sha256(as_bytes(kOrigin)));
    EXPECT_EQ(hub_.requests(), (std::vector<std::string>{"GET /monitor/" + id + "/checkpoint"}));
}

TEST_F(WitnessTargetTest, AgreesWithAMonitorThatShowsItsHistory) {
    auto target = open(settings_for(hub_));
    ASSERT_TRUE(submit(*target, 5).ok());
    SubmitContext context;
    context.log = &view_;
    context.now_s = kNow;
    const auto outcome = target->observe(context);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(std::get<Agrees>(*outcome).target_size, 5U);
}

TEST_F(WitnessTargetTest, CallsItsOwnTroubleAnError) {
    auto target = open(settings_for(hub_));
    ASSERT_TRUE(submit(*target, 5).ok());
    view_.consistency_proof = [](std::uint64_t, std::uint64_t) -> Result<std::vector<Digest>> {
        return Error{Errc::io, "disk"};
    };
    const auto outcome = submit(*target, 9, 5);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Errc::io);
}

TEST_F(WitnessTargetTest, NeverAsksForTheWrongCheckpoint) {
    auto target = open(settings_for(hub_));
    const std::string note = log_.note(5);
    SubmitContext context;
    context.log = &view_;
    context.note = note;
    context.size = 6;
    EXPECT_FALSE(target->submit(context).ok());
    context.size = 5;
    view_.origin = "office.example/node-1/2";
    EXPECT_FALSE(target->submit(context).ok());
    EXPECT_TRUE(hub_.requests().empty());
}

TEST_F(WitnessTargetTest, ReadsRetryAfter) {
    ScriptedServer server([](Connection& connection) {
        if (connection.read_request()) connection.answer(429, "Retry-After: 7\r\n", "");
    });
    WitnessSettings settings = settings_for(hub_);
    settings.url = server.url();
    auto target = open(settings);
    const auto outcome = submit(*target, 5);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(std::get<Busy>(*outcome).retry_after_ms, 7000);
}

TEST_F(WitnessTargetTest, IsOfflineWhenNobodyListens) {
    WitnessSettings settings = settings_for(hub_);
    {
        ScriptedServer gone([](Connection&) {});
        settings.url = gone.url();
    }
    auto target = open(settings);
    EXPECT_TRUE(std::holds_alternative<Offline>(*submit(*target, 5)));
}

TEST_F(WitnessTargetTest, RefusesSettingsThatCannotBeRight) {
    const WitnessSettings good = settings_for(hub_);
    ASSERT_TRUE(open_witness_target(good).ok());
    const NoteSigner log("hub.example/log", note::KeyType::ed25519, 0x77);
    const auto expect_refused = [&](auto change, std::string_view words) {
        WitnessSettings bad = good;
        change(bad);
        const auto target = open_witness_target(bad);
        ASSERT_FALSE(target.ok()) << words;
        EXPECT_EQ(target.error().code, Errc::invalid_argument);
        EXPECT_NE(target.error().message.find(words), std::string::npos) << target.error().message;
    };
    expect_refused([](auto& s) { s.url = "hub.example"; }, "https://");
    expect_refused([](auto& s) { s.monitor_url = "ftp://h"; }, "https://");
    expect_refused([](auto& s) { s.vkey = "nonsense"; }, "witness key");
    expect_refused([&](auto& s) { s.vkey = good.log_vkey; }, "another purpose");
    expect_refused([&](auto& s) { s.log_vkey = good.vkey; }, "another purpose");
    expect_refused([](auto& s) { s.log_vkey = "nonsense"; }, "log");
    expect_refused([&](auto& s) { s.log_vkey = note::format_vkey(log.key()); },
                   "each needs its own");
    expect_refused([](auto& s) { s.tls.spki_pin = "sha256//x"; }, "pin");
}

}  // namespace
}  // namespace fieldseal::anchor
