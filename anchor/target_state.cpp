// SPDX-License-Identifier: Apache-2.0
// What a TargetState is outside the machine: words, questions, and its row (docs/formats/outbox.md
// §2).
#include "anchor/row_codec.h"
#include "anchor/schedule.h"

namespace fieldseal::anchor {

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::idle:
            return "idle";
        case Phase::waiting:
            return "waiting";
        case Phase::sending:
            return "sending";
        case Phase::anchored:
            return "anchored";
        case Phase::refused:
            return "refused";
        case Phase::disagrees_without_proof:
            return "disagrees-without-proof";
        case Phase::stopped_by_proof:
            return "stopped-by-proof";
        case Phase::misbehaving:
            return "misbehaving";
        case Phase::confirming:
            return "confirming";
    }
    std::abort();
}

bool owes(const TargetState& state) {
    return state.reconciling || state.wanted_size > state.anchored_size;
}

std::optional<std::int64_t> next_wakeup_ms(const TargetState& state) {
    if (state.in_flight != InFlight::none || state.phase == Phase::stopped_by_proof) return {};
    if (owes(state)) return state.next_attempt_ms;
    if (state.completion_size != 0) return state.completion_next_ms;
    return {};
}

Bytes encode_target_state(const TargetState& state) {
    RowWriter out;
    out.u8(kTargetStateVersion);
    out.u8(static_cast<std::uint8_t>(state.phase));
    out.u8(static_cast<std::uint8_t>(state.in_flight));
    out.u8(state.reconciling ? 1 : 0);
    out.u64(state.wanted_size);
    out.u64(state.in_flight_size);
    out.u64(state.anchored_size);
    out.u64(state.target_size);
    out.u32(state.attempts);
    out.i64(state.next_attempt_ms);
    out.i64(state.since_ms);
    out.i64(state.anchored_ms);
    out.i64(state.target_time_s);
    out.u64(state.completion_size);
    out.u32(state.completion_attempts);
    out.i64(state.completion_next_ms);
    out.text(state.last_error);
    out.text(state.alarm_note);
    return out.take();
}

Result<TargetState> decode_target_state(ByteView bytes) {
    if (bytes.empty() || bytes[0] != kTargetStateVersion) {
        return Error{Errc::corrupt, "outbox row of a target: version " +
                                        (bytes.empty() ? "missing" : std::to_string(bytes[0])) +
                                        ", this program reads version " +
                                        std::to_string(kTargetStateVersion)};
    }
    RowReader in(bytes.subspan(1));
    TargetState state;
    state.phase = static_cast<Phase>(in.enumerator(kPhaseCount));
    state.in_flight = static_cast<InFlight>(in.enumerator(kInFlightCount));
    state.reconciling = in.enumerator(2) == 1;
    state.wanted_size = in.u64();
    state.in_flight_size = in.u64();
    state.anchored_size = in.u64();
    state.target_size = in.u64();
    state.attempts = in.u32();
    state.next_attempt_ms = in.i64();
    state.since_ms = in.i64();
    state.anchored_ms = in.i64();
    state.target_time_s = in.i64();
    state.completion_size = in.u64();
    state.completion_attempts = in.u32();
    state.completion_next_ms = in.i64();
    state.last_error = in.text(kMaxErrorTextBytes);
    state.alarm_note = in.text(kMaxAlarmNoteBytes);
    FIELDSEAL_TRY(in.finish("outbox row of a target"));
    return state;
}

}  // namespace fieldseal::anchor
