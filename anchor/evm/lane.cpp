// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/lane.h"

#include "core/check.h"
#include "core/encoding.h"

#include <algorithm>
#include <array>

namespace fieldseal::anchor {
namespace {

std::string short_hash(const Digest& hash) {
    return "0x" + hex_encode(ByteView(hash).first(4)) + "…";
}

// "transaction 0x01020304… (nonce 7)"
std::string name_of(const LaneAttempt& attempt) {
    return "transaction " + short_hash(attempt.hash) + " (nonce " + std::to_string(attempt.nonce) +
           ")";
}

std::string block_of(std::uint64_t number) {
    return "block " + std::to_string(number);
}

class Look {
public:
    Look(Lane lane, const LaneSight& sight, const LanePolicy& policy)
        : lane_(std::move(lane)), sight_(sight), policy_(policy) {}

    LaneStep run() && {
        distrust_heads();
        if (!sight_.is_known) lane_.late_looks = 0;
        if (sight_.mined) return found(*sight_.mined);
        if (lane_.stage >= LaneStage::mined) {
            if (sight_.head < lane_.block.number) return still_behind();
            if (lane_.stage == LaneStage::final && policy_.seals_are_final && !is_gone_for_sure())
                return missed();
            lose_block();
        }
        if (lane_.attempts.empty()) return first();
        const std::uint64_t nonce = lane_.attempts.back().nonce;
        if (sight_.count > nonce) return taken();
        lane_.taken_head = 0;
        return sight_.count < nonce ? gap() : pending();
    }

private:
    // A head is one node's word. One that was far ahead must not put off forever what later blocks
    // decide, so a lower one replaces it. One that is too low only hastens: a replacement, within
    // our own ceiling of the fee, or a filled gap, whose empty transactions no chain that counts
    // more takes. settled_block needs no such care: it was judged with its block, and on a chain
    // without seals a node that makes blocks up is believed in everything else as well.
    void distrust_heads() {
        lane_.attempt_head = std::min(lane_.attempt_head, sight_.head);
        lane_.taken_head = std::min(lane_.taken_head, sight_.head);
    }
    LaneStep move(LaneMove what, std::string why) {
        return {std::move(lane_), what, sight_.count, std::move(why), false};
    }
    // For whoever looks at the target: nothing is wrong yet, and something may be.
    LaneStep tell(LaneMove what, std::string why) {
        return {std::move(lane_), what, sight_.count, std::move(why), true};
    }
    bool has_forgotten(std::uint64_t block) const {
        const std::uint64_t wait = std::max(policy_.confirmations, kLaneForgottenBlocks);
        return sight_.head >= wait && sight_.head - wait >= block;
    }

    LaneStep found(const LaneBlock& block) {
        lane_.taken_head = 0;
        lane_.unknown_errors = 0;
        if (lane_.stage == LaneStage::final && lane_.block != block) call_incident();
        if (lane_.stage != LaneStage::final || lane_.block != block) {
            lane_.stage = LaneStage::mined;
            lane_.final_looks = 0;
        }
        lane_.block = block;
        const std::string where =
            name_of(lane_.attempts[block.attempt]) + " is in " + block_of(block.number);
        const std::uint64_t on_top = sight_.head >= block.number ? sight_.head - block.number : 0;
        if (!policy_.seals_are_final && on_top < policy_.confirmations) {
            return move(LaneMove::wait, where + ", with " + std::to_string(on_top) + " of " +
                                            std::to_string(policy_.confirmations) +
                                            " confirmations");
        }
        return move(LaneMove::capture, where);
    }

    // A final block is no longer on the chain.
    void call_incident() {
        if (!policy_.seals_are_final) return;
        lane_.alarm = block_of(lane_.block.number) + " (" + short_hash(lane_.block.hash) +
                      "), sealed by a quorum, is not on the chain any more: its validators "
                      "sealed two histories, or this node follows another one";
        lane_.is_sealed_gone = !lane_.sealed_header.empty();
    }

