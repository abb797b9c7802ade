// SPDX-License-Identifier: Apache-2.0
#include "anchor/evm/lane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace fieldseal::anchor {
namespace {

// A transaction of the model: its hash says all that matters.
struct ModelTx {
    std::uint64_t nonce = 0;
    Digest hash{};
    bool is_foreign = false;
};

// One account's view of a chain with a pool, as far as a lane can tell chains apart.
class ModelChain {
public:
    void send(const LaneAttempt& attempt) { pool_[attempt.nonce] = {attempt.nonce, attempt.hash}; }
    void drop_pool() { pool_.clear(); }
    void use_nonce_elsewhere() { pool_[count()] = {count(), Digest{0xFF}, true}; }
    void mine() {
        std::vector<ModelTx> block;
        std::uint64_t next = count();
        while (pool_.contains(next)) {
            block.push_back(pool_[next]);
            pool_.erase(next++);
        }
        blocks_.push_back(block);
    }
    // The newest `depth` blocks never were; what they held is not back in the pool.
    void reorg(std::size_t depth) {
        blocks_.resize(blocks_.size() - std::min(depth, blocks_.size()));
        ++salt_;
        for (std::size_t i = 0; i < depth; ++i) blocks_.emplace_back();
    }

    std::uint64_t head() const { return blocks_.size(); }
    std::uint64_t count() const {
        std::uint64_t sum = 0;
        for (const auto& block : blocks_) sum += block.size();
        return sum;
    }
    LaneSight sight_of(const Lane& lane) const {
        LaneSight sight{head(), count(), {}};
        for (std::uint32_t i = 0; i < lane.attempts.size(); ++i) {
            if (const auto number = block_of(lane.attempts[i].hash)) {
                sight.mined = LaneBlock{i, *number, hash_of(*number)};
            }
        }
        return sight;
    }
    std::size_t times_mined(const std::set<Digest>& hashes) const {
        std::size_t times = 0;
        for (const auto& block : blocks_) {
            for (const ModelTx& tx : block) times += hashes.contains(tx.hash) ? 1 : 0;
        }
        return times;
    }

private:
    std::optional<std::uint64_t> block_of(const Digest& hash) const {
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            for (const ModelTx& tx : blocks_[i]) {
                if (tx.hash == hash) return i + 1;
            }
        }
        return {};
    }
    Digest hash_of(std::uint64_t number) const {
        return {static_cast<std::uint8_t>(number), salt_};
    }

    std::map<std::uint64_t, ModelTx> pool_;
    std::vector<std::vector<ModelTx>> blocks_;
    std::uint8_t salt_ = 0;
};

// What evm_target does, with a row that survives and a crash before any effect one likes.
class Office {
public:
    explicit Office(ModelChain& chain) : chain_(chain) { row_ = encode_lane(Lane{}); }

    LanePolicy policy;
    int crash_before = -1;  // effect number; -1 = never

    Lane lane() const { return *decode_lane(row_); }
    std::set<Digest> signed_hashes(std::uint64_t size) { return signed_[size]; }
    int effects() const { return effects_; }

    // One submit() of checkpoint `size`; true when that digest, or an older one, was anchored.
    bool submit(std::uint64_t size) {
        Lane lane = *decode_lane(row_);
        if (is_free(lane, size, stored_size_)) {
            lane = begin_digest(std::move(lane), size, Digest{static_cast<std::uint8_t>(size)},
                                "note\n");
        }
        const LaneSight sight = chain_.sight_of(lane);
        LaneStep step = look(std::move(lane), sight, policy);
        last_move = step.move;
        switch (step.move) {
            case LaneMove::sign:
                return sign(std::move(step.lane), step.nonce);
            case LaneMove::replace:
                return sign(step.lane, step.lane.attempts.back().nonce);
            case LaneMove::fill:
                for (std::uint64_t n = step.nonce; n < step.lane.attempts.back().nonce; ++n) {
                    chain_.send({n, 0, 0, Digest{0xEE, static_cast<std::uint8_t>(n)}, {}});
                }
                return save(step.lane) && send(step.lane);
            case LaneMove::send:
                return save(step.lane) && send(step.lane);
            case LaneMove::wait:
                save(step.lane);
                return false;
            case LaneMove::capture:
                return finish(with_final(std::move(step.lane), Bytes{0xC0}));
        }
        return false;
    }

