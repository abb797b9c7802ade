// SPDX-License-Identifier: Apache-2.0
// A transaction's receipt as its trie holds it, and the anchor contract's event in it
// (chain.md §2.9, §3.6). THREADS: value types; pure functions, any. ERRORS: invalid_argument.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace fieldseal::evm {

inline constexpr std::size_t kReceiptBytesMax = 128 * 1024;

struct LogRecord {
    Address address{};
    std::vector<Digest> topics;
    Bytes data;
};
struct Receipt {
    bool succeeded = false;  // status 1; a receipt with a post-state (before Byzantium) is refused
    std::vector<LogRecord> logs;
};
// Typed receipts (EIP-2718) of types 1 to 4 and legacy ones.
Result<Receipt> parse_receipt(ByteView raw);

// "Anchored(address indexed submitter, bytes32 indexed root)" by `contract`: the root, else
// nullopt.
std::optional<Digest> anchored_root(const LogRecord& log, const Address& contract);

}  // namespace fieldseal::evm
