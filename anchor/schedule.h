// SPDX-License-Identifier: Apache-2.0
// When to send what to one target: a pure state machine, (state, event, moment) → (state, actions).
//
// Owner: the anchor worker, one TargetState per configured target. It calls advance(), performs the
// actions in the order given, and feeds the answers back as events. Nothing here reads a clock,
// draws a random number or touches a socket, so "offline for six weeks" is a table test.
// Rules: the newest checkpoint wins (one anchored checkpoint covers all before it); one request in
// flight per target; exponential backoff with jitter; nothing is ever given up.
// THREADS: value types and a pure function; any.
// DURABLE: the state survives as an outbox row (docs/formats/outbox.md). A `Persist` action stands
// before each `Submit`; a crash after it leaves an unknown outcome, which Started turns into a
// retry. The phases are the words `status` shows; docs/states.md says what an operator does about
// each.
#pragma once

#include "core/bytes.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fieldseal::anchor {

enum class Phase : std::uint8_t {
    idle = 0,      // no checkpoint to anchor yet
    waiting = 1,   // something to send; next try at next_attempt_ms (offline is here)
    sending = 2,   // a request is in flight, and no trouble is known
    anchored = 3,  // the newest checkpoint is anchored at this target
    refused = 4,   // the target answered 4xx: enrolment needed; slow retry
    disagrees_without_proof =
        5,                 // unauthenticated claim of another history; slow retry, we seal on
    stopped_by_proof = 6,  // our own key signed another history: no retry, no new seals
    misbehaving = 7,       // answers that fail verification or break limits; backoff
    confirming = 8,        // the target took it and has not confirmed it yet; asked at its pace
};
inline constexpr std::uint8_t kPhaseCount = 9;

// The word shown by `status`, in JSON and in metrics: "disagrees-without-proof".
std::string_view to_string(Phase phase);

enum class InFlight : std::uint8_t { none = 0, submit = 1, observe = 2, completion = 3 };
inline constexpr std::uint8_t kInFlightCount = 4;

inline constexpr std::size_t kMaxErrorTextBytes = 1024;
inline constexpr std::size_t kMaxAlarmNoteBytes = 16 * 1024;

// What one target still owes us. Sizes are tree sizes of checkpoints; times are POSIX milliseconds.
struct TargetState {
    Phase phase = Phase::idle;
    InFlight in_flight = InFlight::none;
    bool reconciling = false;          // the node is held until this or another target agrees
    std::uint64_t wanted_size = 0;     // the newest checkpoint; 0 = none yet
    std::uint64_t in_flight_size = 0;  // meaningful while in_flight != none
    std::uint64_t anchored_size = 0;  // the newest checkpoint this target confirmed and we verified
    std::uint64_t target_size = 0;    // what we believe the target holds: where a proof starts
    std::uint32_t attempts = 0;       // consecutive attempts without success
    std::int64_t next_attempt_ms = 0;
    std::int64_t since_ms = 0;     // when the phase began; waiting, sending and confirming are one
    std::int64_t anchored_ms = 0;  // when anchored_size was confirmed; 0 = never
    std::int64_t target_time_s = 0;  // the newest time the target put into a verified answer
    // The anchored checkpoint that the target may have more for (its entry in the target's own log,
    // later blocks of a chain); 0 = none.
    std::uint64_t completion_size = 0;
    std::uint32_t completion_attempts = 0;
    std::int64_t completion_next_ms = 0;
    std::string last_error;  // one sentence; empty when all is well
    std::string alarm_note;  // the signed checkpoint behind stopped_by_proof

    friend bool operator==(const TargetState&, const TargetState&) = default;
};

// True when something has still to be sent.
bool owes(const TargetState& state);
// When Tick can next do something; nullopt when only another event can.
std::optional<std::int64_t> next_wakeup_ms(const TargetState& state);

// Delays in milliseconds. The defaults are for real links; tests shrink them.
struct SchedulePolicy {
    std::int64_t base_delay_ms = 2'000;
    std::int64_t max_delay_ms = 5 * 60'000;        // a short link window must not be slept through
    std::int64_t slow_base_delay_ms = 5 * 60'000;  // refused, disagrees
    std::int64_t slow_max_delay_ms = 3'600'000;
    std::int64_t max_retry_after_ms = 3'600'000;  // a longer Retry-After is cut to this
    std::int64_t completion_base_delay_ms = 30'000;
    std::int64_t completion_max_delay_ms = 6 * 3'600'000;
    std::uint32_t completion_attempts_max = 16;  // then what is stored stays as it is
    std::uint32_t completion_keeps_place = 4;    // attempts before a newer checkpoint takes over
    std::int64_t poll_min_delay_ms = 100;        // confirming: no target makes us ask faster
};

// What step needs of the outside: the clock, and a fresh random number for jitter.
struct Moment {
    std::int64_t now_ms = 0;
    std::uint64_t random = 0;
};