    LaneMove last_move = LaneMove::wait;

private:
    bool effect() { return effects_++ != crash_before; }
    bool save(const Lane& lane) {
        if (!effect()) return false;
        row_ = encode_lane(lane);
        return true;
    }
    bool send(const Lane& lane) {
        if (!effect()) return false;
        chain_.send(lane.attempts.back());
        save(with_sent(lane));
        return false;
    }
    bool sign(Lane lane, std::uint64_t nonce) {
        LaneAttempt attempt;
        attempt.nonce = nonce;
        attempt.hash = {static_cast<std::uint8_t>(lane.size), static_cast<std::uint8_t>(nonce),
                        ++signatures_};
        attempt.raw = {0x02};
        lane = with_attempt(std::move(lane), attempt, chain_.head());
        if (!save(lane)) return false;
        signed_[lane.size].insert(attempt.hash);  // what never was saved never leaves the process
        return send(lane);
    }
    // The worker stores the pieces after submit() has returned: that may fail as well.
    bool finish(const Lane& lane) {
        if (!save(lane) || !effect()) return false;
        stored_size_ = lane.size;
        return true;
    }

    ModelChain& chain_;
    Bytes row_;
    std::uint64_t stored_size_ = 0;
    std::map<std::uint64_t, std::set<Digest>> signed_;
    std::uint8_t signatures_ = 0;
    int effects_ = 0;
};

void anchor(Office& office, ModelChain& chain, std::uint64_t size) {
    for (int turn = 0; turn < 60; ++turn) {
        if (office.submit(size) && office.lane().size == size) return;
        chain.mine();
    }
    ADD_FAILURE() << "checkpoint " << size << " is not anchored";
}

TEST(Lane, AnchorsOneDigestAfterTheOther) {
    ModelChain chain;
    Office office(chain);
    for (std::uint64_t size = 1; size <= 5; ++size) {
        anchor(office, chain, size);
        EXPECT_EQ(chain.times_mined(office.signed_hashes(size)), 1U);
        EXPECT_EQ(office.signed_hashes(size).size(), 1U);
        EXPECT_EQ(office.lane().stage, LaneStage::final);
        EXPECT_EQ(office.lane().alarm, "");
    }
    EXPECT_EQ(office.lane().settled_count, 4U) << "of the digests before this one";
}

TEST(Lane, AnchorsExactlyOnceWhereverItCrashes) {
    for (int crash = 0; crash < 40; ++crash) {
        ModelChain chain;
        Office office(chain);
        office.crash_before = crash;
        anchor(office, chain, 1);
        anchor(office, chain, 2);
        for (const std::uint64_t size : {1U, 2U}) {
            EXPECT_EQ(chain.times_mined(office.signed_hashes(size)), 1U) << crash;
        }
        EXPECT_EQ(chain.count(), 2U) << crash;
    }
}

TEST(Lane, RecordsTheBytesBeforeItSendsThem) {
    ModelChain chain;
    Office office(chain);
    office.crash_before = 1;  // after the row, before the node
    EXPECT_FALSE(office.submit(1));
    ASSERT_EQ(office.lane().stage, LaneStage::assigned);
    const Bytes raw = office.lane().attempts.back().raw;
    EXPECT_FALSE(office.submit(1));
    EXPECT_EQ(office.last_move, LaneMove::send);
    EXPECT_EQ(office.lane().attempts.size(), 1U) << "the same bytes, nothing signed again";
    EXPECT_EQ(office.lane().attempts.back().raw, raw);
}

TEST(Lane, FinishesTheOlderDigestBeforeANewerOneStarts) {
    ModelChain chain;
    Office office(chain);
    office.submit(1);
    chain.mine();
    EXPECT_TRUE(office.submit(9));
    EXPECT_EQ(office.lane().size, 1U);
    anchor(office, chain, 9);
    EXPECT_EQ(chain.count(), 2U);
}

TEST(Lane, GivesTheAnchorAgainUntilItIsStored) {
    ModelChain chain;
    Office office(chain);
    office.submit(1);
    chain.mine();
    office.crash_before = office.effects() + 1;  // the lane is final, the pieces are lost
    EXPECT_FALSE(office.submit(1));
    ASSERT_EQ(office.lane().stage, LaneStage::final);
    EXPECT_TRUE(office.submit(2));
    EXPECT_EQ(office.lane().size, 1U);
    EXPECT_EQ(chain.count(), 1U);
}

