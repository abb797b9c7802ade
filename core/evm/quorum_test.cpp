// SPDX-License-Identifier: Apache-2.0
#include "core/evm/quorum.h"

#include "tests/support/sealed_header.h"

#include <gtest/gtest.h>

namespace fieldseal::evm {
namespace {

using testing::HeaderDraft;

TEST(Quorum, IsTwoThirdsRoundedUp) {
    const std::vector<std::size_t> needed = {0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7};
    for (std::size_t n = 0; n < needed.size(); ++n) EXPECT_EQ(quorum_of(n), needed[n]) << n;
    EXPECT_EQ(quorum_of(13), 9U);
    EXPECT_EQ(quorum_of(256), 171U);
}

TEST(HonestMinority, IsOneMoreThanMayBeFaulty) {
    const std::vector<std::size_t> needed = {1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4};
    for (std::size_t n = 0; n < needed.size(); ++n)
        EXPECT_EQ(honest_minority_of(n), needed[n]) << n;
}

class Chain : public ::testing::Test {
protected:
    HeaderDraft draft(std::span<const testing::ChainAccount> accounts, std::size_t seals) const {
        HeaderDraft made;
        made.validators = testing::addresses_of(accounts);
        made.coinbase = made.validators[0];
        made.sealers = testing::first_sealers(accounts, seals);
        return made;
    }
    static Header read(const HeaderDraft& draft) {
        return parse_header(testing::make_header(draft), draft.mode).value();
    }
    SealFinding finding(const HeaderDraft& made) const {
        return count_seals(read(made), set_).finding;
    }

