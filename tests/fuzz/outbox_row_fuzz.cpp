// SPDX-License-Identifier: Apache-2.0
// Outbox rows have one encoding per value, and whatever row is read, the scheduler can go on from
// it.
#include "anchor/schedule.h"
#include "anchor/target.h"
#include "core/check.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto pieces = anchor::decode_anchor_pieces(input)) {
        FIELDSEAL_CHECK(std::ranges::equal(anchor::encode_anchor_pieces(*pieces), input));
    }
    const auto state = anchor::decode_target_state(input);
    if (!state.ok()) {
        FIELDSEAL_CHECK(state.error().code == Errc::corrupt);
        return 0;
    }
    FIELDSEAL_CHECK(std::ranges::equal(anchor::encode_target_state(*state), input));
    const anchor::Moment moment{1'795'000'000'000, 7};
    const auto step = anchor::advance(*state, anchor::Started{9}, moment, {});
    FIELDSEAL_CHECK(anchor::decode_target_state(anchor::encode_target_state(step.state)).ok());
    FIELDSEAL_CHECK(step.state.wanted_size >= state->wanted_size);
    FIELDSEAL_CHECK(step.state.anchored_size == state->anchored_size);
    return 0;
}