TEST(Lane, NeverSignsOneCheckpointTwice) {
    ModelChain chain;
    Office office(chain);
    anchor(office, chain, 2);
    for (const std::uint64_t size : {2U, 1U, 2U}) {
        EXPECT_TRUE(office.submit(size)) << "the anchor it has";
        EXPECT_EQ(office.last_move, LaneMove::capture);
    }
    EXPECT_EQ(chain.count(), 1U);
}

TEST(Lane, SendsTheSameBytesAgainWhenThePoolForgotThem) {
    ModelChain chain;
    Office office(chain);
    office.submit(1);
    for (int times = 0; times < 5; ++times) {
        chain.drop_pool();
        chain.mine();
        EXPECT_FALSE(office.submit(1));
        EXPECT_EQ(office.last_move, LaneMove::send);
    }
    anchor(office, chain, 1);
    EXPECT_EQ(office.signed_hashes(1).size(), 1U);
    EXPECT_EQ(chain.count(), 1U);
}

TEST(Lane, SendsAgainWhenAReorganisationTookItsBlock) {
    ModelChain chain;
    Office office(chain);
    office.policy.seals_are_final = false;
    office.policy.confirmations = 3;
    office.submit(1);
    chain.mine();
    EXPECT_FALSE(office.submit(1));
    ASSERT_EQ(office.lane().stage, LaneStage::mined);
    chain.reorg(1);
    EXPECT_FALSE(office.submit(1));
    EXPECT_EQ(office.last_move, LaneMove::send);
    EXPECT_EQ(office.lane().stage, LaneStage::sent);
    anchor(office, chain, 1);
    EXPECT_EQ(chain.count(), 1U);
    EXPECT_GE(chain.head() - office.lane().block.number, 3U);
}

TEST(Lane, FollowsItsTransactionIntoAnotherBlock) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_attempt(std::move(lane), {0, 0, 0, Digest{7}, {2}}, 3);
    const LanePolicy plain{false, 5, false, 10};
    LaneStep step = look(lane, {5, 1, LaneBlock{0, 4, Digest{0xA}}}, plain);
    EXPECT_EQ(step.move, LaneMove::wait);
    step = look(step.lane, {9, 1, LaneBlock{0, 5, Digest{0xB}}}, plain);
    EXPECT_EQ(step.lane.block.hash, Digest{0xB});
    EXPECT_EQ(step.move, LaneMove::wait) << "counted from the new block";
    step = look(step.lane, {10, 1, LaneBlock{0, 5, Digest{0xB}}}, plain);
    EXPECT_EQ(step.move, LaneMove::capture);
}

TEST(Lane, TakesAFreshNonceWhenSomebodyElseUsedIts) {
    ModelChain chain;
    Office office(chain);
    office.submit(1);
    chain.drop_pool();
    chain.use_nonce_elsewhere();
    chain.mine();
    EXPECT_FALSE(office.submit(1));
    for (std::uint64_t block = 0; block < kLaneTakenBlocks; ++block) {
        EXPECT_FALSE(office.submit(1));
        EXPECT_EQ(office.last_move, LaneMove::wait) << "looks without blocks are not enough";
        EXPECT_EQ(office.lane().alarm, "");
        chain.mine();
    }
    EXPECT_FALSE(office.submit(1));
    EXPECT_EQ(office.last_move, LaneMove::sign);
    EXPECT_NE(office.lane().alarm.find("foreign"), std::string::npos);
    EXPECT_EQ(office.lane().attempts.size(), 2U) << "the old hash stays known";
    anchor(office, chain, 1);
    EXPECT_EQ(chain.times_mined(office.signed_hashes(1)), 1U);
    anchor(office, chain, 2);
    EXPECT_EQ(office.lane().alarm, "");
}

