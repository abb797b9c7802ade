// SPDX-License-Identifier: Apache-2.0
// One block header against the pin of its chain: do the validators that count vouch for it, how
// many, and by when did it exist for certain? For anchors and for floors
// (docs/formats/anchor-evm.md). THREADS: pure functions, any.
#pragma once

#include "core/anchors/finding.h"
#include "core/evm/header.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fieldseal::anchors {

struct ChainBlock {
    // proven: a quorum of the set that counts sealed it, or mode plain and its hash is pinned.
    // chain_header_only: mode plain and nothing pinned; all else ends the judging.
    Finding finding = Finding::malformed;
    std::string message;  // why not, or what vouches for it
    evm::Header header;
    std::vector<evm::Address> set;      // that sealed it
    std::optional<std::uint64_t> last;  // the last block that this set's pin covers
    std::optional<ChainFacts> facts;    // when the header could be read
};

// `handover` is read when the block is in an open pinned range and lists other validators.
ChainBlock judge_block(const TrustedChain& pin, ByteView header, std::span<const Bytes> handover);

// How far the headers behind a proven block carry.
struct Hardening {
    Finding finding = Finding::chain_time_unhardened;  // proven, chain_time_unhardened, malformed
    std::string message;
    std::int64_t time_s = 0;  // proven: the block existed by then
};
// Takes `later`, whole or short headers, up to the first header that does not follow, is not sealed
// by block.set or comes after block.last: what is closed in a pin is closed for hardening too.
// REQUIRES: a proven block of a mode with seals.
Hardening harden(const TrustedChain& pin, const ChainBlock& block, std::span<const Bytes> later);

}  // namespace fieldseal::anchors
