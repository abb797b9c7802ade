// SPDX-License-Identifier: Apache-2.0
// Did a quorum of a validator set seal a header? And how does trust pass from one set to the next?
// (chain.md §3.4, §3.5.) THREADS: pure functions, any.
#pragma once

#include "core/evm/header.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fieldseal::evm {

// ceil(2n/3): Besu's rule for QBFT and IBFT 2.0.
std::size_t quorum_of(std::size_t validators);
// floor((n-1)/3) + 1: among so many distinct proposers one is honest.
std::size_t honest_minority_of(std::size_t validators);

enum class SealFinding : std::uint8_t {
    sealed,     // a quorum of the set, nobody else, nobody twice
    wrong_set,  // the header lists other validators than the set
    too_few_seals,
    foreign_seal,    // a seal by somebody outside the set
    duplicate_seal,  // one validator twice
};
struct SealCount {
    SealFinding finding = SealFinding::too_few_seals;
    std::size_t seals = 0;   // distinct members of the set that sealed
    std::size_t needed = 0;  // quorum_of(set)
};
// `set` in any order, without doubles.
SealCount count_seals(const Header& header, std::span<const Address> set);

// May `header`, which lists a set of its own, hand over from `trusted` to that set? It must be
// sealed by its own set (count_seals) and carry seals of at least quorum_of(trusted) members of
// `trusted`.
bool hands_over(const Header& header, std::span<const Address> trusted);

// The time by which the block of `header` existed for certain. `later`: sealed headers that follow
// it one by one (each names its predecessor's block hash as parent). When their coinbases count at
// least honest_minority_of(set) distinct members of the set, at least one of them is an honest
// validator that had seen `header`: the latest of their times is the bound. nullopt otherwise.
// REQUIRES: header and later are sealed by `set`.
std::optional<std::uint64_t> hardened_time(const Header& header, std::span<const Header> later,
                                           std::span<const Address> set);

}  // namespace fieldseal::evm
