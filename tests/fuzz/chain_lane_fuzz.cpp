// SPDX-License-Identifier: Apache-2.0
// A lane row has one encoding per value, and whatever row is read, the lane goes on from it: any
// sight leads to a row that can be read again, and never to a second digest or a lost hash.
#include "anchor/evm/lane.h"
#include "core/check.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

namespace {

void look_at(const anchor::Lane& lane, const anchor::LaneSight& sight,
             const anchor::LanePolicy& policy) {
    const auto step = anchor::look(lane, sight, policy);
    FIELDSEAL_CHECK(step.lane.size == lane.size && step.lane.digest == lane.digest);
    FIELDSEAL_CHECK(step.lane.attempts == lane.attempts);
    if (step.move == anchor::LaneMove::capture) FIELDSEAL_CHECK(sight.mined.has_value());
    if (step.move == anchor::LaneMove::send) FIELDSEAL_CHECK(!lane.attempts.empty());
    if (step.move == anchor::LaneMove::replace) FIELDSEAL_CHECK(policy.may_replace);
    const auto next = step.move == anchor::LaneMove::sign
                          ? anchor::with_attempt(step.lane, {step.nonce, 0, 0, {}, {2}}, sight.head)
                          : step.lane;
    FIELDSEAL_CHECK(anchor::decode_lane(anchor::encode_lane(next)).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto lane = anchor::decode_lane(input);
    if (!lane.ok()) {
        FIELDSEAL_CHECK(lane.error().code == Errc::corrupt);
        return 0;
    }
    const bool is_of_today = input[0] == anchor::kLaneVersion;  // older rows are written anew
    if (is_of_today) FIELDSEAL_CHECK(std::ranges::equal(anchor::encode_lane(*lane), input));
    if (lane->size == 0) return 0;
    for (const bool seals : {false, true}) {
        const anchor::LanePolicy policy{seals, 3, !seals, 2};
        for (const std::uint64_t count : {std::uint64_t{0}, lane->settled_count, UINT64_MAX}) {
            for (const std::uint64_t head : {std::uint64_t{0}, lane->attempt_head, UINT64_MAX}) {
                look_at(*lane, {head, count, {}}, policy);
                if (lane->attempts.empty()) continue;
                look_at(*lane, {head, count, anchor::LaneBlock{0, head, {}}}, policy);
            }
        }
    }
    return 0;
}