TEST(Lane, BelievesThatANonceIsTakenOnlyAfterBlocksThatAllSaySo) {
    struct Look {
        LaneSight sight;
        LaneMove move;
    };
    constexpr auto kWait = LaneMove::wait;
    constexpr auto kSign = LaneMove::sign;
    const LaneBlock mined{0, 101, Digest{9}};
    const struct {
        const char* name;
        std::vector<Look> looks;
    } cases[] = {
        {"block by block",
         {{{101, 6, {}}, kWait},
          {{102, 6, {}}, kWait},
          {{103, 6, {}}, kWait},
          {{104, 6, {}}, kSign}}},
        {"at once", {{{101, 6, {}}, kWait}, {{900, 6, {}}, kSign}}},
        {"many looks, no block",
         {{{101, 6, {}}, kWait}, {{101, 6, {}}, kWait}, {{101, 6, {}}, kWait}}},
        {"another node, behind",
         {{{101, 6, {}}, kWait}, {{90, 6, {}}, kWait}, {{92, 6, {}}, kWait}}},
        {"a head far ahead that was a lie",
         {{{1'000'000, 6, {}}, kWait}, {{101, 6, {}}, kWait}, {{104, 6, {}}, kSign}}},
        {"a node that counts less starts it anew",
         {{{101, 6, {}}, kWait},
          {{101, 5, {}}, LaneMove::send},
          {{104, 6, {}}, kWait},
          {{106, 6, {}}, kWait},
          {{107, 6, {}}, kSign}}},
        {"receipts are late", {{{101, 6, {}}, kWait}, {{102, 6, mined}, LaneMove::capture}}},
        {"the node knows ours all the time",
         {{{101, 6, {}, true}, kWait},
          {{110, 6, {}, true}, kWait},
          {{999, 6, mined}, LaneMove::capture}}},
        {"the node forgets ours",
         {{{101, 6, {}, true}, kWait}, {{110, 6, {}}, kWait}, {{113, 6, {}}, kSign}}},
        {"no block at all",
         {{{0, 6, {}}, kWait}, {{0, 6, {}}, kWait}, {{5, 6, {}}, kWait}, {{8, 6, {}}, kSign}}},
    };
    for (const auto& c : cases) {
        Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
        lane = with_sent(with_attempt(std::move(lane), {5, 0, 0, Digest{7}, {2}}, 100));
        for (const Look& each : c.looks) {
            const LaneStep step = look(lane, each.sight, {});
            EXPECT_EQ(step.move, each.move) << c.name << ", block " << each.sight.head;
            EXPECT_EQ(step.lane.alarm.empty(), step.move != kSign) << c.name;
            lane = *decode_lane(encode_lane(step.lane));
        }
    }
}

TEST(Lane, TellsOfAForeignTransactionBetweenTwoDigests) {
    ModelChain chain;
    Office office(chain);
    anchor(office, chain, 1);
    chain.use_nonce_elsewhere();
    chain.mine();
    office.submit(2);
    EXPECT_NE(office.lane().alarm.find("somebody else"), std::string::npos);
    EXPECT_EQ(office.lane().attempts.back().nonce, 2U);
}

TEST(Lane, TakesAnAccountWithAPastWithoutAlarm) {
    ModelChain chain;
    chain.use_nonce_elsewhere();
    chain.mine();
    Office office(chain);
    anchor(office, chain, 1);
    EXPECT_EQ(office.lane().alarm, "");
}

TEST(Lane, RaisesTheFeeOnlyWhereThatIsAllowedAndLate) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_sent(with_attempt(std::move(lane), {0, 5, 1, Digest{7}, {2}}, 100));
    const LanePolicy paid{true, 0, true, 10};
    EXPECT_EQ(look(lane, {109, 0, {}}, paid).move, LaneMove::send);
    EXPECT_EQ(look(lane, {110, 0, {}}, paid).move, LaneMove::replace);
    EXPECT_EQ(look(lane, {90, 0, {}}, paid).move, LaneMove::send) << "the node is behind";
    EXPECT_EQ(look(lane, {110, 0, {}}, LanePolicy{true, 0, false, 10}).move, LaneMove::send);
    while (lane.attempts.size() < kLaneAttemptsMax) {
        lane = with_attempt(std::move(lane), {0, 6, 1, Digest{8}, {2}}, 100);
    }
    EXPECT_EQ(look(lane, {999, 0, {}}, paid).move, LaneMove::send) << "no room for another";
}

TEST(Lane, KnowsEachHashItEverSigned) {
    ModelChain chain;
    Office office(chain);
    office.policy.may_replace = true;
    office.policy.replace_after_blocks = 1;
    office.submit(1);
    const LaneAttempt first = office.lane().attempts.front();
    chain.drop_pool();
    chain.mine();
    office.submit(1);
    ASSERT_EQ(office.last_move, LaneMove::replace);
    chain.drop_pool();
    chain.send(first);  // the first one was mined after all
    chain.mine();
    EXPECT_TRUE(office.submit(1));
    EXPECT_EQ(office.lane().block.attempt, 0U);
    EXPECT_EQ(chain.times_mined(office.signed_hashes(1)), 1U);
}

