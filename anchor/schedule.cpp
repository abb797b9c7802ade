// SPDX-License-Identifier: Apache-2.0
// One Machine lives for one advance(): an event handler changes the state, then dispatch() emits at
// most one request. Handlers never emit requests, so "one in flight" holds by construction.
#include "anchor/schedule.h"

#include <algorithm>
#include <limits>

namespace fieldseal::anchor {
namespace {

// Trouble the target itself told us about. Losing the connection does not unsay it.
bool is_standing_trouble(Phase phase) {
    return phase == Phase::refused || phase == Phase::disagrees_without_proof;
}

bool counts_as_one(Phase a, Phase b) {
    const auto is_under_way = [](Phase p) {
        return p == Phase::waiting || p == Phase::sending || p == Phase::confirming;
    };
    return a == b || (is_under_way(a) && is_under_way(b));
}

// `text` cut to `bytes_max`, never inside a UTF-8 sequence.
std::string bounded(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
    return text;
}

// base · 2^(attempts-1), at most `cap`; half of it fixed, half random, so that a thousand offices
// that came back with the same satellite do not knock at the same second.
std::int64_t backoff(std::int64_t base, std::int64_t cap, std::uint32_t attempts,
                     std::uint64_t random) {
    std::int64_t delay = std::clamp<std::int64_t>(base, 1, std::max<std::int64_t>(cap, 1));
    for (std::uint32_t n = 1; n < attempts && delay < cap; ++n) {
        delay = delay > cap / 2 ? cap : delay * 2;
    }
    const std::int64_t half = delay / 2;
    return delay - half +
           static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(half) + 1));
}

class Machine {
public:
    Machine(TargetState state, const Moment& moment, const SchedulePolicy& policy)
        : state_(std::move(state)), moment_(moment), policy_(policy) {
        forgive_a_clock_set_back();
    }

    void on(const Started& event);
    void on(const CheckpointMade& event);
    void on(const Tick&) {}
    void on(const RetryNow&);
    void on(const Reconcile&);
    void on(const Reconfigured&);
    void on(const Overridden&);
    void on(const Reply& reply);
    void on(const Completion& reply);

    Step finish();

private:
    void forgive_a_clock_set_back();
    void enter(Phase phase);
    bool has_alarm() const;
    void settle_without_trouble();
    void anchored(const Reply& reply);
    void succeeded(const Reply& reply);
    void underway(const Reply& reply);
    void failed(const Reply& reply, Phase phase);
    void stopped(const Reply& reply);
    void looked(const Reply& reply);
    bool reconciles_by_monitor() const { return state_.reconciling && state_.wanted_size == 0; }
    void want_completion(std::int64_t delay_ms);
    void persist() { persist_ = true; }
    std::int64_t not_before_s() const;
    std::optional<Action> dispatch();

    TargetState state_;
    const Moment& moment_;
    const SchedulePolicy& policy_;
    bool persist_ = false;
    bool look_ = false;  // once, if nothing is to be sent
    std::vector<Action> notices_;
};

// Times in the row are wall-clock times. If the clock went back (flat battery, a mistaken officer),
// a retry could lie years ahead: no wait is ever longer than the longest delay the policy can give.
void Machine::forgive_a_clock_set_back() {
    const std::int64_t longest =
        std::max({policy_.max_delay_ms, policy_.slow_max_delay_ms, policy_.max_retry_after_ms,
                  policy_.completion_max_delay_ms});
    const std::int64_t latest = moment_.now_ms + longest;
    state_.next_attempt_ms = std::min(state_.next_attempt_ms, latest);
    state_.completion_next_ms = std::min(state_.completion_next_ms, latest);
}

void Machine::enter(Phase phase) {
    if (!counts_as_one(state_.phase, phase)) state_.since_ms = moment_.now_ms;
    state_.phase = phase;
}

// Whether a person has been told of something that still stands.
bool Machine::has_alarm() const {
    return is_standing_trouble(state_.phase) ||
           (state_.phase == Phase::confirming && !state_.last_error.empty());
}

