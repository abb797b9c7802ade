// SPDX-License-Identifier: Apache-2.0
// The lane's row (docs/formats/outbox.md §4).
#include "anchor/evm/lane.h"
#include "anchor/row_codec.h"
#include "core/check.h"

#include <algorithm>

namespace fieldseal::anchor {
namespace {

constexpr std::string_view kWhat = "outbox row of a chain lane";
constexpr std::uint8_t kVersionWithoutHeader = 1;

template <std::size_t N>
void put(RowWriter& out, const std::array<std::uint8_t, N>& bytes) {
    for (const std::uint8_t byte : bytes) out.u8(byte);
}

template <std::size_t N>
void get(RowReader& in, std::array<std::uint8_t, N>& bytes) {
    for (std::uint8_t& byte : bytes) byte = in.u8();
}

void put(RowWriter& out, const LaneAttempt& attempt) {
    FIELDSEAL_CHECK(attempt.raw.size() <= kLaneRawBytesMax);
    out.u64(attempt.nonce);
    out.u64(attempt.max_fee_wei);
    out.u64(attempt.priority_fee_wei);
    put(out, attempt.hash);
    out.text(as_text(attempt.raw));
}

LaneAttempt get_attempt(RowReader& in) {
    LaneAttempt attempt;
    attempt.nonce = in.u64();
    attempt.max_fee_wei = in.u64();
    attempt.priority_fee_wei = in.u64();
    get(in, attempt.hash);
    attempt.raw = to_bytes(as_bytes(in.text(kLaneRawBytesMax)));
    return attempt;
}

// What the machine builds on and single fields cannot say.
bool is_sound(const Lane& lane) {
    const bool is_mined = lane.stage == LaneStage::mined || lane.stage == LaneStage::final;
    const bool has_nothing = lane.size == 0;
    if (has_nothing && (lane.stage != LaneStage::empty || !lane.attempts.empty())) return false;
    if (!has_nothing && lane.note.empty()) return false;
    const bool has_no_attempt = lane.attempts.empty();
    if ((lane.stage == LaneStage::empty) != has_no_attempt) return false;
    if (lane.late_looks > kLaneLateLooks || (lane.late_looks != 0 && has_no_attempt)) return false;
    if (lane.is_sealed_gone && lane.sealed_header.empty()) return false;
    if (is_mined) return lane.block.attempt < lane.attempts.size();
    return lane.block == LaneBlock{};
}

}  // namespace

Bytes encode_lane(const Lane& lane) {
    FIELDSEAL_CHECK(lane.note.size() <= kLaneNoteBytesMax);
    FIELDSEAL_CHECK(lane.attempts.size() <= kLaneAttemptsMax);
    FIELDSEAL_CHECK(lane.sealed_header.size() <= kLaneHeaderBytesMax);
    RowWriter out;
    out.u8(kLaneVersion);
    out.u64(lane.chain_id);
    put(out, lane.account);
    out.u8(static_cast<std::uint8_t>(lane.stage));
    out.u64(lane.size);
    put(out, lane.digest);
    out.text(lane.note);
    out.u8(static_cast<std::uint8_t>(lane.attempts.size()));
    for (const LaneAttempt& attempt : lane.attempts) put(out, attempt);
    out.u64(lane.attempt_head);
    out.u32(lane.block.attempt);
    out.u64(lane.block.number);
    put(out, lane.block.hash);
    out.u64(lane.taken_head);
    out.u32(lane.final_looks);
    out.u32(lane.unknown_errors);
    out.u8(lane.is_used ? 1 : 0);
    out.u64(lane.settled_count);
    out.u64(lane.settled_block);
    out.text(std::string_view(lane.alarm).substr(0, kLaneAlarmBytesMax));
    out.u32(lane.late_looks);
    out.text(as_text(lane.sealed_header));
    out.u8(lane.is_sealed_gone ? 1 : 0);
    return out.take();
}

Result<Lane> decode_lane(ByteView bytes) {
    if (bytes.empty() || bytes[0] == 0 || bytes[0] > kLaneVersion) {
        return Error{Errc::corrupt, std::string(kWhat) + ": version " +
                                        (bytes.empty() ? "missing" : std::to_string(bytes[0])) +
                                        ", this program reads versions 1 and " +
                                        std::to_string(kLaneVersion)};
    }
    RowReader in(bytes.subspan(1));
    Lane lane;
    lane.chain_id = in.u64();
    get(in, lane.account);
    lane.stage = static_cast<LaneStage>(in.enumerator(kLaneStageCount));
    lane.size = in.u64();
    get(in, lane.digest);
    lane.note = in.text(kLaneNoteBytesMax);
    const std::uint8_t attempts = in.enumerator(kLaneAttemptsMax + 1);
    for (std::uint8_t i = 0; i < attempts; ++i) lane.attempts.push_back(get_attempt(in));
    lane.attempt_head = in.u64();
    lane.block.attempt = in.u32();
    lane.block.number = in.u64();
    get(in, lane.block.hash);
    lane.taken_head = in.u64();
    lane.final_looks = in.u32();
    lane.unknown_errors = in.u32();
    lane.is_used = in.enumerator(2) == 1;
    lane.settled_count = in.u64();
    lane.settled_block = in.u64();
    lane.alarm = in.text(kLaneAlarmBytesMax);
    if (bytes[0] > kVersionWithoutHeader) {
        lane.late_looks = in.u32();
        lane.sealed_header = to_bytes(as_bytes(in.text(kLaneHeaderBytesMax)));
        lane.is_sealed_gone = in.enumerator(2) == 1;
    }
    FIELDSEAL_TRY(in.finish(kWhat));
    if (!is_sound(lane)) {
        return Error{Errc::corrupt,
                     std::string(kWhat) + " contradicts itself; run `fieldseal check`"};
    }
    return lane;
}

}  // namespace fieldseal::anchor
