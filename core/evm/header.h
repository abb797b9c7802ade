// SPDX-License-Identifier: Apache-2.0
// A block header from its raw RLP. The hash a chain knows a block by and the hash its validators
// sign follow from the consensus mode, which comes from a pin and never from the bytes
// (chain.md §3.3). Later forks append fields: any count from 15 on is accepted, all are hashed.
// THREADS: value types; pure functions, any. ERRORS: invalid_argument.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace fieldseal::evm {

inline constexpr std::size_t kHeaderBytesMax = 32 * 1024;
inline constexpr std::size_t kHeaderFieldsMin = 15;  // before London
inline constexpr std::size_t kHeaderFieldsMax = 32;
inline constexpr std::size_t kValidatorsMax = 256;                  // in one header or set
inline constexpr std::size_t kSealBytes = 65;                       // r ‖ s ‖ recovery id
inline constexpr std::uint64_t kHeaderTimeMax_s = 253'402'300'799;  // the end of the year 9999

// How a chain seals its blocks.
enum class Mode : std::uint8_t {
    qbft,   // QBFT: Besu, GoQuorum
    ibft2,  // IBFT 2.0: Besu
    plain,  // the hash is keccak256(header) and nothing in the header says who made it
};
std::string_view to_string(Mode mode);  // "qbft", "ibft2", "plain"
std::optional<Mode> mode_from_name(std::string_view name);

struct Header {
    Bytes raw;  // the whole RLP, seals included
    Digest parent_hash{};
    Address coinbase{};
    Digest transactions_root{};
    Digest receipts_root{};
    std::uint64_t number = 0;
    std::uint64_t timestamp = 0;  // seconds
    Digest block_hash{};          // by the mode
    // Modes with seals only:
    // As the header lists them, ascending. Empty in QBFT when a contract holds the validators.
    std::vector<Address> validators;
    std::uint64_t round = 0;
    std::vector<Address> signers;  // one per seal, recovered, in the header's order
};

// Reads one header by the rules of `mode`. For qbft and ibft2 also refuses: extraData of another
// form (exactly five items, the mode's own encodings), validators not strictly ascending, seals
// not of 65 bytes or from which no key can be recovered, and the constants of Besu's rules:
// mixHash, difficulty 1, and for IBFT 2.0 the empty ommers hash and nonce 0. (Block 0 is never an
// anchor: its extraData is hashed as it is, not read, and it has no signers.)
Result<Header> parse_header(ByteView raw, Mode mode);

}  // namespace fieldseal::evm
