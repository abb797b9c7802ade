// SPDX-License-Identifier: Apache-2.0
// Transactions: legacy with a chain id (EIP-155) and fee market (EIP-1559) are built here;
// access-list ones (EIP-2930) are read as well. A transaction without a chain id is refused: it
// would be valid on every chain. Signing happens behind anchor/signer.h; this file says what is
// signed, joins the signature and recovers the sender (chain.md §2.2).
// THREADS: value types; pure functions, any. ERRORS: invalid_argument (malformed, no chain id,
// values out of range), corrupt (a signature that gives no sender), unsupported (types 3 and up).
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <optional>

namespace fieldseal::evm {

inline constexpr std::size_t kTransactionBytesMax = 128 * 1024;
// v = 2 · chain id + 35 + recid must fit 64 bits, and JSON integers end at 2^53 - 1.
inline constexpr std::uint64_t kChainIdMax = (std::uint64_t{1} << 53) - 1;

enum class TransactionType : std::uint8_t { legacy = 0, access_list = 1, fee_market = 2 };

// What a chain account signs. Fees in wei; value is always 0: an anchoring account moves no money.
struct TransactionTbs {
    TransactionType type = TransactionType::fee_market;  // access_list is read, never made
    std::uint64_t chain_id = 0;                          // 1 and up
    std::uint64_t nonce = 0;
    std::uint64_t max_priority_fee = 0;  // fee_market only
    std::uint64_t max_fee = 0;           // legacy: the gas price
    std::uint64_t gas_limit = 0;
    Address to{};
    Bytes data;
    bool operator==(const TransactionTbs&) const = default;

    // What is hashed with Keccak-256 and signed. ERRORS: invalid_argument for chain id 0.
    Result<Bytes> preimage() const;
};

// r ‖ s with low s, and the parity of the nonce point's y.
struct TransactionSignature {
    std::array<std::uint8_t, 64> rs{};
    std::uint8_t y_parity = 0;  // 0 or 1
    bool operator==(const TransactionSignature&) const = default;
};

// The bytes that go to the chain; their Keccak-256 is the transaction's hash.
Result<Bytes> assemble(const TransactionTbs& tbs, const TransactionSignature& signature);

// A transaction read back, its sender recovered.
struct Transaction {
    TransactionType type = TransactionType::legacy;
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    std::optional<Address> to;  // absent: creates a contract
    Bytes data;
    Address sender{};
    Digest hash{};
};
Result<Transaction> parse_transaction(ByteView raw);

// The account whose key made `signature` over the 32-byte `digest`. ERRORS: corrupt.
Result<Address> recover_address(const Digest& digest, const TransactionSignature& signature);

// What is put on the chain for one checkpoint digest (FORMATS §3 "Anchors").
inline constexpr std::size_t kAnchorCallBytes = 36;  // selector of anchor(bytes32) ‖ digest
inline constexpr std::size_t kAnchorNoteBytes = 37;  // "FSL1" ‖ 01 ‖ digest, sent to oneself
Bytes anchor_call(const Digest& digest);
Bytes anchor_note(const Digest& digest);
// The digest in calldata of exactly that form, or nullopt.
std::optional<Digest> digest_of_anchor_call(ByteView data);
std::optional<Digest> digest_of_anchor_note(ByteView data);

// An account of ours anchors and does nothing else, whatever somebody puts before it: a call of
// anchor(bytes32), a note to itself, or nothing to itself, which takes a nonce that a chain lost.
// ERRORS: invalid_argument for all else.
Result<void> check_ours(const TransactionTbs& tbs, const Address& own);

}  // namespace fieldseal::evm
