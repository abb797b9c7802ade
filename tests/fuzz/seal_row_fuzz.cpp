// SPDX-License-Identifier: Apache-2.0
// Rows about seals have one encoding per value, and what is not ours is damage, never a guess.
#include "core/check.h"
#include "node/seals/seal_record.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    if (const auto seal = node::decode_seal(input); seal.ok()) {
        FIELDSEAL_CHECK(std::ranges::equal(node::encode_seal(*seal), input));
        FIELDSEAL_CHECK(node::check_seal_name(seal->name).ok());
    } else {
        FIELDSEAL_CHECK(seal.error().code == Errc::corrupt);
    }
    if (const auto change = node::decode_change(input); change.ok()) {
        FIELDSEAL_CHECK(std::ranges::equal(node::encode_change(*change), input));
    } else {
        FIELDSEAL_CHECK(change.error().code == Errc::corrupt);
    }
    if (const auto hours = node::parse_day_hours(as_text(input)); hours.ok()) {
        FIELDSEAL_CHECK(node::to_string(*hours) == as_text(input));
    }
    return 0;
}