// The phase that follows from the sizes alone.
void Machine::settle_without_trouble() {
    if (owes(state_)) return enter(Phase::waiting);
    enter(state_.anchored_size == 0 ? Phase::idle : Phase::anchored);
}

void Machine::want_completion(std::int64_t delay_ms) {
    state_.completion_size = state_.anchored_size;
    state_.completion_attempts = 0;
    state_.completion_next_ms = moment_.now_ms + delay_ms;
}

void Machine::on(const Started& event) {
    // Whatever was in flight when the process ended has an unknown outcome. Asking again is safe: a
    // witness signs the same checkpoint twice (C2SP tlog-witness).
    state_.in_flight = InFlight::none;
    state_.in_flight_size = 0;
    state_.wanted_size = std::max(state_.wanted_size, event.newest_size);
    if (state_.phase == Phase::stopped_by_proof) {
        notices_.push_back(Alarm{AlarmKind::stop_sealing, state_.last_error});
    } else if (is_standing_trouble(state_.phase)) {
        notices_.push_back(Alarm{AlarmKind::needs_person, state_.last_error});
    } else {
        state_.next_attempt_ms = moment_.now_ms;
        if (state_.phase != Phase::misbehaving) settle_without_trouble();
    }
    look_ = event.is_monitored;
    persist();
}

void Machine::on(const CheckpointMade& event) {
    if (event.size <= state_.wanted_size) return;
    state_.wanted_size = event.size;
    if (state_.phase == Phase::idle || state_.phase == Phase::anchored) {
        enter(Phase::waiting);
        state_.next_attempt_ms = moment_.now_ms;
    }
    persist();
}

void Machine::on(const RetryNow&) {
    if (state_.phase == Phase::stopped_by_proof) return;
    state_.attempts = 0;
    state_.next_attempt_ms = moment_.now_ms;
    if (!owes(state_) && state_.anchored_size != 0) want_completion(/*delay_ms=*/0);
}

void Machine::on(const Reconcile&) {
    if (state_.phase == Phase::stopped_by_proof) return;
    state_.reconciling = true;
    state_.attempts = 0;
    state_.next_attempt_ms = moment_.now_ms;
    if (state_.phase == Phase::idle || state_.phase == Phase::anchored) enter(Phase::waiting);
    persist();
}

void Machine::on(const Reconfigured&) {
    const bool stays_stopped = state_.phase == Phase::stopped_by_proof;
    if (is_standing_trouble(state_.phase)) notices_.push_back(AlarmCleared{});
    state_.in_flight = InFlight::none;
    state_.in_flight_size = 0;
    state_.anchored_size = 0;
    state_.anchored_ms = 0;
    state_.target_time_s = 0;
    state_.target_size = 0;
    state_.attempts = 0;
    state_.next_attempt_ms = moment_.now_ms;
    state_.completion_size = 0;
    state_.completion_attempts = 0;
    if (!stays_stopped) {
        state_.last_error.clear();
        settle_without_trouble();
    }
    persist();
}

void Machine::on(const Overridden&) {
    if (state_.phase != Phase::stopped_by_proof) return;
    state_.alarm_note.clear();
    state_.last_error.clear();
    state_.attempts = 0;
    state_.next_attempt_ms = moment_.now_ms;
    notices_.push_back(AlarmCleared{});
    settle_without_trouble();
    persist();
}

void Machine::on(const Reply& reply) {
    const bool is_answer =
        (state_.in_flight == InFlight::submit && reply.size == state_.in_flight_size) ||
        (state_.in_flight == InFlight::observe && reply.size == 0);
    if (!is_answer) return;
    const bool was_submit = state_.in_flight == InFlight::submit;
    state_.in_flight = InFlight::none;
    state_.in_flight_size = 0;
    persist();
    if (state_.phase == Phase::stopped_by_proof) return;
    if (!was_submit && !reconciles_by_monitor()) return looked(reply);
    switch (reply.kind) {
        case ReplyKind::anchored:
            if (was_submit) anchored(reply);
            return succeeded(reply);
        case ReplyKind::underway:
            return was_submit ? underway(reply) : failed(reply, Phase::waiting);
        case ReplyKind::agrees:
            return was_submit ? failed(reply, Phase::waiting) : succeeded(reply);
        case ReplyKind::conflict:
            state_.target_size = reply.target_size;
            return failed(reply, Phase::waiting);
        case ReplyKind::refused:
            return failed(reply, Phase::refused);
        case ReplyKind::disagrees:
            return failed(reply, Phase::disagrees_without_proof);
        case ReplyKind::misbehaving:
            return failed(reply, Phase::misbehaving);
        case ReplyKind::stopped_by_proof:
            return stopped(reply);
        case ReplyKind::busy:
        case ReplyKind::offline:
        case ReplyKind::not_sent:
            return failed(reply, is_standing_trouble(state_.phase) ? state_.phase : Phase::waiting);
    }
}