// Events ------------------------------------------------------------------------------------------
// The process started; `newest_size` is the newest checkpoint in the store (0 = none).
// Our whole directory may be an old copy, with a row that says "anchored": a target that shows what
// it saw of us (`is_monitored`, Target::confirms_history) is looked at once when nothing is to be
// sent. Only signed proof counts then; silence and words change nothing.
struct Started {
    std::uint64_t newest_size = 0;
    bool is_monitored = false;
};
struct CheckpointMade {
    std::uint64_t size = 0;
};
struct Tick {};
// A person ran `sync`, or the network came up: forget the backoff.
struct RetryNow {};
// The node is held after a restore: ask this target what it has seen, even if all is anchored.
struct Reconcile {};
// The target's address or key changed: it owes us everything anew, and the answer of a request in
// flight is dropped. Never lifts stopped_by_proof.
struct Reconfigured {};
// The node re-checked alarm_note against its own log (restored since), or a person decided
// (`doctor --accept-rollback`): the only way out of stopped_by_proof.
struct Overridden {};

enum class ReplyKind : std::uint8_t {
    anchored,          // verified locally
    underway,          // the target took it; ask again after poll_after_ms
    agrees,            // observe only: the target's checkpoint of ours lies on our history
    conflict,          // the target holds another size of our own history: try again from there
    refused,           // HTTP 4xx: not enrolled, key unknown, request not understood
    busy,              // 429 or 5xx
    disagrees,         // 409 with a larger size or 422, and nothing signed by us to prove it
    stopped_by_proof,  // a validly signed checkpoint of ours that is not on our history
    misbehaving,       // the answer fails verification or breaks a limit
    offline,           // no connection, or no answer at all
    not_sent,          // we could not build the request (our own store or key): try again later
};
inline constexpr int kReplyKindCount = 11;

// The answer to a Submit or FetchMonitor action.
struct Reply {
    ReplyKind kind = ReplyKind::offline;
    std::uint64_t size = 0;           // the size of the Submit this answers; 0 for FetchMonitor
    std::uint64_t anchored_size = 0;  // anchored: the checkpoint that is anchored; 0 = size
    std::uint64_t target_size = 0;    // the target's own size, where the answer told (0 = not told)
    std::int64_t time_s = 0;          // anchored: the time the target put into its answer; 0 = none
    bool complete = false;            // anchored: nothing is left for Complete
    bool confirms_history = true;     // whether this kind of target checks that our log only grows
    std::int64_t retry_after_ms = 0;
    std::int64_t poll_after_ms = 0;  // underway
    std::string text;                // one sentence for last_error
    std::string alarm;               // underway: what a person must know, though all goes on
    std::string told;                // underway: what whoever looks should read; nobody is called
    std::string note;                // stopped_by_proof: the evidence
};

// The answer to a Complete action.
struct Completion {
    std::uint64_t size = 0;
    bool found = false;
    std::string text;
};

using Event = std::variant<Started, CheckpointMade, Tick, RetryNow, Reconcile, Reconfigured,
                           Overridden, Reply, Completion>;

// Actions -----------------------------------------------------------------------------------------
// Write the new state as the outbox row before performing the actions that follow.
struct Persist {
    friend bool operator==(const Persist&, const Persist&) = default;
};
// Send checkpoint `size` with a consistency proof from `from_size` (Target::submit).
struct Submit {
    std::uint64_t size = 0;
    std::uint64_t from_size = 0;
    std::int64_t not_before_s = 0;  // an answer dated before this (less the skew) is a replay
    friend bool operator==(const Submit&, const Submit&) = default;
};
// Read what the target shows as our newest checkpoint (Target::observe): we have nothing to send,
// at the start or to reconcile.
struct FetchMonitor {
    friend bool operator==(const FetchMonitor&, const FetchMonitor&) = default;
};
// Ask for what makes the pieces of checkpoint `size` complete (Target::complete).
struct Complete {
    std::uint64_t size = 0;
    friend bool operator==(const Complete&, const Complete&) = default;
};
enum class AlarmKind : std::uint8_t {
    needs_person,  // tell the operator; sealing goes on
    stop_sealing,  // signed proof against our own history
};
struct Alarm {
    AlarmKind kind = AlarmKind::needs_person;
    std::string text;
    friend bool operator==(const Alarm&, const Alarm&) = default;
};
// The trouble behind the last alarm of this target is over.
struct AlarmCleared {
    friend bool operator==(const AlarmCleared&, const AlarmCleared&) = default;
};
// This target confirmed that our history extends what it saw: a held node may go on.
struct Reconciled {
    friend bool operator==(const Reconciled&, const Reconciled&) = default;
};

using Action =
    std::variant<Persist, Submit, FetchMonitor, Complete, Alarm, AlarmCleared, Reconciled>;

struct Step {
    TargetState state;
    std::vector<Action> actions;  // in the order they must be performed; at most one request
};

// Total: defined for each state and event. Events that do not apply (a reply nobody waits for)
// change nothing. ENSURES: anchored_size and wanted_size never shrink except by Reconfigured.
Step advance(TargetState state, const Event& event, const Moment& moment,
             const SchedulePolicy& policy);

// The outbox row (docs/formats/outbox.md §2). decode refuses unknown versions, trailing bytes and
// texts above their limits with Errc::corrupt.
inline constexpr std::uint8_t kTargetStateVersion = 1;
Bytes encode_target_state(const TargetState& state);
Result<TargetState> decode_target_state(ByteView bytes);

}  // namespace fieldseal::anchor
