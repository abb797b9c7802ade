// SPDX-License-Identifier: Apache-2.0
// A block as the eth namespace serves it (JSON), rebuilt into the bytes that the chain hashed: raw
// header, raw transactions, raw receipts. What a node says about them is never taken: rebuilt bytes
// count only when the hash or root computed from them is the one asked for (chain.md §2.9).
// THREADS: value types; pure functions, any. ERRORS: corrupt for what cannot be rebuilt, and for
// what gives another hash or root (a lying node, or a kind of block that this version does not
// know).
#pragma once

#include "core/bytes.h"
#include "core/evm/header.h"
#include "core/json/json.h"
#include "core/result.h"

#include <vector>

namespace fieldseal::anchor {

// The raw RLP of the header in `block`. Not checked against anything yet.
Result<Bytes> rebuild_header(const json::Value& block);
// The bytes of one transaction, types 0 to 4, as the trie holds them.
Result<Bytes> rebuild_transaction(const json::Value& transaction);
// The bytes of one receipt.
Result<Bytes> rebuild_receipt(const json::Value& receipt);

// The header of a block that was asked for by its hash: rebuilt, and of that hash.
Result<evm::Header> read_header(const json::Value& block, evm::Mode mode, const Digest& hash);
// The header of a block that was asked for by its number: rebuilt, of that number, and of the hash
// that the node itself names.
Result<evm::Header> read_header(const json::Value& block, evm::Mode mode, std::uint64_t number);

// All transactions of a block (served in full), in their order and under the header's root.
Result<std::vector<Bytes>> read_transactions(const json::Value& block, const evm::Header& header);
// All receipts (eth_getBlockReceipts), in their order and under the header's root.
Result<std::vector<Bytes>> read_receipts(const json::Value& receipts, const evm::Header& header);

}  // namespace fieldseal::anchor
