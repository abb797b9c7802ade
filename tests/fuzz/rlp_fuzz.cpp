// SPDX-License-Identifier: Apache-2.0
// RLP has one encoding per value: what decodes encodes back, and nothing shorter or longer decodes.
#include "core/check.h"
#include "core/evm/rlp.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;
namespace rlp = fieldseal::evm::rlp;

namespace {

Bytes encode_again(const rlp::Item& item) {
    if (!item.is_list()) {
        if (const auto number = rlp::to_u64(item)) {
            FIELDSEAL_CHECK(rlp::encode_u64(*number) == rlp::encode_string(item.payload));
        }
        return rlp::encode_string(item.payload);
    }
    std::vector<Bytes> items;
    for (const rlp::Item& one : item.items) items.push_back(encode_again(one));
    return rlp::encode_list(items);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto item = rlp::decode(input);
    if (!item.ok()) return 0;
    FIELDSEAL_CHECK(std::ranges::equal(encode_again(*item), input));
    FIELDSEAL_CHECK(!rlp::decode(input.first(size - 1)).ok());
    Bytes longer = to_bytes(input);
    longer.push_back(0);
    FIELDSEAL_CHECK(!rlp::decode(longer).ok());
    return 0;
}
