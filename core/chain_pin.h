// SPDX-License-Identifier: Apache-2.0
// The chain pin `pin.json`: what a node must know of a chain before it anchors there, and what a
// verifier copies into its trust file (docs/formats/chain-pin.md). The chain's entry is exactly the
// trust file's and obeys its rules; the genesis hash tells two networks with one chain id apart.
// ERRORS: invalid_argument (malformed), conflict, unsupported (another version, an unknown mode).
// THREADS: value type; pure functions, any.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldseal {

inline constexpr std::string_view kChainPinVersion = "chain/v1";
inline constexpr std::size_t kChainPinBytesMax = 256 * 1024;
inline constexpr std::int64_t kBlockPeriodMax_s = 3600;

struct ChainPin {
    TrustedChain chain;
    Digest genesis_hash{};                        // of block 0, as the chain's nodes tell it
    std::optional<std::uint32_t> block_period_s;  // a hint: how often to look for a block
    bool operator==(const ChainPin&) const = default;
};

Result<ChainPin> parse_chain_pin(std::string_view text);

// The one text of a pin: parse_chain_pin(to_json(p)) == p for every `p` the trust file would take.
std::string to_json(const ChainPin& pin);

}  // namespace fieldseal
