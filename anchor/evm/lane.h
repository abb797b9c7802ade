// SPDX-License-Identifier: Apache-2.0
// The lane of one (chain, account): which checkpoint is being anchored, under which nonce, in which
// signed bytes. A pure state machine, (lane, what the chain shows) → (lane, next move); nothing
// here reads a clock or touches a socket. One digest at a time, so one nonce at a time.
//
// Rules (chain.md §2.4, §2.5): a nonce, its fee and the signed bytes are recorded before anything
// is sent; only recorded bytes are ever sent, and sent again; every hash ever signed for the digest
// is kept, because any of them may be mined; blocks are known by their hash.
// THREADS: value types; pure functions, any.
// DURABLE: the lane's row (docs/formats/outbox.md §4). Whatever crash between two moves: the next
// look at the chain goes on from the row.
#pragma once

#include "core/bytes.h"
#include "core/evm/address.h"
#include "core/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fieldseal::anchor {

enum class LaneStage : std::uint8_t {
    empty = 0,     // nothing to anchor, or nothing signed for it yet
    assigned = 1,  // nonce, fee and bytes are recorded; perhaps sent
    sent = 2,      // a node took the bytes
    mined = 3,     // in a block, not final
    final = 4,     // final, and the anchor has been judged; kept until the worker has stored it
};
inline constexpr std::uint8_t kLaneStageCount = 5;
std::string_view to_string(LaneStage stage);

inline constexpr std::size_t kLaneAttemptsMax = 16;
inline constexpr std::size_t kLaneRawBytesMax = 1024;  // one signed transaction of ours
inline constexpr std::size_t kLaneNoteBytesMax = 16 * 1024;
inline constexpr std::size_t kLaneAlarmBytesMax = 1024;
// The chain must grow by so many blocks from the first look that shows a nonce taken to the one
// that believes it, and every look between must show the same: behind one address several nodes
// may stand, one of them behind, and a node's receipts may come later than its blocks.
inline constexpr std::uint64_t kLaneTakenBlocks = 3;
// So many blocks after our last one a chain that does not know it any more has forgotten it.
inline constexpr std::uint64_t kLaneForgottenBlocks = 12;
// A hole below our nonce up to so wide is filled with empty transactions: ours wait in pools above
// it, and would be mined besides any that carried the digest again. Besu's pool takes nonces up to
// 200 ahead; what is farther off waits nowhere.
inline constexpr std::uint64_t kLaneGapMax = 200;
// So many looks in a row (one per block period) that show our nonce used, our transaction known and
// no receipt of it: then a person is told. Looks, not blocks: such a node's blocks may stand still.
inline constexpr std::uint32_t kLaneLateLooks = 30;
inline constexpr std::size_t kLaneHeaderBytesMax = 64 * 1024;

// One signed transaction that carries the lane's digest.
struct LaneAttempt {
    std::uint64_t nonce = 0;
    std::uint64_t max_fee_wei = 0;
    std::uint64_t priority_fee_wei = 0;
    Digest hash{};
    Bytes raw;
    bool operator==(const LaneAttempt&) const = default;
};

// Where one of our transactions is.
struct LaneBlock {
    std::uint32_t attempt = 0;  // which of `attempts`
    std::uint64_t number = 0;
    Digest hash{};
    bool operator==(const LaneBlock&) const = default;
};

struct Lane {
    std::uint64_t chain_id = 0;
    evm::Address account{};
    LaneStage stage = LaneStage::empty;
    std::uint64_t size = 0;             // of the checkpoint; 0 = none yet
    Digest digest{};                    // of the checkpoint
    std::string note;                   // the checkpoint as our log signed it
    std::vector<LaneAttempt> attempts;  // oldest first; the last is the one that is sent again
    std::uint64_t attempt_head = 0;     // the newest block when the last attempt was signed
    LaneBlock block;                    // mined and final
    // The newest block when the nonce first looked taken, or the final block gone; 0 = not.
    std::uint64_t taken_head = 0;
    std::uint32_t final_looks = 0;  // since final: how long later blocks were waited for
    std::uint32_t unknown_errors = 0;
    // Of all digests before this one:
    bool is_used = false;             // false: the account may have a past that is not ours
    std::uint64_t settled_count = 0;  // one above the last nonce that became final
    std::uint64_t settled_block = 0;  // where that was
    std::string alarm;                // what a person must know, while this digest is under way
    std::uint32_t late_looks = 0;     // in a row, see kLaneLateLooks
    Bytes sealed_header;  // of the newest final block of ours; empty on a chain without seals
    bool is_sealed_gone = false;  // that block left the chain, and what replaced it is not kept yet
    bool operator==(const Lane&) const = default;
};
// What a person must know now: `alarm`, or that the receipt does not come. Usually empty.
std::string alarm_of(const Lane& lane);

// How this chain's blocks become final and its fees can be raised.
struct LanePolicy {
    bool seals_are_final = true;
    std::uint64_t confirmations = 0;  // without seals: blocks on top
    bool may_replace = false;
    std::uint64_t replace_after_blocks = 10;
};

// What the chain shows at one look. `count` is asked for after `head`, and the transactions after
// `count`: what is missing later was not there earlier.
struct LaneSight {
    std::uint64_t head = 0;          // number of the newest block
    std::uint64_t count = 0;         // transactions of the account, in it
    std::optional<LaneBlock> mined;  // one of our transactions
    bool is_known = false;           // not mined, yet the node knows one: in its pool, or its
                                     // receipts are late. Asked for when the nonce is used
};

enum class LaneMove : std::uint8_t {
    sign,     // a transaction with LaneStep::nonce: record it, then send it
    replace,  // the same nonce with a higher fee, if there is room: record, then send; else send
    fill,     // empty transactions from LaneStep::nonce up to the last attempt's, then send
    send,     // the last attempt's bytes, once more
    wait,     // look again later
    capture,  // the block is final, or is once its seals are checked: make the anchor
};
struct LaneStep {
    Lane lane;
    LaneMove move = LaneMove::wait;
    std::uint64_t nonce = 0;  // sign, fill
    std::string why;          // one sentence
    bool is_told = false;     // `why` is for people: it takes longer than it should
};

// May checkpoint `size` take the lane? `stored_size`: the newest one whose pieces are stored. One
// checkpoint never gets a second transaction.
bool is_free(const Lane& lane, std::uint64_t size, std::uint64_t stored_size);
// REQUIRES: is_free() for `size`.
Lane begin_digest(Lane lane, std::uint64_t size, const Digest& digest, std::string note);
// REQUIRES: begin_digest() was called.
LaneStep look(Lane lane, const LaneSight& sight, const LanePolicy& policy);
// The lane with a new attempt, to be saved before it is sent.
Lane with_attempt(Lane lane, LaneAttempt attempt, std::uint64_t head);
Lane with_sent(Lane lane);
// The anchor of lane.block has been judged. `sealed_header`: its bytes; none without seals.
Lane with_final(Lane lane, ByteView sealed_header);

// The row; version 1 had no late_looks and what follows it. decode: Errc::corrupt for unknown
// versions, trailing bytes, limits, and for what look() could not go on from.
inline constexpr std::uint8_t kLaneVersion = 2;
Bytes encode_lane(const Lane& lane);
Result<Lane> decode_lane(ByteView bytes);

}  // namespace fieldseal::anchor