TEST(Lane, WaitsForANodeThatIsBehind) {
    ModelChain chain;
    Office office(chain);
    anchor(office, chain, 1);
    const Lane before = office.lane();
    Lane next = begin_digest(before, 2, Digest{2}, "note\n");
    const LaneStep step = look(next, {before.block.number - 1, 0, {}}, {});
    EXPECT_EQ(step.move, LaneMove::wait);
    EXPECT_EQ(step.lane.alarm, "");
    const LaneStep later = look(next, {before.block.number + kLaneForgottenBlocks, 0, {}}, {});
    EXPECT_EQ(later.move, LaneMove::sign) << "the chain has forgotten it";
    EXPECT_EQ(later.nonce, 0U);
    EXPECT_NE(later.lane.alarm.find("does not hold"), std::string::npos);
}

TEST(Lane, FillsAGapBelowItsNonceOnceTheChainHasMovedOn) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_sent(with_attempt(std::move(lane), {5, 0, 0, Digest{7}, {2}}, 100));
    EXPECT_EQ(look(lane, {101, 4, {}}, {}).move, LaneMove::send);
    const LaneStep step = look(lane, {100 + kLaneForgottenBlocks, 4, {}}, {});
    EXPECT_EQ(step.move, LaneMove::fill) << "the digest is in one transaction already";
    EXPECT_EQ(step.nonce, 4U);
    EXPECT_NE(step.lane.alarm.find("empty transactions"), std::string::npos);
}

TEST(Lane, TakesTheNextNonceBelowAGapThatNobodyCouldFill) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_sent(with_attempt(std::move(lane), {5 + kLaneGapMax, 0, 0, Digest{7}, {2}}, 100));
    EXPECT_EQ(look(lane, {100 + kLaneForgottenBlocks, 5, {}}, {}).move, LaneMove::fill);
    const LaneStep step = look(lane, {100 + kLaneForgottenBlocks, 4, {}}, {});
    EXPECT_EQ(step.move, LaneMove::sign);
    EXPECT_EQ(step.nonce, 4U);
    EXPECT_NE(step.lane.alarm, "");
}

// A node said that the chain is far ahead, and that was a lie: nothing waits for that block.
TEST(Lane, IsNotPutOffByAHeadThatNeverWas) {
    constexpr std::uint64_t kFarAhead = 1'000'000'000;
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_sent(with_attempt(std::move(lane), {5, 5, 1, Digest{7}, {2}}, kFarAhead));
    const LanePolicy paid{true, 0, true, 10};
    LaneStep step = look(lane, {100, 5, {}}, paid);
    EXPECT_EQ(step.move, LaneMove::send);
    EXPECT_EQ(look(step.lane, {110, 5, {}}, paid).move, LaneMove::replace);
    EXPECT_EQ(look(step.lane, {100 + kLaneForgottenBlocks, 4, {}}, paid).move, LaneMove::fill);
}

TEST(Lane, TellsOfAReceiptThatNeverComes) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_sent(with_attempt(std::move(lane), {5, 0, 0, Digest{7}, {2}}, 100));
    const LaneSight known{101, 6, {}, true};
    for (std::uint32_t looks = 1; looks <= 2 * kLaneLateLooks; ++looks) {
        const LaneStep step = look(lane, known, {});
        EXPECT_EQ(step.move, LaneMove::wait);
        lane = *decode_lane(encode_lane(step.lane));
        EXPECT_EQ(alarm_of(lane).empty(), looks < kLaneLateLooks) << looks;
    }
    EXPECT_NE(alarm_of(lane).find("no receipt"), std::string::npos);
    lane = look(lane, {102, 6, LaneBlock{0, 102, Digest{9}}}, {}).lane;
    EXPECT_EQ(alarm_of(lane), "") << "it came";
}

TEST(Lane, CallsALostSealedBlockAnIncident) {
    ModelChain chain;
    Office office(chain);
    office.submit(1);
    chain.mine();
    office.crash_before = office.effects() + 1;
    office.submit(1);
    ASSERT_EQ(office.lane().stage, LaneStage::final);
    chain.reorg(1);
    for (std::uint64_t block = 0; block < kLaneTakenBlocks; ++block) {
        EXPECT_FALSE(office.submit(1));
        EXPECT_EQ(office.last_move, LaneMove::wait) << "one look is one node's word";
        EXPECT_EQ(office.lane().alarm, "");
        chain.mine();
    }
    EXPECT_FALSE(office.submit(1));
    EXPECT_EQ(office.last_move, LaneMove::send);
    EXPECT_NE(office.lane().alarm.find("sealed two histories"), std::string::npos);
    EXPECT_TRUE(office.lane().is_sealed_gone);
}

