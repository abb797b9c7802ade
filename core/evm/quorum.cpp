// SPDX-License-Identifier: Apache-2.0
#include "core/evm/quorum.h"

#include <algorithm>
#include <set>

namespace fieldseal::evm {
namespace {

bool contains(std::span<const Address> set, const Address& address) {
    return std::find(set.begin(), set.end(), address) != set.end();
}

std::vector<Address> ascending(std::span<const Address> set) {
    std::vector<Address> sorted(set.begin(), set.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

bool follows(const Header& header, const Header& parent) {
    return header.number == parent.number + 1 && header.parent_hash == parent.block_hash;
}

// The member whose turn it is at round 0 after a block of `parent_proposer`, in an ascending set.
std::optional<Address> next_proposer(std::span<const Address> members,
                                     const Address& parent_proposer) {
    const auto parent = std::find(members.begin(), members.end(), parent_proposer);
    if (parent == members.end()) return std::nullopt;
    return parent + 1 == members.end() ? members.front() : *(parent + 1);
}

}  // namespace

std::size_t quorum_of(std::size_t validators) {
    return (2 * validators + 2) / 3;
}

std::size_t honest_minority_of(std::size_t validators) {
    return validators == 0 ? 1 : (validators - 1) / 3 + 1;
}

SealCount count_seals(const Header& header, std::span<const Address> set) {
    SealCount count;
    count.needed = quorum_of(set.size());
    const bool other_set = !header.validators.empty() && header.validators != ascending(set);
    if (set.empty() || other_set) {
        count.finding = SealFinding::wrong_set;
        return count;
    }
    std::set<Address> sealed;
    bool foreign = false;
    for (const Address& signer : header.signers) {
        if (contains(set, signer)) {
            sealed.insert(signer);
        } else {
            foreign = true;
        }
    }
    count.seals = sealed.size();
    if (foreign) {
        count.finding = SealFinding::foreign_seal;
    } else if (sealed.size() != header.signers.size()) {
        count.finding = SealFinding::duplicate_seal;
    } else if (sealed.size() >= count.needed) {
        count.finding = SealFinding::sealed;
    }
    return count;
}

bool hands_over(const Header& header, std::span<const Address> trusted) {
    if (trusted.empty() || header.validators.empty()) return false;
    if (count_seals(header, header.validators).finding != SealFinding::sealed) return false;
    // Nobody sealed twice: count_seals said so.
    const auto from_trusted =
        std::count_if(header.signers.begin(), header.signers.end(),
                      [&](const Address& signer) { return contains(trusted, signer); });
    return static_cast<std::size_t>(from_trusted) >= quorum_of(trusted.size());
}

std::optional<std::uint64_t> hardened_time(const Header& header, std::span<const Header> later,
                                           std::span<const Address> set) {
    const std::vector<Address> members = ascending(set);
    const std::size_t needed = honest_minority_of(members.size());
    std::set<Address> proposers;
    std::uint64_t latest = 0;
    const Header* parent = &header;
    for (const Header& next : later) {
        if (!follows(next, *parent)) return std::nullopt;
        if (next.round == 0 && next.coinbase == next_proposer(members, parent->coinbase)) {
            proposers.insert(next.coinbase);
            latest = std::max(latest, next.timestamp);
        }
        if (proposers.size() >= needed) return latest + kProposerRounding_s;
        parent = &next;
    }
    return std::nullopt;
}

}  // namespace fieldseal::evm
