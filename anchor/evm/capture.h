// SPDX-License-Identifier: Apache-2.0
// From a mined transaction to an anchor that verifies offline: the block is fetched and rebuilt,
// the path to our transaction is made, later headers are added as far as time hardening needs and
// they exist, headers that hand over when the validators changed since the pin. Nothing leaves here
// that core/anchors has not judged against the pin (docs/formats/anchor-evm.md).
// THREADS: as the ChainNode. ERRORS: those of chain_node.h; corrupt = the node shows something that
// is not so, ask another; denied = the pin does not cover what the chain does, a person must look.
#pragma once

#include "anchor/evm/chain_node.h"
#include "core/bytes.h"
#include "core/evidence.h"
#include "core/note/checkpoint.h"
#include "core/result.h"
#include "core/trust.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fieldseal::anchor {

struct CaptureRequest {
    const TrustedChain& pin;
    const note::Checkpoint& checkpoint;
    ByteView raw;            // our transaction
    BlockPlace place;        // where the node says it is
    std::uint64_t head = 0;  // the newest block
};

struct Captured {
    Anchor anchor;
    Bytes header;                      // of the block, as served; none on a chain without seals
    bool is_complete = false;          // more headers would add nothing
    std::int64_t time_s = 0;           // existed by then; optimistic until complete
    std::uint64_t headers_needed = 0;  // later blocks to wait for, when not complete
};

// nullopt: the node does not have the block (any more).
Result<std::optional<Captured>> capture(ChainNode& node, const CaptureRequest& request);

// Two blocks of one number, each sealed by a quorum of one set: the word of its validators against
// their word. Evidence for the chain's operator.
struct SealedTwice {
    std::uint64_t number = 0;
    Bytes first;   // raw headers; the one we anchored in
    Bytes second;  // what the chain shows now
};
// What stands where `header`, sealed when it was taken, stood. nullopt: the same block, none, or
// one that is not sealed.
Result<std::optional<SealedTwice>> find_sealed_twice(ChainNode& node, const TrustedChain& pin,
                                                     ByteView header);

// The same anchor with later headers, for pieces that were stored without them. nullopt: there are
// not enough yet.
Result<std::optional<Captured>> harden(ChainNode& node, const TrustedChain& pin,
                                       const note::Checkpoint& checkpoint, const Anchor& anchor);

}  // namespace fieldseal::anchor