    // Behind one address several nodes may stand, one of them a block behind.
    LaneStep still_behind() {
        lane_.taken_head = 0;  // its lower head is no beginning for what others are believed by
        return tell(LaneMove::wait,
                    "the node has not reached our " + block_of(lane_.block.number) + " yet");
    }
    // A quorum sealed it: no single look says that it is gone.
    bool is_gone_for_sure() {
        if (lane_.taken_head == 0) lane_.taken_head = std::max<std::uint64_t>(sight_.head, 1);
        return sight_.head >= lane_.taken_head &&
               sight_.head - lane_.taken_head >= kLaneTakenBlocks;
    }
    LaneStep missed() {
        return tell(LaneMove::wait, "the node shows no receipt in our final " +
                                        block_of(lane_.block.number) + "; it is believed " +
                                        std::to_string(kLaneTakenBlocks) + " blocks after " +
                                        block_of(lane_.taken_head));
    }

    // The block we saw is no longer on the chain, or this node has never heard of it.
    void lose_block() {
        if (lane_.stage == LaneStage::final) call_incident();
        lane_.stage = LaneStage::sent;
        lane_.block = {};
        lane_.taken_head = 0;
        lane_.final_looks = 0;
    }

    LaneStep first() {
        if (!lane_.is_used || sight_.count == lane_.settled_count) {
            return move(LaneMove::sign, "the next free nonce");
        }
        if (sight_.count > lane_.settled_count) {
            lane_.alarm = "somebody else uses this account: the chain counts " +
                          std::to_string(sight_.count) + " transactions, we made " +
                          std::to_string(lane_.settled_count) +
                          "; give this node a chain key of its own";
            return move(LaneMove::sign, "the next free nonce");
        }
        if (!has_forgotten(lane_.settled_block)) return behind();
        lane_.alarm = "the chain does not hold our transaction of " +
                      block_of(lane_.settled_block) + " any more";
        lane_.is_sealed_gone = !lane_.sealed_header.empty();
        return move(LaneMove::sign, "the next free nonce");
    }

    LaneStep behind() {
        return tell(LaneMove::wait,
                    "nothing is signed: the node counts " + std::to_string(sight_.count) +
                        " transactions of this account, we know of " +
                        std::to_string(lane_.settled_count) + ": it is behind, or lost blocks");
    }

    LaneStep taken() {
        const LaneAttempt& last = lane_.attempts.back();
        if (sight_.is_known) {
            lane_.taken_head = 0;
            lane_.late_looks = std::min(lane_.late_looks + 1, kLaneLateLooks);
            return move(LaneMove::wait, name_of(last) +
                                            ": its nonce is used, and the node knows a "
                                            "transaction of ours without a receipt for it yet");
        }
        if (lane_.taken_head == 0) lane_.taken_head = sight_.head;
        const bool is_sure = lane_.taken_head != 0 && sight_.head >= lane_.taken_head &&
                             sight_.head - lane_.taken_head >= kLaneTakenBlocks;
        if (!is_sure) {
            return move(LaneMove::wait, name_of(last) +
                                            ": its nonce is used and the node shows no "
                                            "transaction of ours; it is believed " +
                                            std::to_string(kLaneTakenBlocks) + " blocks after " +
                                            block_of(lane_.taken_head));
        }
        lane_.taken_head = 0;
        lane_.alarm = "somebody else uses this account: a foreign transaction took nonce " +
                      std::to_string(last.nonce) +
                      "; the digest is sent again with a fresh one; give this node a chain key of "
                      "its own";
        return move(LaneMove::sign, "its nonce was taken by a foreign transaction");
    }

    // The chain counts less than when we signed: it is behind, or it lost a block of ours.
    LaneStep gap() {
        const LaneAttempt& last = lane_.attempts.back();
        if (!has_forgotten(std::max(lane_.settled_block, lane_.attempt_head))) {
            return tell(LaneMove::send, name_of(last) + " waits: the node counts only " +
                                            std::to_string(sight_.count) +
                                            " transactions of this account");
        }
        const std::uint64_t width = last.nonce - sight_.count;
        lane_.alarm = "the chain lost transactions of this account: it counts " +
                      std::to_string(sight_.count) + ", and had counted " +
                      std::to_string(last.nonce);
        if (width > kLaneGapMax) return move(LaneMove::sign, "the gap below its nonce");
        lane_.alarm += "; the hole is filled with empty transactions to ourselves";
        return move(LaneMove::fill, name_of(last) + " waits for those before it");
    }

