// SPDX-License-Identifier: Apache-2.0
#include "anchor/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kDay = 24 * 3'600'000;

constexpr std::array kPhases = {Phase::idle,
                                Phase::waiting,
                                Phase::sending,
                                Phase::anchored,
                                Phase::refused,
                                Phase::disagrees_without_proof,
                                Phase::stopped_by_proof,
                                Phase::misbehaving,
                                Phase::confirming};
constexpr std::array kInFlights = {InFlight::none, InFlight::submit, InFlight::observe,
                                   InFlight::completion};
constexpr std::array kReplyKinds = {
    ReplyKind::anchored, ReplyKind::agrees,    ReplyKind::conflict,         ReplyKind::refused,
    ReplyKind::busy,     ReplyKind::disagrees, ReplyKind::stopped_by_proof, ReplyKind::misbehaving,
    ReplyKind::offline,  ReplyKind::not_sent,  ReplyKind::underway};
static_assert(kPhases.size() == kPhaseCount && kInFlights.size() == kInFlightCount &&
              kReplyKinds.size() == kReplyKindCount);

template <class T>
std::vector<T> all(const Step& step) {
    std::vector<T> found;
    for (const Action& action : step.actions) {
        if (const auto* match = std::get_if<T>(&action)) found.push_back(*match);
    }
    return found;
}

template <class T>
bool has(const Step& step) {
    return !all<T>(step).empty();
}

Reply reply_of(ReplyKind kind, std::uint64_t size, std::uint64_t anchored_size = 0) {
    Reply reply;
    reply.kind = kind;
    reply.size = size;
    reply.anchored_size = anchored_size;
    return reply;
}

// A driver as the anchor worker is one: keeps the state, moves the time by hand.
struct Driver {
    TargetState state;
    SchedulePolicy policy;
    std::int64_t now = kNow;
    std::uint64_t random = 7;

    Step step(const Event& event) {
        Step result = advance(std::move(state), event, Moment{now, random}, policy);
        state = result.state;
        return result;
    }
    Step underway(std::uint64_t size, std::int64_t poll_after_ms, std::string alarm = {}) {
        Reply answer = reply_of(ReplyKind::underway, size);
        answer.poll_after_ms = poll_after_ms;
        answer.text = "mined soon";
        answer.alarm = std::move(alarm);
        return step(answer);
    }
    Step reply(ReplyKind kind, std::uint64_t size, std::uint64_t target_size = 0) {
        Reply answer;
        answer.kind = kind;
        answer.size = size;
        answer.target_size = target_size;
        answer.text = "said so";
        answer.note = kind == ReplyKind::stopped_by_proof ? "signed" : "";
        return step(answer);
    }
};

// A driver whose checkpoint `size` is in flight.
Driver sending(std::uint64_t size) {
    Driver driver;
    const Step step = driver.step(CheckpointMade{size});
    EXPECT_TRUE(has<Submit>(step));
    return driver;
}

TEST(Schedule, SendsTheFirstCheckpointAtOnceAndPersistsBefore) {
    Driver driver;
    const Step step = driver.step(CheckpointMade{5});
    EXPECT_EQ(step.actions, (std::vector<Action>{Persist{}, Submit{5, 0}}));
    EXPECT_EQ(driver.state.phase, Phase::sending);
    EXPECT_EQ(next_wakeup_ms(driver.state), std::nullopt);
}

TEST(Schedule, DoesNothingWithoutACheckpoint) {
    Driver driver;
    EXPECT_FALSE(has<Submit>(driver.step(Started{0})));
    EXPECT_TRUE(driver.step(Tick{}).actions.empty());
    EXPECT_TRUE(driver.step(RetryNow{}).actions.empty());
    EXPECT_EQ(driver.state.phase, Phase::idle);
}

TEST(Schedule, CoalescesCheckpointsMadeWhileSending) {
    Driver driver = sending(5);
    for (std::uint64_t size = 6; size <= 90; ++size) {
        EXPECT_EQ(driver.step(CheckpointMade{size}).actions, (std::vector<Action>{Persist{}}));
    }
    const Step step = driver.reply(ReplyKind::anchored, 5);
    EXPECT_EQ(all<Submit>(step), (std::vector<Submit>{{90, 5}}));
    EXPECT_EQ(driver.state.phase, Phase::sending);
    driver.reply(ReplyKind::anchored, 90);
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    EXPECT_EQ(driver.state.anchored_size, 90U);
}

TEST(Schedule, IgnoresAnOlderCheckpoint) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    EXPECT_TRUE(driver.step(CheckpointMade{5}).actions.empty());
    EXPECT_TRUE(driver.step(CheckpointMade{4}).actions.empty());
    EXPECT_EQ(driver.state.wanted_size, 5U);
}

