// SPDX-License-Identifier: Apache-2.0
#include "core/evm/receipt.h"

#include "core/evm/rlp.h"

#include <algorithm>
#include <string>

namespace fieldseal::evm {
namespace {

constexpr std::size_t kReceiptItems = 4;
constexpr std::size_t kLogItems = 3;
constexpr std::size_t kBloomBytes = 256;
constexpr std::size_t kTopicsMax = 4;
constexpr std::uint8_t kTypeMax = 4;       // EIP-7702
constexpr std::uint8_t kListStart = 0xc0;  // first byte of a legacy receipt, at least
constexpr std::size_t kAnchoredTopics = 3;
constexpr std::size_t kAddressPadding = kDigestBytes - kAddressBytes;

// keccak256("Anchored(address,bytes32)")
constexpr Digest kAnchoredTopic = {0xee, 0x16, 0x10, 0x24, 0x4d, 0xfc, 0x4b, 0x11, 0x6b, 0x14, 0x33,
                                   0xdd, 0x44, 0x59, 0xfd, 0x7b, 0x1d, 0x3d, 0x2b, 0xf7, 0x37, 0xa0,
                                   0x5f, 0xc3, 0xf6, 0xd8, 0xf1, 0x73, 0x00, 0x5d, 0x71, 0x47};

Error malformed(std::string_view why) {
    return {Errc::invalid_argument, "receipt: " + std::string(why)};
}

Result<ByteView> list_bytes_of(ByteView raw) {
    if (raw.empty()) return malformed("is empty");
    if (raw.size() > kReceiptBytesMax) {
        return malformed(std::to_string(raw.size()) + " bytes, the limit is 131072");
    }
    if (raw[0] >= kListStart) return raw;
    if (raw[0] == 0 || raw[0] > kTypeMax) return malformed("neither a list nor of types 1 to 4");
    return raw.subspan(1);
}

Result<bool> read_status(const rlp::Item& item) {
    if (!item.is_list() && item.payload.size() == kDigestBytes) {
        return malformed("holds a state root instead of a status (before Byzantium)");
    }
    const std::uint64_t status = FIELDSEAL_TRY(rlp::to_u64(item));
    if (status > 1) return malformed("status " + std::to_string(status) + " is neither 0 nor 1");
    return status == 1;
}

Result<LogRecord> read_log(const rlp::Item& item) {
    FIELDSEAL_TRY(rlp::expect_list(item, kLogItems, "a log of a receipt"));
    LogRecord log;
    log.address = FIELDSEAL_TRY(rlp::to_array<kAddressBytes>(item.items[0], "a log's address"));
    const rlp::Item& topics = item.items[1];
    if (!topics.is_list() || topics.items.size() > kTopicsMax) {
        return malformed("a log must have a list of at most 4 topics");
    }
    for (const rlp::Item& topic : topics.items) {
        log.topics.push_back(FIELDSEAL_TRY(rlp::to_array<kDigestBytes>(topic, "a log's topic")));
    }
    if (item.items[2].is_list()) return malformed("a log's data must be a string");
    log.data = to_bytes(item.items[2].payload);
    return log;
}

}  // namespace

Result<Receipt> parse_receipt(ByteView raw) {
    const ByteView list_bytes = FIELDSEAL_TRY(list_bytes_of(raw));
    const rlp::Item list = FIELDSEAL_TRY(rlp::decode(list_bytes));
    FIELDSEAL_TRY(rlp::expect_list(list, kReceiptItems, "a receipt"));
    Receipt receipt;
    receipt.succeeded = FIELDSEAL_TRY(read_status(list.items[0]));
    FIELDSEAL_TRY(rlp::to_u64(list.items[1]));
    FIELDSEAL_TRY(rlp::to_array<kBloomBytes>(list.items[2], "a receipt's bloom filter"));
    if (!list.items[3].is_list()) return malformed("the logs must be a list");
    for (const rlp::Item& log : list.items[3].items) {
        receipt.logs.push_back(FIELDSEAL_TRY(read_log(log)));
    }
    return receipt;
}

std::optional<Digest> anchored_root(const LogRecord& log, const Address& contract) {
    if (log.address != contract || log.topics.size() != kAnchoredTopics || !log.data.empty() ||
        log.topics[0] != kAnchoredTopic) {
        return std::nullopt;
    }
    const Digest& submitter = log.topics[1];  // an address, padded on the left
    if (std::any_of(submitter.begin(), submitter.begin() + kAddressPadding,
                    [](std::uint8_t byte) { return byte != 0; })) {
        return std::nullopt;
    }
    return log.topics[2];
}

}  // namespace fieldseal::evm