    LaneStep pending() {
        const bool is_late = sight_.head >= lane_.attempt_head &&
                             sight_.head - lane_.attempt_head >= policy_.replace_after_blocks;
        const bool has_room = lane_.attempts.size() < kLaneAttemptsMax;
        const std::string why =
            name_of(lane_.attempts.back()) + " waits for its block after " + block_of(sight_.head);
        const bool may_replace = policy_.may_replace && is_late && has_room;
        const LaneMove next = may_replace ? LaneMove::replace : LaneMove::send;
        if (!is_late) return move(next, why);
        return tell(next, name_of(lane_.attempts.back()) + " has waited for its block since " +
                              block_of(lane_.attempt_head));
    }

    Lane lane_;
    const LaneSight& sight_;
    const LanePolicy& policy_;
};

}  // namespace

std::string alarm_of(const Lane& lane) {
    if (!lane.alarm.empty() || lane.late_looks < kLaneLateLooks) return lane.alarm;
    return "the node knows " + name_of(lane.attempts.back()) +
           ", whose nonce is used, and gives no receipt for it, " + std::to_string(kLaneLateLooks) +
           " looks in a row; it is asked again: tell the node's operator, or add the --url of "
           "another node";
}

std::string_view to_string(LaneStage stage) {
    constexpr std::array<std::string_view, kLaneStageCount> kNames = {"empty", "assigned", "sent",
                                                                      "mined", "final"};
    return kNames[static_cast<std::size_t>(stage)];
}

bool is_free(const Lane& lane, std::uint64_t size, std::uint64_t stored_size) {
    if (lane.size == 0) return true;
    return lane.stage == LaneStage::final && stored_size >= lane.size && size > lane.size;
}

Lane begin_digest(Lane lane, std::uint64_t size, const Digest& digest, std::string note) {
    FIELDSEAL_CHECK(lane.size == 0 || lane.stage == LaneStage::final);
    Lane next;
    next.chain_id = lane.chain_id;
    next.account = lane.account;
    next.size = size;
    next.digest = digest;
    next.note = std::move(note);
    next.is_used = lane.is_used;
    next.settled_count = lane.settled_count;
    next.settled_block = lane.settled_block;
    next.sealed_header = std::move(lane.sealed_header);
    next.is_sealed_gone = lane.is_sealed_gone;
    if (lane.stage == LaneStage::final) {
        next.is_used = true;
        next.settled_count = lane.attempts[lane.block.attempt].nonce + 1;
        next.settled_block = lane.block.number;
    }
    return next;
}

LaneStep look(Lane lane, const LaneSight& sight, const LanePolicy& policy) {
    FIELDSEAL_CHECK(lane.size != 0);
    FIELDSEAL_CHECK(!sight.mined || sight.mined->attempt < lane.attempts.size());
    return Look(std::move(lane), sight, policy).run();
}

Lane with_attempt(Lane lane, LaneAttempt attempt, std::uint64_t head) {
    // Only a nonce taken again and again gets here; the oldest is the least likely to be mined.
    if (lane.attempts.size() == kLaneAttemptsMax) lane.attempts.erase(lane.attempts.begin());
    lane.attempts.push_back(std::move(attempt));
    lane.attempt_head = head;
    lane.stage = LaneStage::assigned;
    lane.block = {};
    lane.taken_head = 0;
    lane.unknown_errors = 0;
    return lane;
}

Lane with_sent(Lane lane) {
    if (lane.stage == LaneStage::assigned) lane.stage = LaneStage::sent;
    lane.unknown_errors = 0;
    return lane;
}

Lane with_final(Lane lane, ByteView sealed_header) {
    FIELDSEAL_CHECK(lane.stage >= LaneStage::mined);
    lane.stage = LaneStage::final;
    lane.sealed_header = to_bytes(sealed_header);
    lane.is_sealed_gone = false;
    return lane;
}

}  // namespace fieldseal::anchor
