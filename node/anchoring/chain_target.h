// SPDX-License-Identifier: Apache-2.0
// A [[target]] of kind evm, made ready: its pin and its authorisation read from their files, its
// lane kept in the store. The rows of a chain target: "<target>" is the scheduler's,
// "<target>/lane" the adapter's; a target's name has no '/'. OWNED BY: Anchoring. THREADS: any.
// Errors: not_found, denied, invalid_argument, io; each names the file and what belongs there.
#pragma once

#include "anchor/evm/evm_target.h"
#include "core/chain_pin.h"
#include "core/evidence.h"
#include "node/config/config.h"
#include "node/sequencer.h"
#include "store/store.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldseal::node {

inline constexpr std::string_view kLaneKind = "evm-lane";  // of the outbox row
inline constexpr std::uint32_t kLaneRowVersion = 2;

// Reads the pin and the authorisation: files of this user that nobody else may touch. REQUIRES: a
// target of kind evm that passed the configuration's rules.
Result<anchor::EvmSettings> chain_settings(const Config::Target& target);
// The same with a pin that is not in its file yet.
Result<anchor::EvmSettings> chain_settings(const Config::Target& target, ChainPin pin);

// Where `target add` puts the pin it was given.
std::string chain_pin_path(const std::string& data_dir, const std::string& target);

// Where two sealed headers of one number are kept: {fieldseal: "sealed-twice/v1", chain, number,
// first, second}, the headers as base64 (docs/operations/chain.md).
std::string sealed_twice_path(const std::string& data_dir, const std::string& target);
bool has_sealed_twice(const std::string& data_dir, const std::string& target);

std::string lane_row_name(const std::string& target);
struct LanePlace {
    store::LogId log = store::LogId::statements;
    std::string target;
    std::string chain;  // the pin's id
    std::string data_dir;
};
// Durable when it returns the path. The first pair stays; a second one is not written.
Result<std::string> keep_sealed_twice(const LanePlace& place, std::uint64_t number, ByteView first,
                                      ByteView second);
// Saves through the sequencer: what save() returned ok for is on the disk.
// REQUIRES: store and sequencer outlive the lane.
anchor::LaneStore lane_store(store::Store& store, Sequencer& sequencer, const LanePlace& place);

// Blocks in `pieces` that a quorum of the pinned validators sealed, with their times: floors for
// statements to come. None for chains without seals.
struct SealedBlock {
    ChainFloor block;
    std::int64_t time_s = 0;
};
std::vector<SealedBlock> sealed_blocks(const anchor::AnchorPieces& pieces,
                                       const TrustedChain& chain);

}  // namespace fieldseal::node