// A load balancer's other node is a block behind: nobody is accused.
TEST(Lane, AccusesNobodyWhenANodeIsBehindTheFinalBlock) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_attempt(std::move(lane), {0, 0, 0, Digest{7}, {2}}, 3);
    lane = with_final(look(lane, {4, 1, LaneBlock{0, 4, Digest{0xA}}}, {}).lane, Bytes{0xC0});
    for (int looks = 0; looks < 20; ++looks) {
        LaneStep behind = look(lane, {3, 0, {}, false}, {});
        EXPECT_EQ(behind.move, LaneMove::wait);
        EXPECT_TRUE(behind.is_told);
        lane = std::move(behind.lane);
        EXPECT_EQ(lane.alarm, "");
        EXPECT_EQ(lane.stage, LaneStage::final);
    }
    // Nor does its low head hasten what a node with late receipts is believed by.
    lane = look(lane, {4, 1, {}, false}, {}).lane;
    lane = look(lane, {1, 0, {}, false}, {}).lane;
    lane = look(lane, {5, 1, {}, false}, {}).lane;
    EXPECT_EQ(lane.alarm, "");
    EXPECT_EQ(lane.stage, LaneStage::final);
    const LaneStep again = look(lane, {6, 1, LaneBlock{0, 4, Digest{0xA}}}, {});
    EXPECT_EQ(again.move, LaneMove::capture);
    EXPECT_EQ(again.lane.alarm, "");
}

TEST(Lane, CallsItAnIncidentWhenItsTransactionIsInAnotherSealedBlock) {
    Lane lane = begin_digest(Lane{}, 1, Digest{1}, "note\n");
    lane = with_attempt(std::move(lane), {0, 0, 0, Digest{7}, {2}}, 3);
    lane = with_final(look(lane, {4, 1, LaneBlock{0, 4, Digest{0xA}}}, {}).lane, Bytes{0xC0});
    const LaneStep same = look(lane, {5, 1, LaneBlock{0, 4, Digest{0xA}}}, {});
    EXPECT_EQ(same.lane.alarm, "");
    const LaneStep other = look(lane, {5, 1, LaneBlock{0, 5, Digest{0xB}}}, {});
    EXPECT_NE(other.lane.alarm.find("sealed two histories"), std::string::npos);
    EXPECT_TRUE(other.lane.is_sealed_gone);
    const LanePolicy plain{false, 0, false, 10};
    EXPECT_EQ(look(lane, {5, 1, LaneBlock{0, 5, Digest{0xB}}}, plain).lane.alarm, "");
}

// Crashes, lost pools and shallow reorganisations at any moment: as soon as the chain is kind for a
// while, the digest is on it exactly once.
TEST(Lane, AnchorsExactlyOnceAfterAnyPast) {
    std::uint64_t seed = 7;
    const auto random = [&seed](std::uint64_t bound) {
        seed += 0x9E3779B97F4A7C15ULL;
        const std::uint64_t mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        return (mixed ^ (mixed >> 27)) % bound;
    };
    for (int life = 0; life < 500; ++life) {
        ModelChain chain;
        Office office(chain);
        office.policy = {false, 3, random(2) == 0, 2};
        for (std::uint64_t size = 1; size <= 3; ++size) {
            for (int moment = 0; moment < 20; ++moment) {
                office.crash_before = office.effects() + static_cast<int>(random(5));
                if (office.submit(size) && office.lane().size == size) break;
                if (random(4) == 0) chain.drop_pool();
                if (random(4) == 0) chain.reorg(1 + random(2));
                if (random(2) == 0) chain.mine();
            }
            office.crash_before = -1;
            anchor(office, chain, size);
            EXPECT_EQ(chain.times_mined(office.signed_hashes(size)), 1U) << "life " << life;
        }
        EXPECT_EQ(chain.count(), 3U) << "life " << life;
        ASSERT_FALSE(HasFailure());
    }
}

}  // namespace
}  // namespace fieldseal::anchor
