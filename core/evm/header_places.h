// SPDX-License-Identifier: Apache-2.0
// Places of a block header's items in its list (Yellow Paper §4.4.3), for what reads or rewrites
// headers. PRIVATE to core/evm.
#pragma once

#include <cstddef>

namespace fieldseal::evm {

inline constexpr std::size_t kParentHash = 0;
inline constexpr std::size_t kOmmersHash = 1;
inline constexpr std::size_t kCoinbase = 2;
inline constexpr std::size_t kStateRoot = 3;
inline constexpr std::size_t kTransactionsRoot = 4;
inline constexpr std::size_t kReceiptsRoot = 5;
inline constexpr std::size_t kBloom = 6;
inline constexpr std::size_t kDifficulty = 7;
inline constexpr std::size_t kNumber = 8;
inline constexpr std::size_t kGasLimit = 9;
inline constexpr std::size_t kGasUsed = 10;
inline constexpr std::size_t kTimestamp = 11;
inline constexpr std::size_t kExtraData = 12;
inline constexpr std::size_t kMixHash = 13;
inline constexpr std::size_t kNonce = 14;

// Places in the list that extraData holds.
inline constexpr std::size_t kVanity = 0;
inline constexpr std::size_t kValidators = 1;
inline constexpr std::size_t kVote = 2;
inline constexpr std::size_t kRound = 3;
inline constexpr std::size_t kSeals = 4;
inline constexpr std::size_t kExtraItems = 5;

inline constexpr std::size_t kBloomBytes = 256;

}  // namespace fieldseal::evm
