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
    wrong_set,  // the header lists other validators than the set, or the set is empty
    too_few_seals,
    foreign_seal,    // a seal by somebody outside the set
    duplicate_seal,  // one validator twice
};
struct SealCount {
    SealFinding finding = SealFinding::too_few_seals;
    std::size_t seals = 0;   // distinct members of the set that sealed
    std::size_t needed = 0;  // quorum_of(set)
};
// `set` in any order, without doubles. A header that lists nobody (QBFT whose validators stand in a
// contract) is judged by its seals alone.
SealCount count_seals(const Header& header, std::span<const Address> set);

// May `header`, which must list a set of its own, hand over from `trusted` to that set? It must be
// sealed by its own set (count_seals) and carry seals of at least quorum_of(trusted) members of
// `trusted`.
bool hands_over(const Header& header, std::span<const Address> trusted);

// Besu stamps a proposal with its clock rounded to the nearest second: up to half a second early.
inline constexpr std::uint64_t kProposerRounding_s = 1;

// The time by which the block of `header` existed for certain. `later`: sealed headers that follow
// it one by one (each names its predecessor's block hash as parent). Those of round 0 whose
// coinbase is the member after the parent's coinbase were made by that member; when they come from
// at least honest_minority_of(set) distinct members, one of them is honest and had seen `header`:
// the latest of their times, plus the rounding, is the bound
// (docs/adr/0007-proposers-by-coinbase.md). nullopt otherwise, and when the headers do not follow
// each other. REQUIRES: header and later are sealed by `set`.
std::optional<std::uint64_t> hardened_time(const Header& header, std::span<const Header> later,
                                           std::span<const Address> set);

}  // namespace fieldseal::evm