    std::vector<testing::ChainAccount> validators_ = testing::make_validators(4);
    std::vector<Address> set_ = testing::addresses_of(validators_);
    testing::ChainAccount stranger_{99};
};
using CountSeals = Chain;

TEST_F(CountSeals, AQuorumOfTheSetSeals) {
    const auto count = count_seals(read(draft(validators_, 3)), set_);
    EXPECT_EQ(count.finding, SealFinding::sealed);
    EXPECT_EQ(count.seals, 3U);
    EXPECT_EQ(count.needed, 3U);
    std::vector<Address> reversed(set_.rbegin(), set_.rend());
    EXPECT_EQ(count_seals(read(draft(validators_, 4)), reversed).finding, SealFinding::sealed);
}

TEST_F(CountSeals, OneSealTooFewDoesNot) {
    EXPECT_EQ(finding(draft(validators_, 2)), SealFinding::too_few_seals);
    EXPECT_EQ(finding(draft(validators_, 0)), SealFinding::too_few_seals);
    EXPECT_EQ(count_seals(read(draft(validators_, 2)), set_).seals, 2U);
}

TEST_F(CountSeals, AStrangersSealOrASecondOneSpoilsTheHeader) {
    HeaderDraft made = draft(validators_, 3);
    made.sealers.push_back(&stranger_);
    EXPECT_EQ(finding(made), SealFinding::foreign_seal);
    made.sealers.back() = &validators_[0];
    EXPECT_EQ(finding(made), SealFinding::duplicate_seal);
}

TEST_F(CountSeals, TheHeaderListsTheSet) {
    const auto five = testing::make_validators(5);
    HeaderDraft made = draft(five, 4);
    EXPECT_EQ(finding(made), SealFinding::wrong_set);
    made.validators.clear();
    made.sealers = testing::first_sealers(validators_, 3);
    EXPECT_EQ(finding(made), SealFinding::sealed);  // validators in a contract: the seals decide
    EXPECT_EQ(count_seals(read(made), {}).finding, SealFinding::wrong_set);
}

TEST_F(CountSeals, BlockZeroIsNeverSealed) {
    HeaderDraft made = draft(validators_, 4);
    made.number = 0;
    EXPECT_NE(finding(made), SealFinding::sealed);
}

using HandsOver = Chain;

TEST_F(HandsOver, AQuorumOfTheOldSetVouchesForTheNew) {
    auto next = validators_;
    next.push_back(stranger_);
    std::sort(next.begin(), next.end(),
              [](const auto& a, const auto& b) { return a.address() < b.address(); });
    HeaderDraft made = draft(next, 5);
    EXPECT_TRUE(hands_over(read(made), set_));
    made.sealers = testing::first_sealers(validators_, 3);
    made.sealers.push_back(&stranger_);
    EXPECT_TRUE(hands_over(read(made), set_));
}

TEST_F(HandsOver, NotWithTooFewOfEitherSet) {
    auto next = validators_;
    next.push_back(stranger_);
    std::sort(next.begin(), next.end(),
              [](const auto& a, const auto& b) { return a.address() < b.address(); });
    HeaderDraft made = draft(next, 5);
    made.sealers = testing::first_sealers(validators_, 3);  // a quorum of the old set alone
    EXPECT_FALSE(hands_over(read(made), set_));
    made.sealers = testing::first_sealers(validators_, 4);
    EXPECT_TRUE(hands_over(read(made), set_));

    const std::vector<testing::ChainAccount> strangers = {stranger_};  // 1 of 1 sealed
    EXPECT_FALSE(hands_over(read(draft(strangers, 1)), set_));
    EXPECT_FALSE(hands_over(read(draft(validators_, 4)), {}));
    HeaderDraft silent = draft(validators_, 4);
    silent.validators.clear();  // names no set to hand over to
    EXPECT_FALSE(hands_over(read(silent), set_));
}

class HardenedTime : public Chain {
protected:
    struct Step {
        std::size_t proposer;
        std::uint32_t round = 0;
    };
    // Block 100 by `first`, and one block per step; block 100 + k has the time 1000 + 10 k.
    void make_chain(std::size_t first, std::initializer_list<Step> steps, Mode mode = Mode::qbft) {
        headers_.clear();
        add({first}, mode);
        for (const Step& step : steps) add(step, mode);
    }
    void add(const Step& step, Mode mode) {
        HeaderDraft made = draft(validators_, 3);
        made.mode = mode;
        made.number = 100 + headers_.size();
        made.timestamp = 1000 + 10 * headers_.size();
        made.coinbase = set_.at(step.proposer);
        made.round = step.round;
        if (!headers_.empty()) made.parent_hash = headers_.back().block_hash;
        headers_.push_back(read(made));
    }
    std::optional<std::uint64_t> bound() const {
        return hardened_time(headers_.front(), std::span(headers_).subspan(1), set_);
    }
    std::vector<Header> headers_;
};

TEST_F(HardenedTime, TakesTwoProposersInTurnOfFour) {
    for (const Mode mode : {Mode::qbft, Mode::ibft2}) {
        make_chain(0, {{1}, {2}}, mode);
        EXPECT_EQ(bound(), 1020 + kProposerRounding_s);
        make_chain(2, {{3}, {0}, {1}}, mode);  // the turn goes round; the third is not needed
        EXPECT_EQ(bound(), 1020 + kProposerRounding_s);
    }
}

TEST_F(HardenedTime, IsNotReachedByOneProposer) {
    make_chain(0, {{1}});
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {});
    EXPECT_FALSE(bound().has_value());
}

// A faulty proposer may write another member's name into its block (IBFT 2.0 does not compare).
TEST_F(HardenedTime, DoesNotCountACoinbaseOutOfTurn) {
    make_chain(0, {{1}, {3}, {3}});
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {{1}, {1}, {1}});  // one proposer, again and again
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {{1}, {3}, {0}});  // the third follows the second's word: its own turn
    EXPECT_EQ(bound(), 1030 + kProposerRounding_s);
}

// A block of a later round may be one that was made, and dated, in an earlier round.
TEST_F(HardenedTime, DoesNotCountLaterRounds) {
    make_chain(0, {{1, 0}, {2, 1}});
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {{1, 0}, {3, 1}, {0, 0}});
    EXPECT_EQ(bound(), 1030 + kProposerRounding_s);
}

TEST_F(HardenedTime, NeedsHeadersThatFollowEachOther) {
    make_chain(0, {{1}, {2}});
    std::swap(headers_[1], headers_[2]);
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {{1}, {2}});
    headers_[2].parent_hash[0] ^= 1;
    EXPECT_FALSE(bound().has_value());
    make_chain(0, {{1}, {2}});
    headers_.erase(headers_.begin() + 1);
    EXPECT_FALSE(bound().has_value());
}

TEST_F(HardenedTime, AnswersForASetOfOne) {
    validators_ = testing::make_validators(1);
    set_ = testing::addresses_of(validators_);
    HeaderDraft made = draft(validators_, 1);
    const Header first = read(made);
    made.number = 2;
    made.timestamp += 5;
    made.parent_hash = first.block_hash;
    const std::vector<Header> later = {read(made)};
    EXPECT_EQ(hardened_time(first, later, set_), made.timestamp + kProposerRounding_s);
    EXPECT_FALSE(hardened_time(first, later, {}).has_value());
}

}  // namespace
}  // namespace fieldseal::evm