void Machine::anchored(const Reply& reply) {
    const std::uint64_t size = reply.anchored_size == 0 ? reply.size : reply.anchored_size;
    if (size < state_.anchored_size) return;
    state_.anchored_size = size;
    state_.anchored_ms = moment_.now_ms;
    state_.target_time_s = std::max(state_.target_time_s, reply.time_s);
    if (reply.complete) {
        // What an older checkpoint lacks is still wanted: evidence may rest on that one.
        if (state_.completion_size == size) state_.completion_size = 0;
        return;
    }
    // An office that never rests would never complete anything if each new checkpoint took over.
    const bool keeps_place =
        state_.completion_size != 0 && state_.completion_attempts < policy_.completion_keeps_place;
    if (!keeps_place) want_completion(policy_.completion_base_delay_ms);
}

void Machine::succeeded(const Reply& reply) {
    const std::uint64_t size = reply.anchored_size == 0 ? reply.size : reply.anchored_size;
    state_.target_size = std::max(size, reply.target_size);
    state_.attempts = 0;
    state_.next_attempt_ms = moment_.now_ms;
    if (has_alarm()) notices_.push_back(AlarmCleared{});
    state_.last_error.clear();
    // A target that confirms nothing about our history must not release a held node.
    if (state_.reconciling && reply.confirms_history) notices_.push_back(Reconciled{});
    state_.reconciling = false;
    settle_without_trouble();
}

// The target has what we sent: no trouble, no failed attempt. It says itself when to ask again.
void Machine::underway(const Reply& reply) {
    const std::string alarm = bounded(reply.alarm, kMaxErrorTextBytes);
    if (alarm.empty() && has_alarm()) notices_.push_back(AlarmCleared{});
    if (!alarm.empty() && alarm != state_.last_error) {
        notices_.push_back(Alarm{AlarmKind::needs_person, alarm});
    }
    state_.attempts = 0;
    state_.last_error = alarm.empty() ? bounded(reply.told, kMaxErrorTextBytes) : alarm;
    state_.next_attempt_ms =
        moment_.now_ms + std::clamp<std::int64_t>(reply.poll_after_ms, policy_.poll_min_delay_ms,
                                                  policy_.max_retry_after_ms);
    enter(Phase::confirming);
}

void Machine::failed(const Reply& reply, Phase phase) {
    if (!counts_as_one(state_.phase, phase)) state_.attempts = 0;
    if (state_.attempts < std::numeric_limits<std::uint32_t>::max()) ++state_.attempts;
    state_.last_error = bounded(reply.text, kMaxErrorTextBytes);
    const bool is_slow = is_standing_trouble(phase);
    const std::int64_t base = is_slow ? policy_.slow_base_delay_ms : policy_.base_delay_ms;
    const std::int64_t cap = is_slow ? policy_.slow_max_delay_ms : policy_.max_delay_ms;
    // Retry-After may only lengthen a wait, and not past its bound: a target cannot silence us.
    const std::int64_t asked =
        std::clamp<std::int64_t>(reply.retry_after_ms, 0, policy_.max_retry_after_ms);
    const std::int64_t delay = backoff(base, cap, state_.attempts, moment_.random);
    state_.next_attempt_ms = moment_.now_ms + std::max(delay, asked);
    if (state_.phase != phase) {
        if (is_standing_trouble(state_.phase)) notices_.push_back(AlarmCleared{});
        if (is_slow) notices_.push_back(Alarm{AlarmKind::needs_person, state_.last_error});
    }
    enter(phase);
}

