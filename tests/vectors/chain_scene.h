// SPDX-License-Identifier: Apache-2.0
// The chain of the vectors: a land registry's, with four validators, one account that anchors and
// one contract, each key made from an obviously fake seed byte. Everything is deterministic.
// THREADS: one.
#pragma once

#include "core/anchors/evm_anchor.h"
#include "core/evm/header.h"
#include "core/evm/transaction.h"
#include "tests/support/chain_account.h"
#include "tests/support/sealed_header.h"
#include "tests/vectors/scene.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace fieldseal::vectors {

inline constexpr std::string_view kLand = "land";
inline constexpr std::string_view kLandOperator = "Land Registry";
inline constexpr std::uint64_t kLandChainId = 1337;
inline constexpr std::uint64_t kBlock = 17;  // the block that anchors
inline constexpr std::int64_t kBlock_s = kAnchored_s + 1000;
inline constexpr std::int64_t kPeriod_s = 2;
// Two later blocks by two other proposers, and a second for their clocks' rounding.
inline constexpr std::int64_t kHardened_s = kBlock_s + 2 * kPeriod_s + 1;

using testing::ChainAccount;
using ChainKeys = std::vector<ChainAccount>;

// Ascending by address, as headers list them.
ChainKeys keys_of(std::initializer_list<std::uint8_t> seeds);
const ChainKeys& land_validators();
const ChainAccount& land_account();
inline constexpr evm::Address kLandContract = {0xc0, 0xde};
inline constexpr evm::Address kOtherContract = {0x0d, 0xdc};

// A block before it is sealed.
struct BlockPlan {
    evm::Mode mode = evm::Mode::qbft;
    ChainKeys validators;                  // that the header lists
    ChainKeys sealers;                     // that seal it, in this order
    std::optional<evm::Address> coinbase;  // absent: the validator whose turn it is by the number
    std::uint64_t number = kBlock;
    std::int64_t time_s = kBlock_s;
    std::uint32_t round = 0;
    Digest parent{0x16};
    Digest transactions_root{};
    Digest receipts_root{};
    Bytes validators_item;  // encoded; in place of the list of validators
    Bytes extra_item;       // encoded; a sixth item of extraData
};
struct Block {
    Bytes header;
    Digest hash{};  // zeros when the header is none
};
Block make_block(const BlockPlan& plan);
// A block of the land registry: its validators, three of them sealing.
BlockPlan land_block(std::uint64_t number = kBlock, std::int64_t time_s = kBlock_s);

// What is anchored and how; edited by a case before it is made.
struct AnchorPlan {
    BlockPlan block = land_block();
    evm::TransactionTbs transaction;
    ChainAccount sender = land_account();
    Bytes raw_transaction;  // in place of the signed one
    // Of the receipt:
    bool with_receipt = false;
    bool succeeded = true;
    evm::Address emitter = kLandContract;
    std::vector<Digest> topics;
    // Later blocks of the same validators, one period apart.
    std::size_t later = 2;
    std::function<void(std::size_t, BlockPlan&)> edit_later;
};
using EditPlan = std::function<void(AnchorPlan&)>;

// A call of the contract about `digest`, number 1 of the block's three transactions.
AnchorPlan anchor_plan(const Digest& digest);
anchors::EvmAnchor make_anchor(const AnchorPlan& plan);
// keccak256("Anchored(address,bytes32)"), the sender padded to 32 bytes, the digest.
std::vector<Digest> anchored_topics(const evm::Address& submitter, const Digest& digest);

// A block sealed an hour before the statement was made, and the day whose statement refers to it
// (or to another header) as its floor.
BlockPlan floor_block();
Day day_with_block_floor(const Bytes& header = make_block(floor_block()).header);

// Pins the chain beside ordinary_trust(), and asks for two sources of time.
TrustedChain land_pin();
Trust chain_trust();
Trust trust_in(const TrustedChain& chain);

// The day's evidence with `anchor` on the checkpoint of both its PROOFs.
Evidence anchored_evidence(const Day& day, const anchors::EvmAnchor& anchor);
// The digest of the checkpoint that a day's anchors are about.
Digest digest_of(const Day& day);

}  // namespace fieldseal::vectors
