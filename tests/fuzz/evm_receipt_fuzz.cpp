// SPDX-License-Identifier: Apache-2.0
// A receipt's logs encode back to the bytes they were read from.
#include "core/check.h"
#include "core/evm/receipt.h"
#include "core/evm/rlp.h"

#include <algorithm>
#include <cstdint>

using namespace fieldseal;
namespace rlp = fieldseal::evm::rlp;

namespace {

Bytes encode_logs(const std::vector<evm::LogRecord>& logs) {
    std::vector<Bytes> items;
    for (const evm::LogRecord& log : logs) {
        std::vector<Bytes> topics;
        for (const Digest& topic : log.topics) topics.push_back(rlp::encode_string(topic));
        items.push_back(rlp::encode_list(std::vector<Bytes>{rlp::encode_string(log.address),
                                                            rlp::encode_list(topics),
                                                            rlp::encode_string(log.data)}));
    }
    return rlp::encode_list(items);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const auto receipt = evm::parse_receipt(input);
    if (!receipt.ok()) return 0;
    const Bytes logs = encode_logs(receipt->logs);
    FIELDSEAL_CHECK(size > logs.size());
    FIELDSEAL_CHECK(std::ranges::equal(logs, input.last(logs.size())));
    for (const evm::LogRecord& log : receipt->logs) {
        if (const auto root = evm::anchored_root(log, log.address)) {
            FIELDSEAL_CHECK(log.topics.at(2) == *root && log.data.empty());
        }
        evm::Address other = log.address;
        other[0] ^= 1;
        FIELDSEAL_CHECK(!evm::anchored_root(log, other).has_value());
    }
    return 0;
}