void Machine::stopped(const Reply& reply) {
    state_.last_error = bounded(reply.text, kMaxErrorTextBytes);
    state_.alarm_note = bounded(reply.note, kMaxAlarmNoteBytes);
    state_.reconciling = false;
    enter(Phase::stopped_by_proof);
    notices_.push_back(Alarm{AlarmKind::stop_sealing, state_.last_error});
}

// What a target shows is signed by us or worth nothing, and an old checkpoint of ours may be a
// replay: a look can stop us, never reassure, delay or trouble us.
void Machine::looked(const Reply& reply) {
    if (reply.kind == ReplyKind::stopped_by_proof) stopped(reply);
}

void Machine::on(const Completion& reply) {
    if (state_.in_flight != InFlight::completion || reply.size != state_.in_flight_size) return;
    state_.in_flight = InFlight::none;
    state_.in_flight_size = 0;
    persist();
    // A newer checkpoint may have been anchored meanwhile; then this answer is about the past.
    if (reply.size != state_.completion_size) return;
    if (!reply.text.empty()) state_.last_error = bounded(reply.text, kMaxErrorTextBytes);
    ++state_.completion_attempts;
    if (reply.found || state_.completion_attempts >= policy_.completion_attempts_max) {
        state_.completion_size = 0;
        if (reply.found) state_.last_error.clear();
        if (reply.size < state_.anchored_size) want_completion(policy_.completion_base_delay_ms);
        return;
    }
    state_.completion_next_ms =
        moment_.now_ms + backoff(policy_.completion_base_delay_ms, policy_.completion_max_delay_ms,
                                 state_.completion_attempts, moment_.random);
}

// A witness's times never go back (core/witness/accept.h), so an answer older than its last one is
// a replay. Reconciling asks what the target holds now: there any old answer is one.
std::int64_t Machine::not_before_s() const {
    const std::int64_t now_s = moment_.now_ms / 1000;
    return state_.reconciling ? std::max(state_.target_time_s, now_s) : state_.target_time_s;
}

std::optional<Action> Machine::dispatch() {
    if (state_.in_flight != InFlight::none || state_.phase == Phase::stopped_by_proof) return {};
    if (owes(state_)) {
        if (moment_.now_ms < state_.next_attempt_ms) return {};
        persist();
        if (state_.wanted_size == 0) {
            state_.in_flight = InFlight::observe;
            return FetchMonitor{};
        }
        state_.in_flight = InFlight::submit;
        state_.in_flight_size = state_.wanted_size;
        // Trouble stays visible while we ask again: a person must not see it flicker.
        if (state_.phase == Phase::waiting) enter(Phase::sending);
        // A size past ours can only be a claim: start from nothing and let the answer tell.
        const bool is_usable = state_.target_size <= state_.wanted_size;
        return Submit{state_.wanted_size, is_usable ? state_.target_size : 0, not_before_s()};
    }
    if (look_) {
        state_.in_flight = InFlight::observe;
        return FetchMonitor{};
    }
    if (state_.completion_size == 0 || moment_.now_ms < state_.completion_next_ms) return {};
    state_.in_flight = InFlight::completion;
    state_.in_flight_size = state_.completion_size;
    return Complete{state_.completion_size};
}

Step Machine::finish() {
    std::optional<Action> request = dispatch();
    std::vector<Action> actions;
    if (persist_) actions.emplace_back(Persist{});
    for (Action& notice : notices_) actions.push_back(std::move(notice));
    if (request) actions.push_back(std::move(*request));
    return Step{std::move(state_), std::move(actions)};
}

}  // namespace

Step advance(TargetState state, const Event& event, const Moment& moment,
             const SchedulePolicy& policy) {
    Machine machine(std::move(state), moment, policy);
    std::visit([&machine](const auto& what) { machine.on(what); }, event);
    return machine.finish();
}

}  // namespace fieldseal::anchor