TEST(Schedule, IgnoresAnAnswerNobodyWaitsFor) {
    Driver driver = sending(5);
    EXPECT_TRUE(driver.reply(ReplyKind::anchored, 4).actions.empty());
    EXPECT_EQ(driver.state.anchored_size, 0U);
    driver.reply(ReplyKind::offline, 5);
    EXPECT_FALSE(has<Persist>(driver.reply(ReplyKind::anchored, 5)));
    EXPECT_EQ(driver.state.phase, Phase::waiting);
}

TEST(Schedule, WaitsLongerAfterEachFailureUpToTheCap) {
    Driver driver = sending(5);
    std::int64_t previous = 0;
    for (int attempt = 1; attempt <= 40; ++attempt) {
        driver.random = UINT64_MAX;
        driver.reply(ReplyKind::offline, 5);
        const std::int64_t delay = driver.state.next_attempt_ms - driver.now;
        EXPECT_GE(delay, driver.policy.base_delay_ms / 2);
        EXPECT_LE(delay, driver.policy.max_delay_ms);
        EXPECT_GE(delay * 2 + 2, previous);
        previous = delay;
        EXPECT_FALSE(has<Submit>(driver.step(Tick{}))) << "before the time has come";
        driver.now = driver.state.next_attempt_ms;
        EXPECT_TRUE(has<Submit>(driver.step(Tick{})));
    }
    EXPECT_GE(previous, driver.policy.max_delay_ms / 2);
}

TEST(Schedule, SpreadsRetriesByTheRandomNumberItIsGiven) {
    Driver low = sending(5);
    Driver high = sending(5);
    low.random = 0;
    high.random = static_cast<std::uint64_t>(high.policy.base_delay_ms / 2);
    low.reply(ReplyKind::offline, 5);
    high.reply(ReplyKind::offline, 5);
    EXPECT_EQ(low.state.next_attempt_ms, kNow + low.policy.base_delay_ms / 2);
    EXPECT_EQ(high.state.next_attempt_ms, kNow + high.policy.base_delay_ms);
}

TEST(Schedule, StaysCalmThroughSixWeeksOffline) {
    Driver driver = sending(1);
    std::uint64_t newest = 1;
    int attempts = 0;
    const std::int64_t back_online = kNow + 42 * kDay;
    while (driver.now < back_online) {
        EXPECT_FALSE(has<Alarm>(driver.reply(ReplyKind::offline, driver.state.in_flight_size)));
        EXPECT_EQ(driver.state.phase, Phase::waiting);
        driver.step(CheckpointMade{++newest});
        driver.now = driver.state.next_attempt_ms;
        driver.random += 0x9E3779B97F4A7C15ULL;
        const Step step = driver.step(Tick{});
        ASSERT_EQ(all<Submit>(step), (std::vector<Submit>{{newest, 0}})) << "only the newest";
        ++attempts;
    }
    EXPECT_GT(attempts, 42 * 24 * 12) << "a short link window must be found";
    EXPECT_LT(attempts, 42 * 24 * 26);
    EXPECT_EQ(driver.state.since_ms, kNow) << "waiting since the cable went out";
    driver.reply(ReplyKind::anchored, newest);
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    EXPECT_EQ(driver.state.anchored_size, newest);
    EXPECT_TRUE(driver.state.last_error.empty());
}

TEST(Schedule, HonoursRetryAfterWithinItsBounds) {
    struct Case {
        std::int64_t asked_ms;
        std::int64_t expected_ms;
    };
    const SchedulePolicy policy;
    for (const Case& c :
         {Case{60'000, 60'000}, Case{0, policy.base_delay_ms}, Case{-5, policy.base_delay_ms},
          Case{1, policy.base_delay_ms}, Case{INT64_MAX, policy.max_retry_after_ms}}) {
        Driver driver = sending(5);
        driver.random = static_cast<std::uint64_t>(policy.base_delay_ms / 2);
        Reply reply;
        reply.kind = ReplyKind::busy;
        reply.size = 5;
        reply.retry_after_ms = c.asked_ms;
        driver.step(reply);
        EXPECT_EQ(driver.state.next_attempt_ms - kNow, c.expected_ms) << c.asked_ms;
        EXPECT_EQ(driver.state.phase, Phase::waiting);
    }
}

