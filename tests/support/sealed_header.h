// SPDX-License-Identifier: Apache-2.0
// Block headers for tests, sealed as Besu's validators seal them, or wrong in one named way.
// THREADS: value types; pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/evm/header.h"
#include "tests/support/chain_account.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fieldseal::testing {

struct HeaderDraft {
    evm::Mode mode = evm::Mode::qbft;
    std::uint64_t number = 1;
    std::uint64_t timestamp = 1'700'000'000;
    Digest parent_hash{};
    Digest transactions_root{};
    Digest receipts_root{};
    evm::Address coinbase{};
    std::vector<evm::Address> validators;  // sorted by the builder
    std::uint32_t round = 0;
    std::vector<const ChainAccount*> sealers;  // not owned
    std::size_t fields = evm::kHeaderFieldsMin;

    // Raw pieces in place of the right ones, already encoded; empty: the right one.
    Bytes vote;
    Bytes validators_item;
    Bytes round_item;
    Bytes mix_hash_item;
    Bytes difficulty_item;
    Bytes ommers_hash_item;
    Bytes nonce_item;
    Bytes extra_tail;                // after the five items, inside the list
    Bytes seal_tail = {};            // a further seal, encoded
    std::uint8_t recovery_base = 0;  // added to each seal's recovery id
};

// The header's RLP.
Bytes make_header(const HeaderDraft& draft);

// `count` accounts of seeds 1, 2, …, ascending by address: a validator set.
std::vector<ChainAccount> make_validators(std::size_t count);
std::vector<evm::Address> addresses_of(std::span<const ChainAccount> accounts);
std::vector<const ChainAccount*> first_sealers(std::span<const ChainAccount> accounts,
                                               std::size_t count);

}  // namespace fieldseal::testing