TEST(Schedule, RetriesAtOnceWhenAPersonAsks) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::refused, 5);
    EXPECT_GE(driver.state.next_attempt_ms, kNow + driver.policy.slow_base_delay_ms / 2);
    EXPECT_TRUE(has<Submit>(driver.step(RetryNow{})));
    EXPECT_EQ(driver.state.phase, Phase::refused) << "stays visible while asking again";
    const Step step = driver.reply(ReplyKind::anchored, 5);
    EXPECT_TRUE(has<AlarmCleared>(step));
    EXPECT_EQ(driver.state.phase, Phase::anchored);
}

TEST(Schedule, AlarmsOncePerTrouble) {
    for (const ReplyKind kind : {ReplyKind::refused, ReplyKind::disagrees}) {
        Driver driver = sending(5);
        const auto first = all<Alarm>(driver.reply(kind, 5));
        EXPECT_EQ(first, (std::vector<Alarm>{{AlarmKind::needs_person, "said so"}}));
        driver.step(RetryNow{});
        EXPECT_FALSE(has<Alarm>(driver.reply(kind, 5)));
    }
}

TEST(Schedule, KeepsStandingTroubleVisibleWhileOffline) {
    for (const ReplyKind kind : {ReplyKind::refused, ReplyKind::disagrees}) {
        Driver driver = sending(5);
        driver.reply(kind, 5);
        const Phase phase = driver.state.phase;
        for (const ReplyKind silence : {ReplyKind::offline, ReplyKind::busy, ReplyKind::not_sent}) {
            driver.step(RetryNow{});
            EXPECT_FALSE(has<AlarmCleared>(driver.reply(silence, 5)));
            EXPECT_EQ(driver.state.phase, phase);
        }
    }
}

TEST(Schedule, StartsAnewFromTheSizeTheTargetNamed) {
    Driver driver = sending(50);
    driver.reply(ReplyKind::conflict, 50, 30);
    EXPECT_EQ(driver.state.phase, Phase::waiting);
    EXPECT_EQ(all<Submit>(driver.step(RetryNow{})), (std::vector<Submit>{{50, 30}}));
    driver.reply(ReplyKind::conflict, 50, 70);
    EXPECT_EQ(all<Submit>(driver.step(RetryNow{})), (std::vector<Submit>{{50, 0}}))
        << "no proof starts past our own size";
}

TEST(Schedule, StopsForSignedProofUntilOverridden) {
    Driver driver = sending(5);
    const Step step = driver.reply(ReplyKind::stopped_by_proof, 5);
    EXPECT_EQ(all<Alarm>(step), (std::vector<Alarm>{{AlarmKind::stop_sealing, "said so"}}));
    EXPECT_EQ(driver.state.alarm_note, "signed");
    const std::vector<Event> harmless = {Tick{},  RetryNow{},   Reconcile{},   CheckpointMade{9},
                                         Reply{}, Completion{}, Reconfigured{}};
    for (const Event& event : harmless) {
        driver.now += 100 * kDay;
        const Step next = driver.step(event);
        EXPECT_EQ(driver.state.phase, Phase::stopped_by_proof) << event.index();
        EXPECT_FALSE(has<Submit>(next) || has<FetchMonitor>(next) || has<Complete>(next));
    }
    EXPECT_EQ(all<Alarm>(driver.step(Started{9})).size(), 1U) << "raised again after a restart";
    const Step lifted = driver.step(Overridden{});
    EXPECT_TRUE(has<AlarmCleared>(lifted));
    EXPECT_EQ(all<Submit>(lifted), (std::vector<Submit>{{9, 0}}));
    EXPECT_TRUE(driver.state.alarm_note.empty());
}

TEST(Schedule, OverridesNothingElse) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::disagrees, 5);
    EXPECT_TRUE(driver.step(Overridden{}).actions.empty());
    EXPECT_EQ(driver.state.phase, Phase::disagrees_without_proof);
}

TEST(Schedule, PollsWhatIsUnderwayWithoutCountingAttempts) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::offline, 5);
    for (int poll = 0; poll < 100; ++poll) {
        driver.now = *next_wakeup_ms(driver.state);
        EXPECT_EQ(all<Submit>(driver.step(Tick{})), (std::vector<Submit>{{5, 0}}));
        const std::int64_t asked_ms = driver.now;
        const Step step = driver.underway(5, 5'000);
        EXPECT_EQ(step.actions, (std::vector<Action>{Persist{}})) << "no alarm";
        EXPECT_EQ(driver.state.phase, Phase::confirming);
        EXPECT_EQ(driver.state.attempts, 0U);
        EXPECT_EQ(driver.state.last_error, "");
        EXPECT_EQ(driver.state.since_ms, kNow) << "it is one wait from the first attempt on";
        EXPECT_EQ(*next_wakeup_ms(driver.state), asked_ms + 5'000);
        EXPECT_FALSE(has<Submit>(driver.step(CheckpointMade{5})));
    }
    driver.now = *next_wakeup_ms(driver.state);
    driver.step(Tick{});
    EXPECT_EQ(driver.state.phase, Phase::confirming) << "nothing flickers while it is asked";
    driver.reply(ReplyKind::anchored, 5);
    EXPECT_EQ(driver.state.phase, Phase::anchored);
}

TEST(Schedule, BoundsThePaceATargetAsksFor) {
    for (const auto& [asked, taken] : {std::pair{std::int64_t{-1}, std::int64_t{100}},
                                       std::pair{std::int64_t{0}, std::int64_t{100}},
                                       std::pair{INT64_MAX, std::int64_t{3'600'000}}}) {
        Driver driver = sending(5);
        driver.underway(5, asked);
        EXPECT_EQ(*next_wakeup_ms(driver.state), kNow + taken);
    }
}

TEST(Schedule, OwesTheNewestWhenAnOlderOneIsAnchored) {
    Driver driver = sending(5);
    driver.underway(5, 1'000);
    driver.step(CheckpointMade{9});
    driver.now = *next_wakeup_ms(driver.state);
    EXPECT_EQ(all<Submit>(driver.step(Tick{})), (std::vector<Submit>{{9, 0}}));
    const Step older = driver.step(reply_of(ReplyKind::anchored, 9, 5));
    EXPECT_EQ(driver.state.anchored_size, 5U);
    EXPECT_EQ(driver.state.completion_size, 5U);
    EXPECT_EQ(all<Submit>(older), (std::vector<Submit>{{9, 5}}));
    EXPECT_EQ(driver.state.phase, Phase::sending);
    driver.reply(ReplyKind::anchored, 9);
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    EXPECT_EQ(driver.state.anchored_size, 9U);
}

TEST(Schedule, TellsAPersonOnceOfWhatHappenedToWhatIsUnderway) {
    Driver driver = sending(5);
    EXPECT_EQ(all<Alarm>(driver.underway(5, 1'000, "foreign nonce")),
              (std::vector<Alarm>{{AlarmKind::needs_person, "foreign nonce"}}));
    EXPECT_EQ(driver.state.last_error, "foreign nonce");
    driver.now = *next_wakeup_ms(driver.state);
    driver.step(Tick{});
    EXPECT_FALSE(has<Alarm>(driver.underway(5, 1'000, "foreign nonce"))) << "said already";
    driver.now = *next_wakeup_ms(driver.state);
    driver.step(Tick{});
    EXPECT_TRUE(has<AlarmCleared>(driver.reply(ReplyKind::anchored, 5)));
    EXPECT_EQ(driver.state.last_error, "");
}

TEST(Schedule, ReleasesNoHeldNodeForATargetThatConfirmsNoHistory) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    driver.step(Reconcile{});
    Reply reply = reply_of(ReplyKind::anchored, 5);
    reply.confirms_history = false;
    const Step step = driver.step(reply);
    EXPECT_FALSE(has<Reconciled>(step));
    EXPECT_FALSE(driver.state.reconciling) << "asking again would not help";
    EXPECT_EQ(driver.state.phase, Phase::anchored);
}

TEST(Schedule, SendsAgainAfterARestartInFlight) {
    Driver driver = sending(5);
    driver.state = *decode_target_state(encode_target_state(driver.state));
    const Step step = driver.step(Started{7});
    EXPECT_EQ(step.actions, (std::vector<Action>{Persist{}, Submit{7, 0}}));
}

TEST(Schedule, KeepsTheSlowPaceOverARestart) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::refused, 5);
    const Step step = driver.step(Started{5});
    EXPECT_FALSE(has<Submit>(step));
    EXPECT_TRUE(has<Alarm>(step));
    EXPECT_EQ(driver.state.phase, Phase::refused);
}

// A driver whose checkpoint `size` is anchored and complete, just started again.
Driver restarted(std::uint64_t size) {
    Driver driver = sending(size);
    Reply anchored = reply_of(ReplyKind::anchored, size);
    anchored.complete = true;
    driver.step(anchored);
    EXPECT_EQ(driver.step(Started{size, true}).actions,
              (std::vector<Action>{Persist{}, FetchMonitor{}}));
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    return driver;
}

TEST(Schedule, LooksOnceAtAStartWithNothingToSend) {
    Driver driver = restarted(5);
    EXPECT_TRUE(driver.step(Tick{}).actions.empty());
    EXPECT_EQ(driver.reply(ReplyKind::agrees, 0, 5).actions, (std::vector<Action>{Persist{}}));
    EXPECT_EQ(driver.state.in_flight, InFlight::none);
    EXPECT_TRUE(driver.step(Tick{}).actions.empty());
    Driver empty;
    EXPECT_TRUE(has<FetchMonitor>(empty.step(Started{0, true})))
        << "an old copy may be an empty one";
    Driver killed = restarted(5);
    EXPECT_TRUE(has<FetchMonitor>(killed.step(Started{5, true}))) << "ended while it looked";
}

TEST(Schedule, LooksOnlyWhereThereIsSomethingToSeeAndNothingToSend) {
    Driver driver = restarted(5);
    EXPECT_FALSE(has<FetchMonitor>(driver.step(Started{5, false})));
    const Step step = driver.step(Started{9, true});
    EXPECT_TRUE(has<Submit>(step)) << "its answer tells more";
    EXPECT_FALSE(has<FetchMonitor>(step));
    driver.reply(ReplyKind::stopped_by_proof, 9);
    EXPECT_FALSE(has<FetchMonitor>(driver.step(Started{9, true})));
}

TEST(Schedule, StopsByTheProofItSeesAtTheStart) {
    Driver driver = restarted(5);
    const Step step = driver.reply(ReplyKind::stopped_by_proof, 0);
    EXPECT_EQ(step.actions,
              (std::vector<Action>{Persist{}, Alarm{AlarmKind::stop_sealing, "said so"}}));
    EXPECT_EQ(driver.state.phase, Phase::stopped_by_proof);
    EXPECT_EQ(driver.state.alarm_note, "signed");
}

TEST(Schedule, IsNotTroubledByALookThatShowsNoProof) {
    for (const ReplyKind kind : kReplyKinds) {
        if (kind == ReplyKind::stopped_by_proof) continue;
        Driver driver = restarted(5);
        TargetState expected = driver.state;
        expected.in_flight = InFlight::none;
        EXPECT_EQ(driver.reply(kind, 0, 77).actions, (std::vector<Action>{Persist{}}));
        EXPECT_EQ(driver.state, expected) << "reply " << static_cast<int>(kind);
    }
}

TEST(Schedule, SendsWhatWasMadeWhileItLooked) {
    Driver driver = restarted(5);
    EXPECT_FALSE(has<Submit>(driver.step(CheckpointMade{6})));
    EXPECT_EQ(all<Submit>(driver.reply(ReplyKind::offline, 0)), (std::vector<Submit>{{6, 5}}));
}

TEST(Schedule, ReleasesNoHeldNodeForALook) {
    Driver driver = restarted(5);
    driver.step(Reconcile{});
    const Step step = driver.reply(ReplyKind::agrees, 0, 5);
    EXPECT_FALSE(has<Reconciled>(step));
    EXPECT_TRUE(has<Submit>(step));
    EXPECT_TRUE(driver.state.reconciling);
}

TEST(Schedule, IsNotStrandedByAClockSetBackAYear) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::offline, 5);
    driver.now -= 365 * kDay;
    driver.step(Tick{});
    EXPECT_LE(*next_wakeup_ms(driver.state), driver.now + 6 * 3'600'000);
}

TEST(Schedule, ReconcilesByAskingForTheNewestCheckpointAgain) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    const Step asked = driver.step(Reconcile{});
    EXPECT_EQ(all<Submit>(asked), (std::vector<Submit>{{5, 5, kNow / 1000}}));
    const Step answered = driver.reply(ReplyKind::anchored, 5);
    EXPECT_TRUE(has<Reconciled>(answered));
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    EXPECT_FALSE(driver.state.reconciling);
}

TEST(Schedule, AsksForAnAnswerNoOlderThanTheLast) {
    Driver driver = sending(5);
    Reply reply;
    reply.kind = ReplyKind::anchored;
    reply.size = 5;
    reply.time_s = 1'600'000'000;
    driver.step(reply);
    EXPECT_EQ(all<Submit>(driver.step(CheckpointMade{6})),
              (std::vector<Submit>{{6, 5, 1'600'000'000}}));
    reply.size = 6;
    reply.time_s = 1'500'000'000;
    driver.step(reply);
    EXPECT_EQ(driver.state.target_time_s, 1'600'000'000);
    driver.step(Reconfigured{});
    EXPECT_EQ(driver.state.target_time_s, 0);
}

TEST(Schedule, ReconcilesByTheMonitorWhenThereIsNoCheckpoint) {
    Driver driver;
    EXPECT_EQ(all<FetchMonitor>(driver.step(Reconcile{})).size(), 1U);
    driver.reply(ReplyKind::offline, 0);
    EXPECT_TRUE(driver.state.reconciling);
    EXPECT_EQ(driver.state.phase, Phase::waiting);
    driver.now = *next_wakeup_ms(driver.state);
    EXPECT_EQ(all<FetchMonitor>(driver.step(Tick{})).size(), 1U);
    EXPECT_TRUE(has<Reconciled>(driver.reply(ReplyKind::agrees, 0, 3)));
    EXPECT_EQ(driver.state.phase, Phase::idle);
}

TEST(Schedule, AsksForTheEntryInTheHubsLogUntilItIsThere) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    EXPECT_TRUE(driver.step(Tick{}).actions.empty()) << "the hub needs time to close a checkpoint";
    driver.now = *next_wakeup_ms(driver.state);
    EXPECT_EQ(driver.step(Tick{}).actions, (std::vector<Action>{Complete{5}}));
    driver.step(Completion{5, false, ""});
    EXPECT_EQ(driver.state.phase, Phase::anchored);
    driver.now = *next_wakeup_ms(driver.state);
    EXPECT_TRUE(has<Complete>(driver.step(Tick{})));
    driver.step(Completion{5, true, ""});
    EXPECT_EQ(next_wakeup_ms(driver.state), std::nullopt);
}

TEST(Schedule, GivesUpOnTheLogOfAPlainWitnessUntilAsked) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    std::uint32_t asked = 0;
    while (const auto wakeup = next_wakeup_ms(driver.state)) {
        driver.now = *wakeup;
        ASSERT_TRUE(has<Complete>(driver.step(Tick{})));
        driver.step(Completion{5, false, "not offered"});
        ++asked;
    }
    EXPECT_EQ(asked, driver.policy.completion_attempts_max);
    EXPECT_EQ(all<Complete>(driver.step(RetryNow{})), (std::vector<Complete>{{5}}));
}

TEST(Schedule, AnchorsTheNextCheckpointBeforeItRefinesTheLast) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    EXPECT_TRUE(has<Submit>(driver.step(CheckpointMade{6})));
    driver.reply(ReplyKind::anchored, 6);
    EXPECT_EQ(driver.state.completion_size, 5U);
    EXPECT_EQ(driver.state.anchored_size, 6U);
}

TEST(Schedule, AnOfficeThatNeverRestsStillCompletes) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    std::uint64_t size = 5;
    const auto anchor_next = [&] {
        driver.step(CheckpointMade{++size});
        driver.reply(ReplyKind::anchored, size);
    };
    anchor_next();
    driver.now = *next_wakeup_ms(driver.state);
    EXPECT_EQ(all<Complete>(driver.step(Tick{})), (std::vector<Complete>{{5}}));
    driver.step(Completion{5, true, ""});
    EXPECT_EQ(driver.state.completion_size, 6U) << "then the newest";
    anchor_next();
    EXPECT_EQ(driver.state.completion_size, 6U);
    // What cannot be completed for long makes way.
    for (std::uint32_t n = 0; n < driver.policy.completion_keeps_place; ++n) {
        driver.now = *next_wakeup_ms(driver.state);
        driver.step(Tick{});
        driver.step(Completion{6, false, "not offered"});
        EXPECT_EQ(driver.state.completion_size, 6U);
    }
    anchor_next();
    EXPECT_EQ(driver.state.completion_size, size);
}

TEST(Schedule, ACompleteAnswerDoesNotAbandonAnOlderCheckpointThatIsNot) {
    struct Case {
        std::uint64_t complete_size;
        std::uint64_t still_wanted_size;
    };
    for (const Case& c : {Case{6, 5}, Case{5, 0}}) {
        Driver driver = sending(5);
        driver.reply(ReplyKind::anchored, 5);
        driver.step(CheckpointMade{6});
        Reply complete = reply_of(ReplyKind::anchored, 6, c.complete_size);
        complete.complete = true;
        driver.step(complete);
        EXPECT_EQ(driver.state.anchored_size, c.complete_size);
        EXPECT_EQ(driver.state.completion_size, c.still_wanted_size) << c.complete_size;
    }
}

TEST(Schedule, AsksForWhatAnOlderCheckpointLacksAfterACompleteAnswer) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    driver.step(CheckpointMade{6});
    Reply complete = reply_of(ReplyKind::anchored, 6);
    complete.complete = true;
    driver.step(complete);
    int asked_for_older = 0;
    int turns = 0;
    while (const auto wakeup = next_wakeup_ms(driver.state)) {
        ASSERT_LT(++turns, 10);
        driver.now = *wakeup;
        const auto asked = all<Complete>(driver.step(Tick{}));
        ASSERT_EQ(asked.size(), 1U);
        if (asked[0].size == 5) ++asked_for_older;
        driver.step(Completion{asked[0].size, asked_for_older == 2, ""});
    }
    EXPECT_EQ(asked_for_older, 2) << "until it is found";
}

TEST(Schedule, OwesEverythingToAReconfiguredTarget) {
    Driver driver = sending(5);
    driver.reply(ReplyKind::anchored, 5);
    const Step step = driver.step(Reconfigured{});
    EXPECT_EQ(all<Submit>(step), (std::vector<Submit>{{5, 0}}));
    EXPECT_EQ(driver.state.anchored_size, 0U);
    driver.step(Reconfigured{});
    driver.reply(ReplyKind::anchored, 5);
    EXPECT_EQ(driver.state.phase, Phase::anchored);
}

// The whole table: phase after each kind of answer to a Submit from each phase that can send.
TEST(Schedule, FollowsTheDocumentedTableOfAnswers) {
    constexpr std::array from = {Phase::sending, Phase::confirming, Phase::refused,
                                 Phase::disagrees_without_proof, Phase::misbehaving};
    for (const Phase phase : from) {
        const bool stands = phase == Phase::refused || phase == Phase::disagrees_without_proof;
        const Phase silent = stands ? phase : Phase::waiting;
        const std::array<std::pair<ReplyKind, Phase>, kReplyKindCount> table = {{
            {ReplyKind::anchored, Phase::anchored},
            {ReplyKind::underway, Phase::confirming},
            {ReplyKind::agrees, Phase::waiting},
            {ReplyKind::conflict, Phase::waiting},
            {ReplyKind::refused, Phase::refused},
            {ReplyKind::busy, silent},
            {ReplyKind::disagrees, Phase::disagrees_without_proof},
            {ReplyKind::stopped_by_proof, Phase::stopped_by_proof},
            {ReplyKind::misbehaving, Phase::misbehaving},
            {ReplyKind::offline, silent},
            {ReplyKind::not_sent, silent},
        }};
        for (const auto& [kind, expected] : table) {
            Driver driver = sending(5);
            driver.state.phase = phase;
            driver.policy.base_delay_ms = 1000;
            driver.reply(kind, 5, 3);
            EXPECT_EQ(driver.state.phase, expected)
                << to_string(phase) << " + reply " << static_cast<int>(kind);
        }
    }
}

std::vector<Event> every_event() {
    std::vector<Event> events = {Started{0},
                                 Started{9},
                                 Started{0, true},
                                 Started{5, true},
                                 CheckpointMade{3},
                                 CheckpointMade{9},
                                 Tick{},
                                 RetryNow{},
                                 Reconcile{},
                                 Reconfigured{},
                                 Overridden{},
                                 Completion{5, true, ""},
                                 Completion{5, false, "x"},
                                 Completion{4, true, ""}};
    for (const ReplyKind kind : kReplyKinds) {
        for (const std::uint64_t size : {0U, 4U, 5U}) {
            Reply reply;
            reply.kind = kind;
            reply.size = size;
            reply.target_size = 4;
            reply.text = "why";
            reply.note = "note";
            events.emplace_back(reply);
        }
    }
    Reply older = reply_of(ReplyKind::anchored, 5, 4);
    events.emplace_back(older);
    older.confirms_history = false;
    events.emplace_back(older);
    Reply alarming = reply_of(ReplyKind::underway, 5);
    alarming.alarm = "look";
    events.emplace_back(alarming);
    return events;
}

std::vector<TargetState> every_state() {
    std::vector<TargetState> states;
    for (const Phase phase : kPhases) {
        for (const InFlight in_flight : kInFlights) {
            for (const std::uint64_t anchored : {0U, 5U}) {
                for (const bool flag : {false, true}) {
                    TargetState state;
                    state.phase = phase;
                    state.in_flight = in_flight;
                    state.in_flight_size = in_flight == InFlight::observe ? 0 : 5;
                    state.reconciling = flag;
                    state.wanted_size = anchored == 0 && flag ? 0 : 5;
                    state.anchored_size = anchored;
                    state.completion_size = flag ? 0 : anchored;
                    state.next_attempt_ms = flag ? kNow : kNow + 1000;
                    states.push_back(state);
                }
            }
        }
    }
    return states;
}

void expect_invariants(const TargetState& before, const Event& event, const Step& step) {
    const TargetState& after = step.state;
    const std::size_t requests =
        all<Submit>(step).size() + all<FetchMonitor>(step).size() + all<Complete>(step).size();
    ASSERT_LE(requests, 1U);
    if (requests == 1) {
        EXPECT_NE(after.in_flight, InFlight::none);
        EXPECT_NE(after.phase, Phase::stopped_by_proof);
    }
    for (const Submit& submit : all<Submit>(step)) {
        EXPECT_EQ(submit.size, after.wanted_size);
        EXPECT_LE(submit.from_size, submit.size);
        EXPECT_EQ(step.actions.front(), Action{Persist{}});
        EXPECT_EQ(step.actions.back(), Action{submit});
    }
    const bool is_reconfigured = std::holds_alternative<Reconfigured>(event);
    const auto* reply = std::get_if<Reply>(&event);
    EXPECT_GE(after.wanted_size, before.wanted_size);
    if (!is_reconfigured) {
        EXPECT_GE(after.anchored_size, before.anchored_size);
    }
    if (after.anchored_size > before.anchored_size) {
        ASSERT_NE(reply, nullptr);
        EXPECT_EQ(reply->kind, ReplyKind::anchored);
        EXPECT_EQ(reply->size, before.in_flight_size);
        EXPECT_LE(after.anchored_size, before.in_flight_size);
        EXPECT_EQ(before.in_flight, InFlight::submit);
    }
    if (after.phase == Phase::anchored && before.phase != Phase::anchored) {
        EXPECT_GE(after.anchored_size, after.wanted_size) << "never a wrong \"anchored\"";
    }
    if (before.phase == Phase::stopped_by_proof && !std::holds_alternative<Overridden>(event)) {
        EXPECT_EQ(after.phase, Phase::stopped_by_proof);
    }
    // With something owed and nothing in flight, the machine always wakes up again by itself.
    if (owes(after) && after.phase != Phase::stopped_by_proof &&
        after.in_flight == InFlight::none) {
        EXPECT_TRUE(next_wakeup_ms(after).has_value());
    }
    EXPECT_EQ(*decode_target_state(encode_target_state(after)), after);
}

TEST(Schedule, KeepsItsInvariantsInEachStateForEachEvent) {
    int pairs = 0;
    for (const TargetState& state : every_state()) {
        for (const Event& event : every_event()) {
            for (const std::uint64_t random : {std::uint64_t{0}, UINT64_MAX}) {
                const Step step = advance(state, event, Moment{kNow, random}, SchedulePolicy{});
                expect_invariants(state, event, step);
                ++pairs;
            }
        }
    }
    EXPECT_EQ(pairs, 9 * 4 * 2 * 2 * 50 * 2);
}

// A target that answers anything at all, a clock that jumps, restarts at any moment: and when it
// turns honest, everything is anchored after a bounded wait, with nobody's help.
TEST(Schedule, AnchorsEverythingAfterAnyPastOnceTheTargetIsHonest) {
    std::uint64_t seed = 42;
    const auto random = [&seed](std::uint64_t bound) {
        seed += 0x9E3779B97F4A7C15ULL;
        std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        return (mixed ^ (mixed >> 27)) % bound;
    };
    for (int life = 0; life < 300; ++life) {
        Driver driver;
        std::uint64_t newest = 0;
        for (int moment = 0; moment < 60; ++moment) {
            driver.random = random(UINT64_MAX);
            driver.now += static_cast<std::int64_t>(random(7'200'000)) - 600'000;
            const TargetState before = driver.state;
            Event event = Tick{};
            const std::uint64_t draw = random(10);
            if (draw == 0) event = CheckpointMade{++newest};
            if (draw == 1) event = Started{newest, random(2) == 0};
            if (draw == 2) event = RetryNow{};
            if (draw == 3) event = Reconcile{};
            if (draw == 4) event = Completion{before.in_flight_size, random(2) == 0, ""};
            if (draw > 5 && before.in_flight != InFlight::none) {
                Reply reply;
                reply.kind = kReplyKinds[random(kReplyKindCount)];
                if (reply.kind == ReplyKind::stopped_by_proof) continue;
                reply.size = before.in_flight_size;
                reply.anchored_size = random(reply.size + 1);
                reply.target_size = random(2) == 0 ? random(9) : UINT64_MAX;
                event = reply;
            }
            expect_invariants(before, event, driver.step(event));
            ASSERT_FALSE(HasFailure()) << "life " << life << ", moment " << moment;
        }
        driver.step(Started{++newest});
        for (int turn = 0; turn < 4 && driver.state.anchored_size < newest; ++turn) {
            if (const auto wakeup = next_wakeup_ms(driver.state)) {
                EXPECT_LE(*wakeup - driver.now, 6 * 3'600'000);
                driver.now = std::max(driver.now, *wakeup);
                driver.step(Tick{});
            }
            driver.reply(ReplyKind::anchored, driver.state.in_flight_size);
        }
        EXPECT_EQ(driver.state.anchored_size, newest) << "life " << life;
        EXPECT_EQ(driver.state.phase, Phase::anchored);
    }
}

}  // namespace
}  // namespace fieldseal::anchor
